"""Which executions a due job gives rise to: pure computation, no database, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ndscheduler.corescheduler.clock import MICROSECOND, new_id
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.definitions import trigger_of
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.models import Actor, Execution, Job
from ndscheduler.corescheduler.triggers import Tally, Trigger

# A job that catches up without coalescing gets at most so many rows from one claim.
MAX_CATCH_UP = 10_000


@dataclass(frozen=True, slots=True)
class ClaimPlan:
    """The rows that a claim inserts for one job, and the next fire time that it gives the job."""

    job: Job
    executions: list[Execution]
    next_fire: datetime | None


def plan_claim(job: Job, now: datetime, live_count: int, claimed_by: str) -> ClaimPlan:
    """What becomes of the fire times of `job` that are due at `now`.

    `job.next_fire` is the first of them; `live_count` executions of the job count against its
    `max_instances`. Fires older than the grace time are missed; the others run, coalesced or one
    after another, or are skipped where the job overlaps itself.
    """
    if job.next_fire is None:
        return ClaimPlan(job, [], None)
    try:
        return _plan(job, trigger_of(job), job.next_fire, now, live_count, claimed_by)
    except (InvalidTrigger, ArithmeticError) as error:
        # A damaged row: it is recorded as such, and must not hold up the others of its claim.
        return ClaimPlan(job, [_unreadable(job, job.next_fire, now, claimed_by, error)], None)


def _plan(
    job: Job, trigger: Trigger, due: datetime, now: datetime, live_count: int, claimed_by: str
) -> ClaimPlan:
    following = trigger.next_fire(due)
    if following is None or following > now:
        only = Tally(1, due, due)
        return ClaimPlan(job, _rows([only], job, now, live_count, claimed_by), following)
    return _plan_several(job, trigger, now, live_count, claimed_by)


def skipped_instead(job: Job, now: datetime, reason: str, claimed_by: str) -> list[Execution]:
    """The rows for the fire times of `job` that are due at `now`, none of which is to run.

    What is within the grace is skipped with `reason`; what is older was missed already.
    """
    late = missed_reason(job)
    return [
        row
        if row.reason == late or row.state is ExecutionState.SCHEDULED_ERROR
        else replace(row, state=ExecutionState.SKIPPED, reason=reason)
        # Coalesced, since a claim lists only so many fires one by one.
        for row in plan_claim(
            replace(job, coalesce=True), now, job.max_instances, claimed_by
        ).executions
    ]


def run_by_hand(execution_id: str, job: Job, actor: Actor, now: datetime) -> Execution:
    """The row of an execution that `actor` asks for; no trigger named its time."""
    return Execution(
        id=execution_id,
        job_id=job.id,
        job_name=job.name,
        job_class_string=job.job_class_string,
        args_json=job.args_json,
        kwargs_json=job.kwargs_json,
        job_rev=job.rev,
        trigger_kind=TriggerKind.MANUAL,
        requested_by=actor.user,
        executor=job.executor,
        priority=job.priority,
        scheduled_time=now,
        updated_time=now,
    )


def missed_reason(job: Job) -> str:
    """Why a fire time was missed."""
    return (
        f"No scheduler could claim it within the grace time of {job.misfire_grace_seconds} seconds."
    )


def _plan_several(
    job: Job, trigger: Trigger, now: datetime, live_count: int, claimed_by: str
) -> ClaimPlan:
    if job.next_fire is None:
        raise ValueError("a job with due fire times has a next fire time")
    before = job.next_fire - MICROSECOND
    edge = before if job.grace is None else max(before, now - job.grace - MICROSECOND)
    missed = trigger.tally(before, edge) if edge > before else None
    fits: list[Tally] = []
    next_fire = None
    if job.coalesce:
        together = trigger.tally(edge, now)
        fits = [together] if together is not None else []
        next_fire = trigger.next_fire(now)
    else:
        times = trigger.fire_times(edge, now, MAX_CATCH_UP)
        fits = [Tally(1, time, time) for time in times]
        next_fire = trigger.next_fire(times[-1] if len(times) == MAX_CATCH_UP else now)
    rows = [] if missed is None else [_missed(missed, job, now, claimed_by)]
    rows += _rows(fits, job, now, live_count, claimed_by)
    return ClaimPlan(job, rows, next_fire)


def _rows(
    fits: list[Tally], job: Job, now: datetime, live_count: int, claimed_by: str
) -> list[Execution]:
    """The rows for fire times within the grace; a late lone one was missed all the same."""
    if not fits:
        return []
    if job.grace is not None and fits[-1].last < now - job.grace:
        return [_missed(fits[-1], job, now, claimed_by)]
    if live_count >= job.max_instances:
        together = Tally(sum(fit.count for fit in fits), fits[0].first, fits[-1].last)
        reason = (
            f"{live_count} executions of this job were queued or running; "
            f"max_instances is {job.max_instances}."
        )
        return [ended_row(together, job, now, claimed_by, ExecutionState.SKIPPED, reason)]
    rows = [_row(fit, job, now, claimed_by) for fit in fits]
    if len(rows) > 1:
        rows = [replace(row, series_id=rows[0].id) for row in rows]
    return rows


def _row(fires: Tally, job: Job, now: datetime, claimed_by: str) -> Execution:
    return Execution(
        id=new_id(),
        job_id=job.id,
        job_name=job.name,
        job_class_string=job.job_class_string,
        args_json=job.args_json,
        kwargs_json=job.kwargs_json,
        job_rev=job.rev,
        fire_time=fires.last,
        first_fire_time=fires.first,
        count=fires.count,
        executor=job.executor,
        priority=job.priority,
        start_deadline=None if job.grace is None else fires.last + job.grace,
        claimed_by=claimed_by,
        scheduled_time=fires.last,
        updated_time=now,
    )


def ended_row(
    fires: Tally, job: Job, now: datetime, claimed_by: str, state: ExecutionState, reason: str
) -> Execution:
    """A row for fire times whose code is never started, with the reason."""
    row = _row(fires, job, now, claimed_by)
    return replace(row, state=state, reason=reason, finished_time=now)


def _missed(fires: Tally, job: Job, now: datetime, claimed_by: str) -> Execution:
    state = ExecutionState.MISSED
    return ended_row(fires, job, now, claimed_by, state, missed_reason(job))


def _unreadable(
    job: Job, fire: datetime, now: datetime, claimed_by: str, error: Exception
) -> Execution:
    reason = f"The schedule of the job can not be read: {error}"
    state = ExecutionState.SCHEDULED_ERROR
    row = ended_row(Tally(1, fire, fire), job, now, claimed_by, state, reason)
    return replace(row, error_summary=reason)
