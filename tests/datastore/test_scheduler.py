"""The whole scheduler in one process, on every database: jobs fire, run and are recorded."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from apscheduler import events

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import SchedulerStateError
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.datastore.scheduling import (
    ANA,
    EVERY_SECOND,
    AsyncJob,
    EchoJob,
    ExitingJob,
    Recorder,
    add,
    executions,
    finished,
    run,
)
from tests.factories import a_job


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


def test_a_scheduler_is_started_once(manager: SchedulerManager) -> None:
    manager.sched.shutdown()

    with pytest.raises(SchedulerStateError, match="new SchedulerManager"):
        manager.sched.start()
