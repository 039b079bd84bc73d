"""Jobs that run until they are let go, and what tests of a stop ask of schedulers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Finish
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.datastore.scheduling import ANA
from tests.factories import a_job, an_execution

OK = ExecutionState.SUCCEEDED
RUNNING = ExecutionState.RUNNING
QUEUED = ExecutionState.SCHEDULED
INTERRUPTED = ExecutionState.INTERRUPTED
Make = Callable[..., SchedulerManager]


class GatedJob(JobBase):
    """Runs until its gate is opened."""

    gates: ClassVar[dict[str, threading.Event]] = {}
    begun: ClassVar[set[str]] = set()

    def run(self, name: str, *args: Any, **kwargs: Any) -> str:
        self.begun.add(self.execution_id)
        assert self.gates[name].wait(60)
        return name


class StoppingJob(JobBase):
    """Stops the scheduler that runs it."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        SchedulerManager.get_instance().stop()


class Observer:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.finishes: list[Finish] = []

    def execution_finished(self, finish: Finish) -> None:
        self.finishes.append(finish)


def run(manager: SchedulerManager, job_class: type[JobBase], *args: Any, **fields: Any) -> str:
    """The id of one execution by hand of a new job."""
    given = JobFields(
        name="n",
        job_class_string=f"{job_class.__module__}.{job_class.__name__}",
        trigger={"type": "cron", "month": "1"},
        pub_args=args,
        **fields,
    )
    return manager.actions.run(manager.actions.add(given, ANA).id, ANA)


def run_gated(manager: SchedulerManager, request: pytest.FixtureRequest, **fields: Any) -> str:
    """The id of a running execution that ends when the gate is opened."""
    execution_id = run(manager, GatedJob, request.node.name, **fields)
    wait_until(lambda: execution_id in GatedJob.begun, 20, "the run")
    return execution_id


def state(datastore: DatastoreBase, execution_id: str) -> ExecutionState:
    """The state of an execution."""
    return datastore.read(datastore.executions.state_of, execution_id)


def in_thread(act: Callable[[], None]) -> threading.Thread:
    """`act`, under way."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def is_closing(manager: SchedulerManager) -> bool:
    """True once the stop of `manager` has begun."""
    return not manager.sched.running


def queued(datastore: DatastoreBase) -> str:
    """The id of a queued execution."""
    job = a_job(next_fire=None)
    execution = an_execution(job, fire_time=None)
    datastore.write(datastore.jobs.insert, job)
    datastore.write(datastore.executions.insert, execution)
    return execution.id
