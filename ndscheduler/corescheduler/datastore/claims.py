"""Claiming: which jobs are due, what a claim inserts, and how it moves the jobs on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, Update, and_, bindparam, distinct, func, or_, select

from ndscheduler.corescheduler.constants import TriggerKind
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.rows import (
    ACTIVE,
    PAUSED,
    execution_row,
    job_from,
)
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Execution, Job


class Claims:
    """What a claim reads and writes, in batches."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._jobs = tables.jobs
        self._executions = tables.executions
        self._dialect = dialect
        # The count of an INSERT is thrown away unless it is asked for.
        insert = dialect.insert_or_keep(tables.executions)
        self._insert = insert.execution_options(preserve_rowcount=True)
        self._advance = _advance(tables.jobs)

    def due_jobs(self, connection: Connection, now: datetime, limit: int) -> list[Job]:
        """Active jobs with next_fire <= `now`, longest due first, locked for this transaction."""
        table = self._jobs
        query = (
            select(table)
            .where(table.c.next_fire <= now, table.c.state == ACTIVE)
            .order_by(table.c.next_fire, table.c.id)
            .limit(limit)
        )
        return [job_from(row) for row in connection.execute(self._dialect.locked(query))]

    def jobs_to_resume(self, connection: Connection, now: datetime, limit: int) -> list[Job]:
        """Paused jobs whose pause ends at or before `now`, locked for this transaction."""
        table = self._jobs
        query = (
            select(table)
            .where(table.c.paused_until <= now, table.c.state == PAUSED)
            .order_by(table.c.paused_until)
            .limit(limit)
        )
        return [job_from(row) for row in connection.execute(self._dialect.locked(query))]

    def next_wake(self, connection: Connection) -> datetime | None:
        """The earliest instant at which a job is due or a pause ends."""
        table = self._jobs
        fire = select(func.min(table.c.next_fire)).where(table.c.state == ACTIVE)
        end = select(func.min(table.c.paused_until)).where(table.c.state == PAUSED)
        found = [connection.execute(query).scalar_one() for query in (fire, end)]
        return min((instant for instant in found if instant is not None), default=None)

    def triggers_due(
        self, connection: Connection, until: datetime, limit: int
    ) -> list[tuple[str, str, datetime | None, datetime | None]]:
        """(trigger, timezone, start, end), as stored, of the jobs due at or before `until`."""
        table = self._jobs
        columns = (table.c.trigger, table.c.timezone, table.c.start_date, table.c.end_date)
        query = select(*columns).where(table.c.next_fire <= until, table.c.state == ACTIVE)
        rows = connection.execute(query.distinct().limit(limit))
        return [(row.trigger, row.timezone, row.start_date, row.end_date) for row in rows]

    def live_counts(self, connection: Connection, job_ids: Iterable[str]) -> dict[str, int]:
        """How many executions of each job count against its `max_instances` now.

        Executions started by hand do not count, nor do new attempts of them; a series of caught-up
        fires counts as one.
        """
        table = self._executions
        scheduled = table.c.trigger_kind == TriggerKind.SCHEDULE.value
        again = and_(
            table.c.trigger_kind == TriggerKind.RETRY.value, table.c.requested_by.is_(None)
        )
        counted = func.count(distinct(func.coalesce(table.c.series_id, table.c.id)))
        query = (
            select(table.c.job_id, counted.label("live_count"))
            .where(
                table.c.live.is_not(None),
                table.c.live == 1,
                table.c.job_id.in_(list(job_ids)),
                or_(scheduled, again),
            )
            .group_by(table.c.job_id)
        )
        return {row.job_id: row.live_count for row in connection.execute(query)}

    def advance(self, connection: Connection, moves: Sequence[tuple[Job, datetime | None]]) -> int:
        """Give each job its new next fire time, if it is still as it was read; how many were."""
        rows = [
            {"old_id": job.id, "old_rev": job.rev, "old_fire": job.next_fire, "new_fire": new}
            for job, new in moves
        ]
        return self._dialect.execute_many(connection, self._advance, rows) if rows else 0

    def set_lost_fire(self, connection: Connection, job: Job, fire: datetime) -> None:
        """Give a job that has no next fire time one, if it is still as it was read."""
        table = self._jobs
        same = (table.c.id == job.id, table.c.rev == job.rev, table.c.next_fire.is_(None))
        statement = table.update().where(*same, table.c.state == ACTIVE)
        connection.execute(statement.values(next_fire=fire))

    def ids_among(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        """Which of `ids` are executions in the database."""
        column = self._executions.c.id
        return {row.id for row in connection.execute(select(column).where(column.in_(ids)))}

    def insert_executions(self, connection: Connection, executions: Sequence[Execution]) -> int:
        """Insert one row per execution; how many were new.

        A fire time that is recorded already stays as it is (unique (job_id, fire_time)).
        """
        if not executions:
            return 0
        rows = _without_empty_columns([execution_row(execution) for execution in executions])
        inserted = self._dialect.execute_many(connection, self._insert, rows)
        if self._dialect.counts_inserts:
            return inserted
        ids = self._executions.c.id.in_([execution.id for execution in executions])
        query = select(func.count()).select_from(self._executions).where(ids)
        return connection.execute(query).scalar_one()


def _without_empty_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without the columns that are NULL in all of them: half of a claim's row."""
    used = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    return [{name: row[name] for name in used} for row in rows]


def _advance(jobs: Table) -> Update:
    return (
        jobs.update()
        .where(
            jobs.c.id == bindparam("old_id"),
            jobs.c.rev == bindparam("old_rev"),
            jobs.c.next_fire == bindparam("old_fire"),
        )
        .values(next_fire=bindparam("new_fire"))
    )
