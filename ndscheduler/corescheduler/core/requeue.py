"""Queue again what was marked running here and never begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ndscheduler.corescheduler.constants import BY_TRIGGER, ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Job


def requeue_unbegun(
    connection: Connection, datastore: DatastoreBase, owner_id: str, held: Sequence[str]
) -> int:
    """Queue again what instance `owner_id` has marked running and does not hold; how many.

    An edit of their job reached only what was queued then, so it is caught up with here.
    """
    unheld = datastore.lifecycle.unheld(connection, owner_id, held)
    if not unheld:
        return 0
    # The jobs first, as an edit does: it comes wholly before this or wholly after.
    jobs = datastore.jobs.lock(connection, {execution.job_id for execution in unheld})
    count = datastore.lifecycle.release(connection, owner_id, [e.id for e in unheld])
    now = datastore.dialect.now(connection)
    for job_id, rev in {(execution.job_id, execution.job_rev) for execution in unheld}:
        _catch_up(connection, datastore, job_id, rev, jobs.get(job_id), now)
    return count


def _catch_up(
    connection: Connection,
    datastore: DatastoreBase,
    job_id: str,
    rev: int,
    job: Job | None,
    now: datetime,
) -> None:
    queue = datastore.queue
    skipped = 0
    if job is None:
        skipped = queue.skip(connection, job_id, now, "The job was deleted meanwhile.")
    elif job.is_paused:
        reason = "The job was paused meanwhile."
        skipped = queue.skip(connection, job_id, now, reason, BY_TRIGGER)
    elif job.rev != rev:
        queue.redefine(connection, job)
    if skipped:
        ending = Ending(job_id, ExecutionState.SKIPPED, now, count=skipped)
        datastore.stats.add(connection, [ending])
