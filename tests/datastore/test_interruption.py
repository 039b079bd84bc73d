"""What becomes of executions whose scheduler process is gone, or gave them back unbegun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.core.interruption import MAX_ATTEMPTS, interrupt_executions
from ndscheduler.corescheduler.core.requeue import requeue_unbegun
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.models import Actor, Execution, Finish, Instance, Job
from tests.factories import MINUTE, NOON, a_job, an_execution, an_instance

RETRYING = '{"retry_on_crash": true}'
ANA = Actor("ana")


def started(datastore: DatastoreBase, job: Job, owner: Instance, **fields: Any) -> Execution:
    """An execution of `job`, which is stored with it, that `owner` runs."""
    if datastore.read(datastore.jobs.find, job.id) is None:
        datastore.write(datastore.jobs.insert, job)
    execution = an_execution(job, **fields)
    datastore.write(datastore.executions.insert, execution)
    (won,), _ = datastore.write(datastore.lifecycle.start, [execution], owner, NOON)
    return won


def interrupt(datastore: DatastoreBase, owner: Instance) -> list[Execution]:
    """End what `owner` runs."""
    return datastore.write(interrupt_executions, datastore, owner.id, "It died.")


def stored(datastore: DatastoreBase) -> list[Execution]:
    """All executions, the first attempt first."""
    page = datastore.read(datastore.executions.page, ExecutionFilter(), PageRequest())
    return sorted(page.items, key=lambda execution: execution.attempt)


def test_what_a_dead_process_ran_is_interrupted_and_not_begun_again(
    datastore: DatastoreBase,
) -> None:
    dead = an_instance()
    execution = started(datastore, a_job(), dead)

    interrupt(datastore, dead)

    (row,) = stored(datastore)
    assert (row.id, row.state, row.reason) == (
        execution.id,
        ExecutionState.INTERRUPTED,
        "It died.",
    )
    assert (row.hostname, row.pid) == (dead.hostname, dead.pid)


def test_a_job_that_retries_on_crash_gets_one_new_attempt(datastore: DatastoreBase) -> None:
    dead = an_instance()
    execution = started(datastore, a_job(options_json=RETRYING), dead, series_id="series")

    interrupt(datastore, dead)
    interrupt(datastore, dead)

    first, second = stored(datastore)
    assert (first.state, second.state) == (ExecutionState.INTERRUPTED, ExecutionState.SCHEDULED)
    assert (second.retry_of, second.attempt) == (execution.id, 2)
    assert (second.trigger_kind, second.fire_time) == (TriggerKind.RETRY, None)
    assert (second.scheduled_time, second.series_id) == (execution.scheduled_time, "series")
    assert second.owner is None


def test_a_job_that_kills_its_process_is_not_begun_for_ever(datastore: DatastoreBase) -> None:
    dead = an_instance()
    started(datastore, a_job(options_json=RETRYING), dead, attempt=MAX_ATTEMPTS)

    interrupt(datastore, dead)

    assert [row.state for row in stored(datastore)] == [ExecutionState.INTERRUPTED]


def test_a_paused_or_deleted_job_gets_no_new_attempt(datastore: DatastoreBase) -> None:
    dead, actions = an_instance(), JobActions(datastore)
    paused, deleted = a_job(options_json=RETRYING), a_job(options_json=RETRYING)
    started(datastore, paused, dead)
    started(datastore, deleted, dead)
    actions.pause(paused.id, ANA)
    actions.remove(deleted.id, ANA)

    interrupt(datastore, dead)

    by_crash = [row for row in stored(datastore) if row.trigger_kind is TriggerKind.RETRY]
    assert by_crash == []


def test_a_new_attempt_runs_the_job_as_it_is_now(datastore: DatastoreBase) -> None:
    dead, actions = an_instance(), JobActions(datastore)
    job = a_job(options_json=RETRYING)
    started(datastore, job, dead)
    started(datastore, job, dead, fire_time=None, requested_by="bo", args_json='["by hand"]')
    actions.modify(job.id, JobFields(pub_args=["new"]), ANA)

    interrupt(datastore, dead)

    by_crash = [row for row in stored(datastore) if row.trigger_kind is TriggerKind.RETRY]
    assert {row.requested_by: row.pub_args for row in by_crash} == {
        None: ["new"],
        "bo": ["by hand"],
    }


def test_a_late_end_does_not_overwrite_interrupted(datastore: DatastoreBase) -> None:
    dead = an_instance()
    execution = started(datastore, a_job(), dead)
    interrupt(datastore, dead)

    finish = Finish(execution, ExecutionState.SUCCEEDED, NOON)

    assert datastore.write(datastore.lifecycle.finish, [finish]) == 0
    assert stored(datastore)[0].state is ExecutionState.INTERRUPTED


def test_a_new_attempt_keeps_the_place_in_its_series(datastore: DatastoreBase) -> None:
    dead, job = an_instance(), a_job(options_json=RETRYING)
    started(datastore, job, dead, series_id="series")
    later = an_execution(job, series_id="series", fire_time=NOON + MINUTE)
    datastore.write(datastore.executions.insert, later)

    interrupt(datastore, dead)

    queued = datastore.write(datastore.lifecycle.queued, "threads", 10, None)
    assert [execution.trigger_kind for execution in queued] == [TriggerKind.RETRY]


def test_a_new_attempt_counts_against_max_instances(datastore: DatastoreBase) -> None:
    dead, job = an_instance(), a_job(options_json=RETRYING)
    started(datastore, job, dead)
    started(
        datastore, job, dead, fire_time=None, requested_by="bo", trigger_kind=TriggerKind.MANUAL
    )

    interrupt(datastore, dead)

    assert datastore.read(datastore.claims.live_counts, [job.id]) == {job.id: 1}


def test_only_what_is_not_held_is_queued_again(datastore: DatastoreBase) -> None:
    owner, other = an_instance(), an_instance()
    held = started(datastore, a_job(), owner)
    lost = started(datastore, a_job(), owner)
    of_other = started(datastore, a_job(), other)

    count = datastore.write(requeue_unbegun, datastore, owner.id, [held.id])

    assert count == 1
    assert {row.id: row.state for row in stored(datastore)} == {
        held.id: ExecutionState.RUNNING,
        lost.id: ExecutionState.SCHEDULED,
        of_other.id: ExecutionState.RUNNING,
    }


def test_what_is_queued_again_follows_edits_made_meanwhile(datastore: DatastoreBase) -> None:
    owner, actions = an_instance(), JobActions(datastore)
    paused, deleted, changed = a_job(), a_job(), a_job()
    for job in (paused, deleted, changed):
        started(datastore, job, owner)
    actions.pause(paused.id, ANA)
    actions.remove(deleted.id, ANA)
    actions.modify(changed.id, JobFields(pub_args=["new"]), ANA)

    datastore.write(requeue_unbegun, datastore, owner.id, [])

    after = {row.job_id: row for row in stored(datastore) if row.fire_time == NOON}
    assert after[paused.id].state is ExecutionState.SKIPPED
    assert after[deleted.id].state is ExecutionState.SKIPPED
    assert after[changed.id].state is ExecutionState.SCHEDULED
    assert after[changed.id].pub_args == ["new"]


def test_what_was_read_before_an_edit_starts_as_the_job_is_now(datastore: DatastoreBase) -> None:
    job = replace(a_job(), next_fire=None)
    datastore.write(datastore.jobs.insert, job)
    before = an_execution(job)
    datastore.write(datastore.executions.insert, before)
    JobActions(datastore).modify(job.id, JobFields(pub_args=["new"]), ANA)

    (won,), _ = datastore.write(datastore.lifecycle.start, [before], an_instance(), NOON)

    assert won.pub_args == ["new"]
    assert won.state is ExecutionState.RUNNING


def test_a_pause_or_a_new_schedule_empties_the_queue_of_scheduled_fires(
    datastore: DatastoreBase,
) -> None:
    actions = JobActions(datastore)
    paused, moved = a_job(next_fire=None), a_job(next_fire=None)
    for job in (paused, moved):
        datastore.write(datastore.jobs.insert, job)
        datastore.write(datastore.executions.insert, an_execution(job))
        by_hand = an_execution(job, fire_time=None, requested_by="bo")
        by_hand = replace(by_hand, trigger_kind=TriggerKind.MANUAL)
        datastore.write(datastore.executions.insert, by_hand)

    actions.pause(paused.id, ANA)
    actions.modify(moved.id, JobFields(trigger={"type": "cron", "hour": "4"}), ANA)

    states = {(row.job_id, row.trigger_kind): (row.state, row.reason) for row in stored(datastore)}
    kind, hand = TriggerKind.SCHEDULE, TriggerKind.MANUAL
    skipped, queued = ExecutionState.SKIPPED, ExecutionState.SCHEDULED
    assert states[paused.id, kind] == (skipped, "The job was paused by ana.")
    assert states[moved.id, kind] == (skipped, "The schedule was changed by ana.")
    assert states[paused.id, hand][0] is states[moved.id, hand][0] is queued


def test_a_new_schedule_with_the_same_next_fire_time_empties_the_queue_too(
    datastore: DatastoreBase,
) -> None:
    soon = datastore.read(datastore.dialect.now).replace(microsecond=0) + MINUTE
    then = {"type": "cron", "minute": str(soon.minute), "second": str(soon.second)}
    job = a_job(next_fire=soon)
    datastore.write(datastore.jobs.insert, job)
    datastore.write(datastore.executions.insert, an_execution(job))

    changed = JobActions(datastore).modify(job.id, JobFields(trigger=then), ANA)

    (row,) = stored(datastore)
    assert changed.next_fire == job.next_fire
    assert row.state is ExecutionState.SKIPPED
