"""What an edit of a job does to its executions that are queued: nobody has begun them yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Job

ALL_KINDS = tuple(TriggerKind)


class Queue:
    """Statements on the queued executions of one job."""

    def __init__(self, tables: Tables) -> None:
        self._executions = tables.executions

    def skip(
        self,
        connection: Connection,
        job_id: str,
        now: datetime,
        reason: str,
        kinds: Sequence[TriggerKind] = ALL_KINDS,
    ) -> int:
        """Turn the queued executions of a job, of these kinds, into skipped ones; how many."""
        table = self._executions
        chosen = table.c.trigger_kind.in_([kind.value for kind in kinds])
        statement = table.update().where(*self._queued_of(job_id), chosen)
        changed = connection.execute(
            statement.values(
                state=int(ExecutionState.SKIPPED),
                live=None,
                finished_time=now,
                updated_time=now,
                reason=reason,
            )
        )
        return changed.rowcount

    def redefine(self, connection: Connection, job: Job) -> int:
        """Let the queued executions of a changed job run as it is now; how many.

        Those asked for by hand keep the arguments that they were asked for with.
        """
        table = self._executions
        of_job = {"job_name": job.name, "job_class_string": job.job_class_string}
        of_schedule = {**of_job, "args": job.args_json, "kwargs": job.kwargs_json}
        by_hand = table.c.requested_by.is_not(None)
        changed = 0
        for chosen, values in ((by_hand, of_job), (~by_hand, of_schedule)):
            statement = table.update().where(*self._queued_of(job.id), chosen)
            both = {"job_rev": job.rev, "priority": job.priority}
            changed += connection.execute(statement.values(**values, **both)).rowcount
        return changed

    def _queued_of(self, job_id: str) -> tuple[ColumnElement[bool], ...]:
        table = self._executions
        state = table.c.state == int(ExecutionState.SCHEDULED)
        return (table.c.live == 1, table.c.job_id == job_id, state)
