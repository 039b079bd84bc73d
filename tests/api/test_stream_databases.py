"""The stream of changes on every database: what others do, late commits, crowds and outages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution
from tests.api.api_server import Api, serving
from tests.api.sse import Listener
from tests.chaos.held_jobs import GATE
from tests.chaos.processes import Server
from tests.chaos.proxy import Proxy
from tests.databases import db_config, drop_tables, make_datastore, table_names
from tests.factories import NOON, a_job, an_execution

HELD = "tests.chaos.held_jobs.HeldJob"
# Nobody runs what waits for this executor.
NOBODY = "nobody"
LATE_SECONDS = 5.0

MISSED = ExecutionState.MISSED


@pytest.fixture
def api(kind: str, prefix: str, tmp_path: Path, datastore: DatastoreBase) -> Iterator[Api]:
    """A server on a database of this kind, which `datastore` uses as well."""
    changes = {
        "DATABASE_CLASS": kind,
        "DATABASE_CONFIG_DICT": db_config(kind, tmp_path),
        "DATABASE_TABLENAMES": table_names(prefix),
    }
    with serving(tmp_path, **changes) as api:
        yield api


@pytest.fixture
def listener(api: Api) -> Iterator[Listener]:
    """A client that has been greeted."""
    with Listener(api.url) as opened:
        opened.event("hello")
        yield opened


def missed(**fields: Any) -> Execution:
    """An execution that was over when it came to be, long ago by its own times."""
    return an_execution(a_job(), **{"state": MISSED, "fire_time": None, **fields})


def test_what_one_process_does_is_told_by_another(
    kind: str, prefix: str, tmp_path: Path, datastore: DatastoreBase
) -> None:
    settings = {"JOB_CLASS_PACKAGES": ["tests.chaos.held_jobs"]}
    tables = table_names(prefix)
    first, second = (
        Server(kind, db_config(kind, tmp_path), tables, tmp_path / f"{name}.log", settings)
        for name in ("first", "second")
    )
    with ExitStack() as kept:
        for server in (first, second):
            kept.callback(server.stop)
            server.start()
        here, there = (
            kept.enter_context(Listener(f"http://127.0.0.1:{server.port}"))
            for server in (first, second)
        )
        for listener in (here, there):
            listener.event("hello")
        job = {"name": "shared", "job_class_string": HELD, "month": "1"}
        job_id = second.call("POST", "/jobs", {**job, "pub_args": [str(tmp_path)]})["job_id"]
        execution_id = second.call("POST", f"/executions/{job_id}")["execution_id"]
        for listener in (here, there):
            listener.row("jobs", job_id=job_id, name="shared")
            listener.row("executions", execution_id=execution_id, state="running")
        (tmp_path / GATE).touch()
        for listener in (here, there):
            listener.row("executions", execution_id=execution_id, state="succeeded")
            listener.row("logs", job_id=job_id, event="custom_run")
        second.terminate()
        there.wait_until_over()
        here.event(
            "instances", lambda data: any(i["stopped_at"] is not None for i in data["instances"])
        )

    greetings = {listener.event("hello")["instance"] for listener in (here, there)}
    assert len(greetings) == 2
    assert there.events[-1].data == {"reason": "stopping"}


def test_what_a_transaction_that_commits_late_has_written_is_told_once(
    api: Api, listener: Listener, datastore: DatastoreBase
) -> None:
    job_id = api.add_job()
    listener.row("logs", job_id=job_id)
    entry = datastore.read(datastore.audit_logs.by_ids, [api.logs(job_id)[0]["id"]])[0]
    late_entry = replace(entry, id=new_id(), created_time=utc_now())
    # As a claim makes the row of a fire that was missed long ago.
    by_id = missed(id=new_id(), scheduled_time=NOON)
    # As a machine whose clock is wrong makes it.
    by_scheduled_time = missed(id="0" * 32, scheduled_time=utc_now())
    with datastore.loop.engine.connect() as connection, connection.begin():
        for execution in (by_id, by_scheduled_time):
            datastore.executions.insert(connection, execution)
        datastore.audit_logs.insert(connection, late_entry)
        # Several looks pass, which can not see them.
        threading.Event().wait(LATE_SECONDS)

    for execution in (by_id, by_scheduled_time):
        listener.row("executions", execution_id=execution.id, state="missed")
    listener.row("logs", id=late_entry.id)
    listener.row("logs", job_id=api.add_job())
    assert len(listener.rows("executions")) == 2
    assert len(listener.rows("logs", id=late_entry.id)) == 1


def test_the_end_of_an_execution_that_began_long_ago_is_told(
    api: Api, listener: Listener, datastore: DatastoreBase
) -> None:
    # No window holds it: its id and its times are old.
    waiting = an_execution(a_job(), id="0" * 32, executor=NOBODY)
    datastore.loop.write(datastore.executions.insert, waiting)
    listener.row("executions", execution_id=waiting.id, state="scheduled")

    datastore.loop.write(datastore.queue.skip, waiting.job_id, utc_now(), "For this test.")

    told = listener.row("executions", execution_id=waiting.id, state="skipped")
    assert told["reason"] == "For this test."


def test_many_changes_at_once_are_a_reload_and_later_ones_are_told(
    api: Api, listener: Listener, datastore: DatastoreBase
) -> None:
    rows = [missed() for _ in range(501)]
    datastore.loop.write(datastore.claims.insert_executions, rows)
    told = listener.event("reload")
    listener.row("logs", job_id=api.add_job())
    one = missed()
    datastore.loop.write(datastore.executions.insert, one)
    listener.row("executions", execution_id=one.id)

    ids = {row["execution_id"] for row in listener.rows("executions")}
    assert told["what"] == ["executions", "jobs"]
    assert ids == {one.id}


def test_up_to_the_limit_every_change_is_told(
    api: Api, listener: Listener, datastore: DatastoreBase
) -> None:
    rows = [missed() for _ in range(500)]
    datastore.loop.write(datastore.claims.insert_executions, rows)
    listener.wait_for(lambda: len(listener.rows("executions")) >= 500)

    ids = [row["execution_id"] for row in listener.rows("executions")]
    assert sorted(ids) == sorted(row.id for row in rows)
    assert list(listener.data_of("reload")) == []


def test_a_crowd_is_a_reload_until_it_has_gone(
    api: Api, listener: Listener, datastore: DatastoreBase
) -> None:
    job = a_job()
    rows = [
        an_execution(job, id=f"{n:032x}", fire_time=NOON + timedelta(seconds=n), executor=NOBODY)
        for n in range(2001)
    ]
    datastore.loop.write(datastore.claims.insert_executions, rows)
    listener.event("reload", lambda data: "executions" in data["what"])

    datastore.loop.write(datastore.queue.skip, job.id, utc_now(), "For this test.")
    before = len(list(listener.data_of("reload")))
    listener.wait_for(lambda: len(list(listener.data_of("reload"))) > before)
    execution = api.run_job(api.add_job())

    listener.row("executions", execution_id=execution["execution_id"], state="succeeded")


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ],
    indirect=True,
)
@pytest.mark.parametrize("mode", ["hang", "refuse"])
def test_an_outage_is_told_once_and_everything_is_read_again_after_it(
    kind: str, prefix: str, tmp_path: Path, mode: str
) -> None:
    config = db_config(kind, tmp_path)
    with ExitStack() as kept:
        proxy = kept.enter_context(Proxy(str(config["hostname"]), int(config["port"])))
        opened = kept.enter_context(closing(make_datastore(kind, prefix, tmp_path)))
        changes = {
            "DATABASE_CLASS": kind,
            "DATABASE_CONFIG_DICT": {**config, "hostname": "127.0.0.1", "port": proxy.port},
            "DATABASE_TABLENAMES": table_names(prefix),
        }
        with serving(tmp_path, **changes) as api, Listener(api.url) as listener:
            kept.callback(drop_tables, opened)
            listener.event("hello")
            proxy.mode = mode
            trouble = listener.event("trouble")
            with Listener(api.url) as late:
                late_trouble = late.event("trouble")
            proxy.mode = "pass"
            reload = listener.event("reload")
            job_id = api.add_job()
            listener.row("jobs", job_id=job_id)

    names = [event.name for event in listener.events]
    first = names.index("trouble")
    assert names[first : first + 3] == ["trouble", "recovered", "reload"]
    assert trouble == {"error": "The database does not answer now; try again soon."}
    assert late_trouble == trouble
    assert [event.name for event in late.events] == ["hello", "trouble"]
    assert reload["what"] == ["executions", "jobs", "logs", "instances", "stats"]
