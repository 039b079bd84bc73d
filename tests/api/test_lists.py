"""Lists of jobs: filters, pages, and streams of long ones."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import Connection

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.definitions import JobDefaults, JobFields, define_job
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import Page, PageRequest
from ndscheduler.server.handlers.lists import ListHandler
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import NONE_JOB, Api, serving

MANY = 2500


@pytest.fixture(scope="module")
def long_list(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server with more jobs than one part of a stream holds."""
    with serving(tmp_path_factory.mktemp("lists")) as api:
        _add_jobs(api, MANY)
        yield api


def _add_jobs(api: Api, count: int) -> None:
    """Adds them in one transaction: by REST it takes seconds."""
    datastore = api.server.scheduler_manager.get_datastore()
    now = utc_now()

    def work(connection: Connection) -> None:
        for number in range(count):
            given = JobFields(
                name=f"job {number}",
                job_class_string=NONE_JOB,
                trigger={"type": "cron", "month": "12", "day": "31", "minute": str(number % 60)},
                description="x" * 500,
            )
            job = define_job(given, JobDefaults(), now, new_id())
            datastore.jobs.insert(connection, job)

    datastore.write(work)


def test_a_long_list_is_whole_and_in_order(long_list: Api) -> None:
    answer = long_list.get("/api/v1/jobs")

    jobs = answer.json()["jobs"]
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert len({job["job_id"] for job in jobs}) == len(jobs) == MANY
    times = [job["next_run_time"] for job in jobs]
    assert times == sorted(times)


def test_pages_together_are_the_whole_list(long_list: Api) -> None:
    seen: list[str] = []
    path = "/api/v1/jobs?limit=1000"
    while path:
        page = long_list.get(path).json()
        seen += [job["job_id"] for job in page["jobs"]]
        path = page["next_cursor"] and f"/api/v1/jobs?limit=1000&cursor={page['next_cursor']}"

    assert len(set(seen)) == len(seen) == MANY
    assert page["total"] == MANY


def test_a_client_that_goes_away_in_the_middle_harms_nobody(long_list: Api) -> None:
    with requests.get(long_list.url + "/api/v1/jobs", stream=True, timeout=30) as answer:
        next(answer.iter_content(1000))

    assert long_list.get("/api/v1/jobs?limit=1").status_code == 200


def test_head_of_a_long_list_has_no_body(long_list: Api) -> None:
    answer = long_list.call("HEAD", "/api/v1/jobs")

    assert answer.status_code == 200
    assert answer.content == b""


def test_a_slow_reader_does_not_hold_up_writers(long_list: Api) -> None:
    host, port = long_list.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")

        job_id = long_list.add_job(name="added meanwhile")

    assert long_list.call("DELETE", f"/api/v1/jobs/{job_id}").status_code == 200


def test_a_job_that_moves_while_the_list_is_sent_is_sent_once(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        _add_jobs(api, 1500)
        with requests.get(api.url + "/api/v1/jobs", stream=True, timeout=30) as answer:
            content = answer.iter_content(100_000)
            start = next(content)
            first = json.loads(
                b"[" + start.partition(b'"jobs":[')[2].split(b'},{"job_id"')[0] + b"}]"
            )
            api.call("PATCH", f"/api/v1/jobs/{first[0]['job_id']}")
            jobs = json.loads(start + b"".join(content))["jobs"]

    assert len({job["job_id"] for job in jobs}) == len(jobs) == 1500


def test_jobs_are_filtered_by_words_tag_class_and_pause(api: Api) -> None:
    one = api.add_job(name="filter me", tags=["green", "round"])
    two = api.add_job(name="filter me too", tags=["green"])
    api.call("PATCH", f"/api/v1/jobs/{two}")

    def ids(query: str) -> set[str]:
        return {job["job_id"] for job in api.get(f"/api/v1/jobs?{query}").json()["jobs"]}

    assert ids("q=FILTER%20me") == {one, two}
    assert ids("q=filter&paused=true") == {two}
    assert ids("q=filter&paused=0") == {one}
    assert ids("tag=green") == {one, two}
    assert ids("tag=green&tag=round") == {one}
    assert ids("q=filter&job_class_string=no.such.Class") == set()
    assert ids("q=100%25") == set()


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1e3",
        "cursor=nonsense",
        "cursor=W10",
        "paused=perhaps",
    ],
)
def test_a_bad_parameter_is_refused_by_name(api: Api, query: str) -> None:
    answer = api.get(f"/api/v1/jobs?{query}")

    assert answer.status_code == 400
    assert answer.json()["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    "forged", [[0, 5, "\x00"], [0, 5, "\ud800"], [0, True, "x"], [[], 5, "x"], [0, 10**30, "x"], {}]
)
def test_a_forged_cursor_is_refused(api: Api, forged: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()

    for path in ("jobs", "executions", "logs"):
        answer = api.get(f"/api/v1/{path}?cursor={cursor}")

        assert answer.status_code == 400
        assert answer.json()["field"] == "cursor"


class HalfListHandler(ListHandler):
    """Fails on the second part of its list."""

    def fetch(self, request: PageRequest) -> Page[int]:
        if request.cursor:
            raise RuntimeError("the database went away")
        return Page([1, 2, 3], next_cursor="more")

    async def get(self) -> None:
        await self.write_list("rows", self.fetch, lambda row: {"id": row}, id_key="id")


def test_a_list_that_can_not_be_finished_is_cut_not_closed(tmp_path: Path) -> None:
    class HalfServer(SchedulerServer):
        def __init__(self, scheduler_instance: SchedulerManager) -> None:
            super().__init__(scheduler_instance)
            self.application.add_handlers(".*", [(r"/half", HalfListHandler)])

    with serving(tmp_path, HalfServer) as api:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            api.get("/half")
        assert api.get("/healthz").status_code == 200


def test_unknown_parameters_are_ignored(api: Api) -> None:
    assert api.get("/api/v1/jobs?colour=red&_=123").status_code == 200
