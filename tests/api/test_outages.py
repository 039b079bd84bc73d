"""The server while its database refuses, stands still or is locked, and afterwards."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import requests

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.datastore.transactor import Connection
from tests.api.api_server import Api, serving, wait_for
from tests.api.sse import Listener
from tests.chaos.proxy import Proxy
from tests.databases import db_config, drop_tables, make_datastore, table_names
from tests.factories import a_job

on_servers = pytest.mark.parametrize(
    "kind",
    [
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ],
    indirect=True,
)
AWAY = "The database does not answer."
EVERY_SECOND = {"type": "interval", "seconds": 1}


@dataclass
class Far:
    """A server, and the proxy between it and its database."""

    api: Api
    proxy: Proxy

    def lose_database(self, mode: str) -> None:
        """Fail in this way until the server has noticed."""
        self.proxy.mode = mode
        wait_for(lambda: self.api.get("/readyz").json() == {"error": AWAY})


@pytest.fixture
def far(kind: str, prefix: str, tmp_path: Path) -> Iterator[Far]:
    """A server whose database is reached through a proxy."""
    config = db_config(kind, tmp_path)
    with Proxy(str(config["hostname"]), int(config["port"])) as proxy:
        changes = {
            "DATABASE_CLASS": kind,
            "DATABASE_CONFIG_DICT": {**config, "hostname": "127.0.0.1", "port": proxy.port},
            "DATABASE_TABLENAMES": table_names(prefix),
        }
        with serving(tmp_path, **changes) as api:
            yield Far(api, proxy)
            proxy.mode = "pass"
        with closing(make_datastore(kind, prefix, tmp_path)) as datastore:
            drop_tables(datastore)


def seconds_of(answer: requests.Response) -> float:
    """How long the server took until the headers of its answer came."""
    return answer.elapsed.total_seconds()


@on_servers
def test_requests_that_wait_when_the_database_hangs_are_answered_within_2_seconds(
    far: Far,
) -> None:
    far.proxy.mode = "hang"
    answers: list[requests.Response] = []

    def ask(method: str, path: str) -> None:
        answers.append(requests.request(method, far.api.url + path, timeout=30))

    asking = [("GET", "/api/v1/jobs")] * 20 + [("DELETE", "/api/v1/jobs/x")]
    threads = [threading.Thread(target=ask, args=each) for each in asking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {503}
    assert max(seconds_of(answer) for answer in answers) < 2
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    sentences = {answer.request.method: answer.json()["error"] for answer in answers}
    assert "try again" in sentences["GET"]


@on_servers
@pytest.mark.parametrize("mode", ["hang", "refuse"])
def test_while_the_database_is_away_every_answer_comes_at_once(far: Far, mode: str) -> None:
    far.lose_database(mode)

    ready, alive = far.api.get("/readyz"), far.api.get("/healthz")
    jobs, page = far.api.get("/api/v1/jobs"), far.api.get("/")

    assert (ready.status_code, ready.json()) == (503, {"error": AWAY})
    assert (alive.status_code, jobs.status_code, page.status_code) == (200, 503, 200)
    assert jobs.json() == {"error": "The database does not answer now; try again soon."}
    # Not less, since this machine has other work as well.
    assert max(seconds_of(answer) for answer in (ready, alive, jobs)) < 0.5


@on_servers
def test_a_change_whose_commit_was_not_answered_says_that_its_outcome_is_not_known(
    far: Far,
) -> None:
    job_id = far.api.add_job()
    far.proxy.mode = "cut_on_commit"

    answer = far.api.call("DELETE", f"/api/v1/jobs/{job_id}")

    assert answer.status_code == 503
    assert "whether the change took effect is not known" in answer.json()["error"]


@on_servers
def test_a_list_on_its_way_is_cut_when_the_database_goes_away(far: Far) -> None:
    datastore = far.api.server.scheduler_manager.get_datastore()
    # The first page of 1000 is more than the buffers of both sides hold.
    long = "x" * 10_000

    def insert(connection: Connection) -> None:
        for _ in range(100):
            datastore.jobs.insert(connection, a_job(description=long, next_fire=None))

    for _ in range(11):
        datastore.loop.write(insert)
    answer = far.api.get("/api/v1/jobs", stream=True)
    parts = answer.iter_content(65536)
    next(parts)

    far.lose_database("hang")

    with pytest.raises(requests.exceptions.RequestException):
        deque(parts)


@on_servers
@pytest.mark.parametrize("mode", ["hang", "drop", "refuse"])
def test_jobs_fire_again_soon_after_the_return_of_the_database(far: Far, mode: str) -> None:
    job_id = far.api.add_job(trigger=EVERY_SECOND)
    path = f"/api/v1/executions?job_id={job_id}&limit=100"

    def started() -> list[datetime]:
        answer = far.api.get(path)
        rows = answer.json()["executions"] if answer.status_code == 200 else []
        times = [row["started_time"] for row in rows if row["started_time"]]
        return sorted(datetime.fromisoformat(t.replace("Z", "+00:00")) for t in times)

    wait_for(started)
    far.lose_database(mode)
    threading.Event().wait(2.5)
    back = utc_now()
    far.proxy.mode = "pass"
    wait_for(lambda: any(instant > back for instant in started()))

    first = next(instant for instant in started() if instant > back)
    # 2 seconds, and what a busy machine adds.
    assert (first - back).total_seconds() < 3.5


def test_a_locked_file_is_503_within_2_seconds_for_changes_and_can_be_read(
    fresh_api: Api, tmp_path: Path
) -> None:
    job_id = fresh_api.add_job()
    with closing(sqlite3.connect(tmp_path / "datastore.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = fresh_api.call("PATCH", f"/api/v1/jobs/{job_id}")
        read = fresh_api.get("/api/v1/jobs")

    assert (refused.status_code, read.status_code) == (503, 200)
    assert seconds_of(refused) < 2
    assert wait_for(lambda: fresh_api.call("PATCH", f"/api/v1/jobs/{job_id}").status_code == 200)


def test_who_listens_is_told_that_the_scheduler_stands_still_while_the_file_is_locked(
    fresh_api: Api, tmp_path: Path
) -> None:
    with Listener(fresh_api.url) as listener:
        listener.event("hello")
        with closing(sqlite3.connect(tmp_path / "datastore.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            told = listener.event("scheduler")
            with Listener(fresh_api.url) as late:
                late_told = late.event("scheduler")

        listener.event("scheduler", lambda data: data["problem"] is None)

    assert told["problem"] == late_told["problem"] != ""
    assert "trouble" not in [event.name for event in listener.events]
