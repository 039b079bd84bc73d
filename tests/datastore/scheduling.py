"""Jobs for tests of a whole scheduler, and how these add, run and find them."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Actor, Execution, Finish
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until

ANA = Actor("ana")
SCHEDULER = "ndscheduler.corescheduler.core.base.BaseScheduler"
EVERY_SECOND = {"type": "cron", "second": "*"}


class EchoJob(JobBase):
    """Returns what it was given."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return {"args": list(args), "kwargs": kwargs}


class AsyncJob(JobBase):
    """Is a coroutine."""

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        return "awaited"


class ExitingJob(JobBase):
    """Tries to end the process."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        raise SystemExit(3)


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.finishes: list[Finish] = []

    def execution_finished(self, finish: Finish) -> None:
        """Keep it, then fail: that must harm nobody."""
        self.finishes.append(finish)
        raise RuntimeError("an observer that fails")


def executions(manager: SchedulerManager, *states: ExecutionState) -> list[Execution]:
    """Executions, newest first."""
    store = manager.get_datastore()
    which = ExecutionFilter(states=states)
    return store.read(store.executions.page, which, PageRequest(1000)).items


def finished(manager: SchedulerManager, execution_id: str) -> Execution:
    """The execution, once it has ended."""
    store = manager.get_datastore()
    wait_until(
        lambda: not store.read(store.executions.state_of, execution_id).is_live, 20, "the end"
    )
    return store.read(store.executions.get, execution_id)


def add(manager: SchedulerManager, job_class: type[JobBase], **given: Any) -> str:
    """A job of a class of this module."""
    path = f"{job_class.__module__}.{job_class.__name__}"
    defaults = {"name": "n", "job_class_string": path, "trigger": {"type": "cron", "hour": "3"}}
    return manager.actions.add(JobFields(**{**defaults, **given}), ANA).id


def run(manager: SchedulerManager, job_class: type[JobBase], **given: Any) -> Execution:
    """One execution of a new job, by hand, once it has ended."""
    return finished(manager, manager.actions.run(add(manager, job_class, **given), ANA))
