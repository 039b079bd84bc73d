"""Claim, start and finish: the same on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ALLOWED_MOVES, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution, Finish, Instance
from tests.factories import MINUTE, NOON, a_job, an_execution, an_instance


def _started(datastore: DatastoreBase, execution: Execution, owner: Instance) -> Execution:
    datastore.write(datastore.executions.insert, execution)
    won, _ = datastore.write(datastore.lifecycle.start, [execution], owner, NOON)
    return won[0]


def test_due_jobs_are_those_at_or_before_now_the_longest_due_first(
    datastore: DatastoreBase,
) -> None:
    late = a_job(next_fire=NOON - MINUTE)
    due = a_job(next_fire=NOON)
    for job in (due, late, a_job(next_fire=NOON + MINUTE), a_job(next_fire=None)):
        datastore.write(datastore.jobs.insert, job)

    found = datastore.write(datastore.claims.due_jobs, NOON, 10)

    assert [job.id for job in found] == [late.id, due.id]


def test_a_fire_time_is_recorded_once_when_it_is_claimed_twice(datastore: DatastoreBase) -> None:
    job = a_job()
    first, second = an_execution(job), an_execution(job)

    inserted = [
        datastore.write(datastore.claims.insert_executions, [execution])
        for execution in (first, second)
    ]

    assert inserted == [1, 0]
    assert datastore.read(datastore.executions.find, second.id) is None


def test_one_fire_time_recorded_already_does_not_refuse_the_others(
    datastore: DatastoreBase,
) -> None:
    job = a_job()
    datastore.write(datastore.claims.insert_executions, [an_execution(job)])
    batch = [an_execution(job), an_execution(job, fire_time=NOON + MINUTE), an_execution(a_job())]

    inserted = datastore.write(datastore.claims.insert_executions, batch)

    assert inserted == 2


def test_executions_without_a_fire_time_do_not_collide(datastore: DatastoreBase) -> None:
    job = a_job()
    by_hand = [an_execution(job, fire_time=None, trigger_kind=TriggerKind.MANUAL) for _ in "ab"]

    assert datastore.write(datastore.claims.insert_executions, by_hand) == 2


def test_advance_moves_a_job_only_while_it_is_as_it_was_read(datastore: DatastoreBase) -> None:
    job = a_job()
    datastore.write(datastore.jobs.insert, job)

    first = datastore.write(datastore.claims.advance, [(job, NOON + MINUTE)])
    second = datastore.write(datastore.claims.advance, [(job, NOON + 2 * MINUTE)])

    assert (first, second) == (1, 0)
    assert datastore.read(datastore.jobs.get, job.id).next_fire == NOON + MINUTE


def test_only_one_of_two_starts_wins_an_execution(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    owners = [an_instance(), an_instance()]

    won = [
        store.write(store.lifecycle.start, [execution], owner, NOON)[0]
        for store, owner in zip((datastore, other_datastore), owners, strict=True)
    ]

    assert [len(executions) for executions in won] == [1, 0]
    stored = datastore.read(datastore.executions.get, execution.id)
    assert (stored.state, stored.owner) == (ExecutionState.RUNNING, owners[0].id)


def test_an_execution_that_waited_past_its_deadline_is_missed_at_the_start(
    datastore: DatastoreBase,
) -> None:
    execution = an_execution(a_job(), start_deadline=NOON - MINUTE)
    datastore.write(datastore.executions.insert, execution)

    won, missed = datastore.write(datastore.lifecycle.start, [execution], an_instance(), NOON)

    assert (won, [m.id for m in missed]) == ([], [execution.id])
    stored = datastore.read(datastore.executions.get, execution.id)
    assert stored.state is ExecutionState.MISSED
    assert stored.reason


def test_of_a_series_only_the_first_unfinished_may_start(datastore: DatastoreBase) -> None:
    job, owner = a_job(), an_instance()
    first = an_execution(job)
    rows = [
        replace(first, series_id=first.id),
        an_execution(job, fire_time=NOON + MINUTE, series_id=first.id),
    ]
    datastore.write(datastore.claims.insert_executions, rows)

    before = datastore.write(datastore.lifecycle.queued, "threads", 10, None)
    started, _ = datastore.write(datastore.lifecycle.start, before, owner, NOON)
    while_running = datastore.write(datastore.lifecycle.queued, "threads", 10, None)
    finish = Finish(started[0], ExecutionState.SUCCEEDED, NOON)
    datastore.write(datastore.lifecycle.finish, [finish])
    after = datastore.write(datastore.lifecycle.queued, "threads", 10, None)

    assert [e.id for e in before] == [first.id]
    assert while_running == []
    assert [e.id for e in after] == [rows[1].id]


def test_live_counts_leave_out_runs_by_hand_and_count_a_series_once(
    datastore: DatastoreBase,
) -> None:
    job = a_job()
    rows = [an_execution(job, fire_time=NOON + n * MINUTE, series_id="s") for n in range(3)]
    rows.append(an_execution(job, fire_time=NOON - MINUTE))
    rows.append(an_execution(job, fire_time=None, trigger_kind=TriggerKind.MANUAL))
    rows.append(an_execution(job, fire_time=NOON - 2 * MINUTE, state=ExecutionState.SKIPPED))
    datastore.write(datastore.claims.insert_executions, rows)

    assert datastore.read(datastore.claims.live_counts, [job.id, "none"]) == {job.id: 2}


def test_a_finish_is_stored_while_the_row_is_this_owners_attempt(datastore: DatastoreBase) -> None:
    running = _started(datastore, an_execution(a_job()), an_instance())
    finish = Finish(
        running,
        ExecutionState.FAILED,
        NOON + MINUTE,
        result='{"error": 1}',
        description="d",
        error_summary="boom",
        exit_code=3,
    )

    stored_rows = datastore.write(datastore.lifecycle.finish, [finish])

    stored = datastore.read(datastore.executions.get, running.id)
    assert stored_rows == 1
    assert (stored.state, stored.result, stored.description, stored.error_summary) == (
        ExecutionState.FAILED,
        '{"error": 1}',
        "d",
        "boom",
    )
    assert (stored.exit_code, stored.finished_time) == (3, NOON + MINUTE)


def test_a_late_finish_never_overwrites(datastore: DatastoreBase) -> None:
    owner = an_instance()
    running = _started(datastore, an_execution(a_job()), owner)
    datastore.write(datastore.lifecycle.interrupt, owner.id, NOON, "died")

    late = Finish(running, ExecutionState.SUCCEEDED, NOON + MINUTE, result="1")
    stored_rows = datastore.write(datastore.lifecycle.finish, [late])

    stored = datastore.read(datastore.executions.get, running.id)
    assert stored_rows == 0
    assert (stored.state, stored.reason) == (ExecutionState.INTERRUPTED, "died")


def test_interrupt_ends_only_the_executions_of_that_owner(datastore: DatastoreBase) -> None:
    dead, alive = an_instance(), an_instance()
    of_dead = _started(datastore, an_execution(a_job()), dead)
    of_alive = _started(datastore, an_execution(a_job()), alive)

    found = datastore.write(datastore.lifecycle.interrupt, dead.id, NOON, "died")

    assert [execution.id for execution in found] == [of_dead.id]
    state = datastore.read(datastore.executions.state_of, of_alive.id)
    assert state is ExecutionState.RUNNING
    assert datastore.read(datastore.lifecycle.owners_of_live) == {alive.id}


def test_next_wake_is_the_earliest_fire_or_end_of_a_pause(datastore: DatastoreBase) -> None:
    assert datastore.read(datastore.claims.next_wake) is None

    datastore.write(datastore.jobs.insert, a_job(next_fire=NOON + timedelta(hours=2)))
    paused = a_job(next_fire=None, is_paused=True, paused_until=NOON + timedelta(hours=1))
    datastore.write(datastore.jobs.insert, paused)

    assert datastore.read(datastore.claims.next_wake) == NOON + timedelta(hours=1)
    resumable = datastore.write(datastore.claims.jobs_to_resume, NOON + timedelta(hours=1), 10)
    assert [job.id for job in resumable] == [paused.id]


def test_many_finishes_are_stored_at_once_and_counted(datastore: DatastoreBase) -> None:
    owner = an_instance()
    running = [_started(datastore, an_execution(a_job()), owner) for _ in range(3)]
    finishes = [Finish(execution, ExecutionState.SUCCEEDED, NOON) for execution in running]

    assert datastore.write(datastore.lifecycle.finish, finishes) == 3
    assert datastore.write(datastore.lifecycle.finish, finishes) == 0
    assert datastore.read(datastore.lifecycle.owners_of_live) == set()


@pytest.mark.parametrize("act", ["start", "finish", "interrupt", "release", "skip", "redefine"])
@pytest.mark.parametrize("before", list(ExecutionState))
def test_no_statement_makes_a_move_that_is_not_allowed(
    datastore: DatastoreBase, before: ExecutionState, act: str
) -> None:
    owner = an_instance()
    execution = an_execution(a_job(), state=before, owner=owner.id)
    datastore.write(datastore.executions.insert, execution)
    arguments: dict[str, tuple[Any, ...]] = {
        "start": ([execution], owner, NOON),
        "finish": ([Finish(execution, ExecutionState.SUCCEEDED, NOON)],),
        "interrupt": (owner.id, NOON, "died"),
        "release": (owner.id, [execution.id]),
        "skip": (execution.job_id, NOON, "deleted"),
        "redefine": (a_job(id=execution.job_id),),
    }
    part = datastore.queue if act in ("skip", "redefine") else datastore.lifecycle

    datastore.write(getattr(part, act), *arguments[act])

    after = datastore.read(datastore.executions.state_of, execution.id)
    assert after is before or after in ALLOWED_MOVES.get(before, ())
