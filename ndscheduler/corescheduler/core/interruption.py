"""The executions of a scheduler process that is gone: `interrupted`, and perhaps begun again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Execution, Job

# A job that kills every process which runs it must not go round for ever.
MAX_ATTEMPTS = 5


def interrupt_executions(
    connection: Connection,
    datastore: DatastoreBase,
    owner_id: str,
    reason: str,
    kept_ids: Collection[str] = (),
) -> list[Execution]:
    """End what instance `owner_id` runs, and queue a new attempt where the job asks for one.

    Those of `kept_ids` stay: they have ended, and how will be stored yet.

    Returns the interrupted executions. Of two who do this at once, one finds nothing left.
    """
    now = datastore.dialect.now(connection)
    found = datastore.lifecycle.interrupt(connection, owner_id, now, reason, kept_ids)
    state = ExecutionState.INTERRUPTED
    datastore.stats.add(connection, [Ending(execution.job_id, state, now) for execution in found])
    attempts = _new_attempts(connection, datastore, found, now)
    if attempts:
        datastore.claims.insert_executions(connection, attempts)
    return found


def _new_attempts(
    connection: Connection, datastore: DatastoreBase, ended: Sequence[Execution], now: datetime
) -> list[Execution]:
    """The next attempts of those whose job asks for them now.

    A deleted job asks for nothing, and a paused one is not begun. Else it runs as the job is now.
    """
    repeatable = [execution for execution in ended if execution.attempt < MAX_ATTEMPTS]
    if not repeatable:
        return []
    found = datastore.jobs.lock(connection, {execution.job_id for execution in repeatable})
    asking = {id: job for id, job in found.items() if job.retry_on_crash and not job.is_paused}
    return [_next_attempt(e, asking[e.job_id], now) for e in repeatable if e.job_id in asking]


def _next_attempt(execution: Execution, job: Job, now: datetime) -> Execution:
    """The same work as a row of its own, with its place in its series and its due time."""
    # Who ran it by hand gave it arguments of its own.
    by_hand = execution.requested_by is not None
    return Execution(
        id=new_id(),
        job_id=job.id,
        job_name=job.name,
        job_class_string=job.job_class_string,
        args_json=execution.args_json if by_hand else job.args_json,
        kwargs_json=execution.kwargs_json if by_hand else job.kwargs_json,
        job_rev=job.rev,
        trigger_kind=TriggerKind.RETRY,
        requested_by=execution.requested_by,
        parent_id=execution.parent_id,
        retry_of=execution.id,
        attempt=execution.attempt + 1,
        series_id=execution.series_id,
        executor=execution.executor,
        priority=execution.priority,
        scheduled_time=execution.scheduled_time,
        updated_time=now,
    )
