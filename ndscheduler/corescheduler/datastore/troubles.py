"""Which jobs are in trouble: reads that find them without looking through executions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from ndscheduler.corescheduler.constants import ExecutionState, state_of
from ndscheduler.corescheduler.datastore.job_status import JobStatuses
from ndscheduler.corescheduler.datastore.paging import Broken
from ndscheduler.corescheduler.datastore.tables import Tables


@dataclass(frozen=True, slots=True)
class TroubledJob:
    """A job, when it was last seen in trouble, and how its last telling execution ended."""

    id: str
    name: str
    at: datetime
    state: ExecutionState | None = None
    job_class_string: str = ""
    count: int = 1


class Troubles:
    """Reads of active jobs: whoever paused a job knows of it."""

    def __init__(self, tables: Tables) -> None:
        self._jobs = tables.jobs
        self._executions = tables.executions
        self._stats = tables.job_stats
        self._statuses = JobStatuses(tables)

    def failing(self, connection: Connection) -> list[TroubledJob]:
        """Jobs whose last telling execution went wrong: one look-up in the index for each job."""
        jobs, executions = self._jobs, self._executions
        state = self._statuses.last_told(executions.c.state).label("last_state")
        time = self._statuses.last_told(executions.c.scheduled_time).label("last_time")
        query = select(jobs.c.id, jobs.c.name, state, time)
        rows = connection.execute(query.where(self._statuses.active(), self._statuses.failing()))
        return [
            TroubledJob(row.id, row.name, row.last_time, state_of(row.last_state)) for row in rows
        ]

    def missing(self, connection: Connection, since: datetime) -> list[TroubledJob]:
        """Jobs that missed fires in the hours from `since` on, with how many and the last hour."""
        jobs, stats = self._jobs, self._stats
        count, hour = func.sum(stats.c.count).label("missed"), func.max(stats.c.hour).label("last")
        missed = (
            select(stats.c.job_id, count, hour)
            .where(stats.c.hour >= since, stats.c.state == int(ExecutionState.MISSED))
            .group_by(stats.c.job_id)
            .subquery()
        )
        query = select(jobs.c.id, jobs.c.name, missed.c.missed, missed.c.last)
        joined = query.join(missed, missed.c.job_id == jobs.c.id)
        return [
            TroubledJob(row.id, row.name, row.last, ExecutionState.MISSED, count=int(row.missed))
            for row in connection.execute(joined.where(self._statuses.active()))
        ]

    def ended(self, connection: Connection) -> list[TroubledJob]:
        """Jobs that fire no more, but for those of one date that have succeeded or still run.

        Nor those of one date of which no execution is known: it may be gone with old history.
        """
        jobs, stats, executions = self._jobs, self._stats, self._executions
        succeeded = exists().where(
            stats.c.job_id == jobs.c.id, stats.c.state == int(ExecutionState.SUCCEEDED)
        )
        ran = exists().where(executions.c.job_id == jobs.c.id)
        runs = exists().where(executions.c.live == 1, executions.c.job_id == jobs.c.id)
        # What a row holds is JSON; in no other trigger does this word stand in quotes.
        is_date = jobs.c.trigger.contains('"date"')
        is_done = and_(is_date, or_(succeeded, runs, ~ran))
        time = self._statuses.last_told(executions.c.scheduled_time).label("last_time")
        query = select(jobs.c.id, jobs.c.name, jobs.c.updated_at, time)
        rows = connection.execute(query.where(self._statuses.ended(), ~is_done))
        return [TroubledJob(row.id, row.name, row.last_time or row.updated_at) for row in rows]

    def broken(self, connection: Connection, broken: Broken) -> list[TroubledJob]:
        """Jobs that can not run, with their class; `at` is when they were last changed."""
        jobs = self._jobs
        query = select(jobs.c.id, jobs.c.name, jobs.c.updated_at, jobs.c.job_class_string)
        rows = connection.execute(
            query.where(self._statuses.active(), self._statuses.broken(broken))
        )
        return [
            TroubledJob(row.id, row.name, row.updated_at, job_class_string=row.job_class_string)
            for row in rows
        ]
