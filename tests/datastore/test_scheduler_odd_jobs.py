"""Jobs and gates that exit, never end or can not be printed cost the scheduler nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.databases import PROVIDER_PATHS, db_config
from tests.datastore.scheduling import (
    ANA,
    EVERY_SECOND,
    SCHEDULER,
    AsyncJob,
    EchoJob,
    ExitingJob,
    add,
    executions,
    finished,
    run,
)


class HugeJob(JobBase):
    """Returns more than a row should hold, with a NUL and a lone surrogate."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return "\x00\ud800" + "é" * 3_000_000


def test_a_job_that_exits_fails_alone(manager: SchedulerManager) -> None:
    execution = run(manager, ExitingJob)

    assert (execution.state, execution.error_summary) == (ExecutionState.FAILED, "SystemExit: 3")
    assert run(manager, AsyncJob).state is ExecutionState.SUCCEEDED


def test_a_huge_result_is_cut_and_cleaned(manager: SchedulerManager) -> None:
    execution = run(manager, HugeJob)

    assert execution.state is ExecutionState.SUCCEEDED
    assert execution.result is not None
    assert len(execution.result.encode()) < 1024 * 1024 + 200
    assert "RESULT_MAX_BYTES" in execution.result


def test_a_job_whose_class_vanished_is_kept_and_its_fires_are_scheduled_errors(
    manager: SchedulerManager,
) -> None:
    job_id = add(manager, EchoJob, job_class_string="gone.Away")

    execution = finished(manager, manager.actions.run(job_id, ANA))

    assert execution.state is ExecutionState.SCHEDULED_ERROR
    assert execution.error_summary is not None
    assert "gone" in execution.error_summary
    assert manager.get_job(job_id) is not None


class ExitingGate(BaseScheduler):
    """A scheduler whose gate tries to end the process a few times."""

    asked = 0

    @classmethod
    def is_okay_to_run(cls, datastore: DatastoreBase) -> bool:
        cls.asked += 1
        if cls.asked <= 2:
            raise SystemExit(1)
        return True


def test_a_gate_that_exits_keeps_the_loop_alive(
    datastore: DatastoreBase, kind: str, tmp_path: Path
) -> None:
    manager = SchedulerManager(
        f"{ExitingGate.__module__}.ExitingGate",
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        datastore.table_names,
    )
    manager.start()
    try:
        add(manager, EchoJob, trigger=EVERY_SECOND)
        wait_until(lambda: executions(manager, ExecutionState.SUCCEEDED), 20, "a run")
    finally:
        manager.stop()


class UnprintableJob(JobBase):
    """Raises what `traceback` can not print."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        raise SyntaxError("x", ("f", 1, 1, 5))


class SleepingJob(JobBase):
    """Sleeps as long as it is told."""

    def run(self, seconds: float, *args: Any, **kwargs: Any) -> Any:
        time.sleep(seconds)


def test_what_can_not_be_printed_fails_and_costs_no_thread(manager: SchedulerManager) -> None:
    for _ in range(6):
        assert run(manager, UnprintableJob).state is ExecutionState.FAILED

    assert run(manager, AsyncJob).state is ExecutionState.SUCCEEDED


def test_what_waits_for_a_thread_at_the_end_is_queued_again(
    datastore: DatastoreBase, kind: str, tmp_path: Path
) -> None:
    manager = SchedulerManager(
        SCHEDULER,
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        datastore.table_names,
        thread_pool_size=1,
        drain_timeout_seconds=0.2,
    )
    manager.start()
    # Short runs open the window, so that long ones behind them are marked running as well.
    quick = add(manager, SleepingJob, pub_args=[0.001])
    slow = add(manager, SleepingJob, pub_args=[3])
    for _ in range(30):
        manager.actions.run(quick, ANA)
    ids = [manager.actions.run(slow, ANA) for _ in range(5)]
    store = manager.get_datastore()
    wait_until(
        lambda: store.read(store.executions.state_of, ids[0]) is ExecutionState.RUNNING, 20, "it"
    )

    manager.stop()

    states = [datastore.read(datastore.executions.state_of, one) for one in ids]
    assert states == [ExecutionState.INTERRUPTED] + [ExecutionState.SCHEDULED] * 4
