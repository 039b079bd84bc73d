"""Which jobs have which status, as conditions on the jobs table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, ScalarSelect, and_, or_, select

from ndscheduler.corescheduler.constants import (
    FAILURE_STATES,
    UNTELLING_STATES,
    ExecutionState,
    JobStatus,
)
from ndscheduler.corescheduler.datastore.paging import Broken
from ndscheduler.corescheduler.datastore.rows import ACTIVE, PAUSED
from ndscheduler.corescheduler.datastore.tables import Tables


class JobStatuses:
    """Conditions for each status."""

    def __init__(self, tables: Tables) -> None:
        self._jobs = tables.jobs
        self._executions = tables.executions
        self._conditions: dict[JobStatus, Callable[[], ColumnElement[bool]]] = {
            JobStatus.ACTIVE: self.active,
            JobStatus.PAUSED: lambda: self._jobs.c.state == PAUSED,
            JobStatus.RUNNING: self._running,
            JobStatus.FAILING: self.failing,
            JobStatus.ENDED: self.ended,
        }

    def any_of(self, statuses: Sequence[JobStatus], broken: Broken) -> ColumnElement[bool]:
        """True for a job that has one of `statuses`, of which there is at least one."""
        plain = [self._conditions[status]() for status in statuses if status in self._conditions]
        found = [self.broken(broken)] if JobStatus.BROKEN in statuses else []
        return or_(*plain, *found)

    def active(self) -> ColumnElement[bool]:
        """True for a job that is not paused."""
        return self._jobs.c.state == ACTIVE

    def ended(self) -> ColumnElement[bool]:
        """True for an active job that fires no more."""
        return and_(self._jobs.c.state == ACTIVE, self._jobs.c.next_fire.is_(None))

    def failing(self) -> ColumnElement[bool]:
        """True for a job whose last telling execution went wrong."""
        wrong = [int(state) for state in FAILURE_STATES]
        return self.last_told(self._executions.c.state).in_(wrong)

    def last_told(self, column: Column[Any]) -> ScalarSelect[Any]:
        """`column` of the job's last execution by schedule that tells how it does.

        One look-up per job in the index (job_id, scheduled_time, id), whose first row is mostly
        the one: a job has few that have not ended, and few that were skipped.
        """
        table = self._executions
        # Not `live IS NULL`: MySQL would read all of a job by the index on it, and sort them.
        untelling = [int(state) for state in UNTELLING_STATES]
        newest = (
            select(column)
            .where(table.c.job_id == self._jobs.c.id, table.c.state.not_in(untelling))
            .order_by(table.c.scheduled_time.desc(), table.c.id.desc())
            .limit(1)
        )
        return newest.correlate(self._jobs).scalar_subquery()

    def _running(self) -> ColumnElement[bool]:
        table = self._executions
        states = [int(ExecutionState.RUNNING), int(ExecutionState.STOPPING)]
        running = select(table.c.job_id).where(table.c.live == 1, table.c.state.in_(states))
        return self._jobs.c.id.in_(running)

    def broken(self, broken: Broken) -> ColumnElement[bool]:
        """True for a job that can not run, as `broken` says."""
        return or_(
            self._jobs.c.job_class_string.in_(sorted(broken.job_classes)),
            self._jobs.c.id.in_(sorted(broken.job_ids)),
        )
