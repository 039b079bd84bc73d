"""The whole scheduler in one process, on every database: jobs fire, run and are recorded."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler import events

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.errors import SchedulerStateError
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Actor, Execution, Finish
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.databases import PROVIDER_PATHS, db_config
from tests.factories import a_job

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


class HugeJob(JobBase):
    """Returns more than a row should hold, with a NUL and a lone surrogate."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return "\x00\ud800" + "é" * 3_000_000


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.finishes: list[Finish] = []

    def execution_finished(self, finish: Finish) -> None:
        """Keep it, then fail: that must harm nobody."""
        self.finishes.append(finish)
        raise RuntimeError("an observer that fails")


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


def test_a_job_fires_and_is_recorded_once_per_instant(manager: SchedulerManager) -> None:
    add(manager, EchoJob, trigger=EVERY_SECOND, pub_args=["a"])

    wait_until(lambda: len(executions(manager, ExecutionState.SUCCEEDED)) >= 3, 20, "three fires")

    # A loaded machine may claim two seconds at once: such a row counts both.
    rows = executions(manager)
    first, last = rows[-1].first_fire_time, rows[0].fire_time
    assert first is not None
    assert last is not None
    assert len({row.fire_time for row in rows}) == len(rows)
    assert sum(row.count for row in rows) == (last - first) // timedelta(seconds=1) + 1


def test_arguments_reach_the_job_with_their_types(manager: SchedulerManager) -> None:
    now = utc_now()

    execution = run(manager, EchoJob, pub_args=[1, (2,)], kwargs={"when": now})

    assert execution.state is ExecutionState.SUCCEEDED
    assert execution.result is not None
    assert now.isoformat() in execution.result
    assert execution.started_time is not None
    assert execution.finished_time is not None
    assert execution.started_time <= execution.finished_time


def test_a_job_may_be_async(manager: SchedulerManager) -> None:
    assert run(manager, AsyncJob).result == '"awaited"'


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


def test_a_paused_job_can_be_run_by_hand(manager: SchedulerManager) -> None:
    job_id = add(manager, EchoJob)
    manager.pause_job(job_id)

    assert finished(manager, manager.actions.run(job_id, ANA)).state is ExecutionState.SUCCEEDED


def test_a_pause_with_an_end_ends_by_itself(manager: SchedulerManager) -> None:
    job_id = add(manager, EchoJob, trigger=EVERY_SECOND)
    manager.actions.pause(job_id, ANA, until=utc_now() + timedelta(seconds=1.5))
    paused_at = utc_now()

    wait_until(lambda: any(e.scheduled_time > paused_at for e in executions(manager)), 20, "a fire")

    job = manager.get_datastore().read(manager.get_datastore().jobs.get, job_id)
    assert not job.is_paused


def test_listeners_hear_what_happened_and_observers_too(
    manager: SchedulerManager, recorder: Recorder
) -> None:
    heard: list[Any] = []
    manager.sched.add_listener(heard.append)

    failed = run(manager, ExitingJob)
    wait_until(lambda: len(recorder.finishes) == 1, 10, "the observer's turn")
    wait_until(lambda: len(heard) >= 3, 10, "the events")

    codes = [event.code for event in heard]
    assert codes == [
        events.EVENT_JOB_ADDED,
        events.EVENT_JOB_SUBMITTED,
        events.EVENT_JOB_ERROR,
    ]
    assert recorder.finishes[0].execution.id == failed.id


def test_statistics_are_kept_from_the_first_execution_on(manager: SchedulerManager) -> None:
    run(manager, EchoJob)
    run(manager, ExitingJob)
    store = manager.get_datastore()

    totals = store.read(store.stats.totals, utc_now() - timedelta(hours=2))

    assert totals == {ExecutionState.SUCCEEDED: 1, ExecutionState.FAILED: 1}


def test_an_instance_announces_itself_and_says_when_it_ends(
    manager: SchedulerManager, datastore: DatastoreBase
) -> None:
    (instance,) = datastore.read(datastore.instances.list)
    assert instance.stopped_at is None

    manager.sched.shutdown()

    (instance,) = datastore.read(datastore.instances.list)
    assert instance.stopped_at is not None


def test_the_python_api_of_old_is_audited_as_code(manager: SchedulerManager) -> None:
    path = f"{EchoJob.__module__}.EchoJob"
    job_id = manager.add_job(path, "n", ["a"], "*", "*", "*", "*", "*/5", colour="red")

    job = manager.get_job(job_id)
    manager.modify_job(job_id, name="m", minute="7")
    manager.remove_job(job_id)

    assert job is not None
    assert job.args == (path, job_id, None, None, None, "a")
    assert (job.kwargs, job.name) == ({"colour": "red"}, "n")
    assert str(job.trigger).startswith("cron[")
    store = manager.get_datastore()
    logs = store.get_audit_logs(utc_now() - timedelta(hours=1), utc_now())["logs"]
    assert [(log["event"], log["user"]) for log in reversed(logs)] == [
        ("added", "code"),
        ("modified", "code"),
        ("deleted", "code"),
    ]


def test_a_series_runs_one_after_another_without_waiting_in_between(
    manager: SchedulerManager,
) -> None:
    store = manager.get_datastore()
    due = utc_now().replace(microsecond=0) - timedelta(seconds=30)
    job = a_job(
        job_class_string=f"{EchoJob.__module__}.EchoJob",
        trigger_json='{"second": "*", "type": "cron"}',
        coalesce=False,
        max_instances=1,
        next_fire=due,
        end_date=due + timedelta(seconds=25),
    )

    store.write(store.jobs.insert, job)
    manager.sched.wakeup()
    wait_until(lambda: len(executions(manager, ExecutionState.SUCCEEDED)) == 26, 15, "26 runs")

    rows = sorted(executions(manager), key=lambda row: row.fire_time or due)
    starts = [row.started_time for row in rows]
    assert starts == sorted(starts)  # type: ignore[type-var]
    for earlier, later in itertools.pairwise(rows):
        assert earlier.finished_time is not None
        assert later.started_time is not None
        assert earlier.finished_time <= later.started_time


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


def test_a_scheduler_is_started_once(manager: SchedulerManager) -> None:
    manager.sched.shutdown()

    with pytest.raises(SchedulerStateError, match="new SchedulerManager"):
        manager.sched.start()
