"""kill -9 in the middle of a burst: every fire time has one row, no code is started twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.rows import execution_from
from ndscheduler.corescheduler.models import Execution
from tests.chaos.notes import Notes
from tests.chaos.processes import Server, wait_until
from tests.databases import db_config
from tests.factories import a_job

JOBS = 300
NOTED = "tests.chaos.probe_jobs.NotedJob"


@pytest.fixture
def server(datastore: DatastoreBase, kind: str, tmp_path: Path) -> Iterator[Server]:
    """A server on the datastore's tables, not started yet."""
    made = Server(kind, db_config(kind, tmp_path), datastore.table_names, tmp_path / "server.log")
    yield made
    made.stop()


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    """Where the jobs write down what they did."""
    return Notes(tmp_path / "notes")


def rows(datastore: DatastoreBase) -> list[Execution]:
    """Every execution."""
    query = select(datastore.tables.executions)
    return datastore.read(lambda c: [execution_from(row) for row in c.execute(query)])


def states(datastore: DatastoreBase) -> Counter[ExecutionState]:
    """How many executions are in each state."""
    return Counter(execution.state for execution in rows(datastore))


def add_jobs(datastore: DatastoreBase, notes: Notes, seconds: float) -> Any:
    """JOBS jobs that are due together in a second, and then not for a long while."""
    due = utc_now().replace(microsecond=0) + timedelta(seconds=1)
    trigger = f'{{"type": "date", "run_date": "{due.isoformat()}"}}'
    arguments = f'["{notes.path}", {seconds}]'
    jobs = [
        a_job(job_class_string=NOTED, trigger_json=trigger, args_json=arguments, next_fire=due)
        for _ in range(JOBS)
    ]

    def insert(connection: Any) -> None:
        for job in jobs:
            datastore.jobs.insert(connection, job)

    datastore.write(insert)
    return due


def test_kill_in_mid_burst_loses_nothing_and_starts_nothing_twice(
    datastore: DatastoreBase, server: Server, notes: Notes
) -> None:
    due = add_jobs(datastore, notes, seconds=0.02)
    server.start()
    wait_until(lambda: len(notes.executions("E")) >= JOBS // 4, 30, "a quarter of the burst")
    server.kill()
    begun = set(notes.executions("S"))

    server.start()
    wait_until(
        lambda: (
            not states(datastore)[ExecutionState.SCHEDULED]
            and len(notes.executions("E")) >= states(datastore)[ExecutionState.SUCCEEDED]
            and len(rows(datastore)) == JOBS
        ),
        60,
        "the rest of the burst",
    )

    found = rows(datastore)
    assert Counter(row.job_id for row in found).most_common(1)[0][1] == 1
    assert {row.fire_time for row in found} == {due}
    assert len(begun) < JOBS
    assert Counter(notes.executions("S")).most_common(1)[0][1] == 1


def test_what_the_killed_process_ran_becomes_interrupted_and_the_rest_runs(
    datastore: DatastoreBase, server: Server, notes: Notes
) -> None:
    add_jobs(datastore, notes, seconds=0.05)
    server.start()
    wait_until(lambda: len(notes.executions("S")) >= 20, 30, "the burst")
    server.kill()

    server.start()
    # A lease of 30 s and two looks of the reaper, 5 s apart.
    wait_until(
        lambda: sum(n for s, n in states(datastore).items() if s.is_live) == 0, 60, "the end"
    )

    counted = states(datastore)
    interrupted = [row for row in rows(datastore) if row.state is ExecutionState.INTERRUPTED]
    assert counted[ExecutionState.SUCCEEDED] + len(interrupted) == JOBS
    assert 1 <= len(interrupted) <= 8
    assert all(row.reason and "died" in row.reason for row in interrupted)
    assert all(row.pid and row.hostname and row.finished_time for row in interrupted)


def test_a_stopped_server_lets_its_executions_end_and_leaves_the_queue_to_the_next(
    datastore: DatastoreBase, server: Server, notes: Notes
) -> None:
    add_jobs(datastore, notes, seconds=0.1)
    server.start()
    wait_until(lambda: len(notes.executions("S")) >= 8, 30, "the burst")
    server.signal(signal.SIGTERM)

    status = server.wait(30)

    counted = states(datastore)
    assert status == 0
    assert counted[ExecutionState.SUCCEEDED] == len(notes.executions("E"))
    assert set(counted) <= {ExecutionState.SUCCEEDED, ExecutionState.SCHEDULED}

    server.start()
    wait_until(lambda: states(datastore)[ExecutionState.SUCCEEDED] == JOBS, 60, "the rest")


def test_history_is_unchanged_by_a_restart(
    datastore: DatastoreBase, server: Server, notes: Notes
) -> None:
    add_jobs(datastore, notes, seconds=0.0)
    server.start()
    wait_until(lambda: states(datastore)[ExecutionState.SUCCEEDED] == JOBS, 60, "the burst")
    before = {row.id: row for row in rows(datastore)}
    server.kill()

    server.start()
    server.call("GET", "/jobs")

    assert {row.id: row for row in rows(datastore)} == before
