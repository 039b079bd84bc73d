"""Schedulers for the tests: made, started, asked and stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.models import Actor, Execution
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager

T = TypeVar("T")

DEADLINE_SECONDS = 30
SQLITE = "ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite"
BY_HAND = "by hand"
SCHEDULED = "scheduled"
# A secret that must not show up anywhere; SQLite has no use for it.
PASSWORD = "s3cret-of-the-database"
# Never fires while a test runs.
YEARLY = {"month": "12", "day": "31", "hour": "23", "minute": "59"}


def wait_for(question: Callable[[], T]) -> T:
    """The first truthy answer to `question`; fails when there is none in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@contextmanager
def running(
    folder: Path, scheduler_class: type[Any] | str, datastore_class: str = SQLITE
) -> Iterator[SchedulerManager]:
    """A started scheduler of `scheduler_class` with its database in `folder`."""
    path = scheduler_class if isinstance(scheduler_class, str) else path_of(scheduler_class)
    db_config = {"file_path": str(folder / "datastore.db"), "password": PASSWORD}
    manager = SchedulerManager(path, datastore_class, db_config, drain_timeout_seconds=5)
    manager.start()
    try:
        yield manager
    finally:
        manager.stop()


def path_of(found: type[Any]) -> str:
    """The dotted path by which `found` is imported."""
    return f"{found.__module__}.{found.__qualname__}"


def run_once(
    manager: SchedulerManager, job_class: type[Any], how: str, *args: Any, **kwargs: Any
) -> Execution:
    """The ended execution of a new job, started by its trigger or by hand."""
    soon = (utc_now() + timedelta(milliseconds=200)).isoformat()
    trigger = {"type": "date", "run_date": soon} if how == SCHEDULED else {"type": "cron", **YEARLY}
    options = {"trigger": trigger}
    job_id = manager.add_job(path_of(job_class), "a job", list(args), options=options, **kwargs)
    if how == BY_HAND:
        manager.actions.run(job_id, Actor("tester"))
    return wait_for(lambda: find_ended(manager, job_id))


def find_ended(manager: SchedulerManager, job_id: str) -> Execution | None:
    """The execution of a job, once it has ended."""
    found = executions(manager, job_id)
    return found[0] if found and not found[0].state.is_live else None


def executions(manager: SchedulerManager, job_id: str | None = None) -> list[Execution]:
    """The executions of a job, or all of them, the newest first."""
    datastore = manager.get_datastore()
    which = ExecutionFilter(job_id=job_id)
    return list(datastore.read(datastore.executions.page, which, PageRequest(100)).items)
