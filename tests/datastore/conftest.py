"""What tests of the database and of whole schedulers begin with."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.backup import write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.databases import PROVIDER_PATHS, db_config, drop_tables, make_datastore, missing_reason
from tests.datastore.leaving import GatedJob, Make, Observer
from tests.datastore.scheduling import SCHEDULER, Recorder
from tests.factories import a_job, an_execution
from tests.outages import Outage


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatastoreBase]:
    """A database of each kind without tables, by other names than those of `datastore`."""
    reason = missing_reason(request.param)
    if reason is not None:
        pytest.skip(reason)
    yield from empty(request.param, tmp_path)


@pytest.fixture
def twin(kind: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    """A database of the same kind as `datastore`, without tables."""
    yield from empty(kind, tmp_path)


def empty(kind: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    folder = tmp_path / "target"
    folder.mkdir()
    opened = make_datastore(kind, f"t{uuid.uuid4().hex[:10]}", folder)
    yield opened
    drop_tables(opened)
    opened.close()


@pytest.fixture
def lines(datastore: DatastoreBase, tmp_path: Path) -> list[bytes]:
    """The lines of a backup of a filled database."""
    datastore.write(datastore.jobs.insert, a_job(tags=("a",)))
    datastore.write(datastore.executions.insert, an_execution(a_job(), state=ExecutionState.FAILED))
    write_backup(datastore, str(tmp_path / "whole.jsonl"))
    return (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)


@pytest.fixture
def gate(request: pytest.FixtureRequest) -> Iterator[threading.Event]:
    """What the jobs of this test wait for; open at the end."""
    name = request.node.name
    GatedJob.gates[name] = threading.Event()
    yield GatedJob.gates[name]
    GatedJob.gates[name].set()


@pytest.fixture
def outage(kind: str, tmp_path: Path) -> Iterator[Outage]:
    """What stands between the schedulers and the database."""
    with Outage(kind, tmp_path) as made:
        yield made


@pytest.fixture
def observer() -> Observer:
    """Who is told of the ends of executions."""
    return Observer()


@pytest.fixture
def make(
    datastore: DatastoreBase,
    kind: str,
    outage: Outage,
    tmp_path: Path,
    observer: Observer,
    gate: threading.Event,
) -> Iterator[Make]:
    """Makes schedulers on the tables of `datastore`, which are not started."""
    made: list[SchedulerManager] = []

    def manager(scheduler: str = SCHEDULER, **options: Any) -> SchedulerManager:
        settings = {"drain_timeout_seconds": 20, "lease_seconds": 3, **options}
        one = SchedulerManager(
            scheduler,
            PROVIDER_PATHS[kind],
            outage.db_config,
            datastore.table_names,
            observers=[observer],
            spill_dir=str(tmp_path / "spill"),
            **settings,
        )
        made.append(one)
        return one

    yield manager
    outage.end()
    gate.set()
    for one in made:
        one.stop()


@pytest.fixture
def recorder() -> Recorder:
    """What the observer was told."""
    return Recorder()


@pytest.fixture
def manager(
    datastore: DatastoreBase, kind: str, tmp_path: Path, recorder: Recorder
) -> Iterator[SchedulerManager]:
    """A running scheduler on the tables of `datastore`."""
    made = SchedulerManager(
        SCHEDULER,
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        datastore.table_names,
        observers=[recorder],
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def statements(datastore: DatastoreBase) -> Iterator[list[tuple[str, Any, int]]]:
    """(SQL, parameters, rows changed) of each statement that runs meanwhile."""
    seen: list[tuple[str, Any, int]] = []

    def note(_conn: Any, cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        seen.append((sql, parameters, cursor.rowcount))

    event.listen(datastore.loop.engine, "after_cursor_execute", note)
    yield seen
    event.remove(datastore.loop.engine, "after_cursor_execute", note)
