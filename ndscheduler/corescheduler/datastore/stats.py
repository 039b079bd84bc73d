"""Per job, hour and state: how many executions ended so, and how long they took in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.constants import ExecutionState, state_of
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.summary import Endings


@dataclass(frozen=True, slots=True)
class Ending:
    """One end of an execution (or of `count` fires that became one row), as the stats count it."""

    job_id: str
    state: ExecutionState
    at: datetime
    duration: timedelta = timedelta(0)
    count: int = 1


class JobStats:
    """The statistics table, which lists and tiles read in place of executions."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._table = tables.job_stats
        self._executions = tables.executions
        self._dialect = dialect
        self._add = dialect.insert_or_add(
            self._table, ("job_id", "hour", "state"), ("count", "total_microseconds")
        )

    def add(self, connection: Connection, endings: Iterable[Ending]) -> None:
        """Count `endings`, in the transaction that stores them."""
        sums: dict[tuple[str, datetime, int], list[int]] = defaultdict(lambda: [0, 0])
        for ending in endings:
            hour = ending.at.replace(minute=0, second=0, microsecond=0)
            entry = sums[(ending.job_id, hour, int(ending.state))]
            entry[0] += ending.count
            entry[1] += max(0, ending.duration // MICROSECOND)
        # One order for all transactions: two that touch the same rows can not deadlock.
        rows = [
            {"job_id": j, "hour": h, "state": s, "count": n, "total_microseconds": micros}
            for (j, h, s), (n, micros) in sorted(sums.items())
        ]
        if rows:
            self._dialect.execute_many(connection, self._add, rows)

    def totals(self, connection: Connection, since: datetime) -> dict[ExecutionState, int]:
        """How many executions ended in each state in the hours from `since` on."""
        table = self._table
        query = (
            select(table.c.state, func.sum(table.c.count).label("total"))
            .where(table.c.hour >= since)
            .group_by(table.c.state)
        )
        return {state_of(row.state): int(row.total) for row in connection.execute(query)}

    def by_hour(
        self, connection: Connection, start: datetime, end: datetime, job_id: str | None
    ) -> dict[datetime, dict[ExecutionState, Endings]]:
        """How executions ended in each hour h with start <= h <= end, of one job or of all.

        Hours in which nothing ended are not there. Of a job it reads a part of the primary key,
        of all jobs a part of the index on hours.
        """
        table = self._table
        query = (
            select(
                table.c.hour,
                table.c.state,
                func.sum(table.c.count).label("ended"),
                func.sum(table.c.total_microseconds).label("micros"),
            )
            .where(table.c.hour >= start, table.c.hour <= end)
            .group_by(table.c.hour, table.c.state)
            .order_by(table.c.hour, table.c.state)
        )
        if job_id is not None:
            query = query.where(table.c.job_id == job_id)
        found: dict[datetime, dict[ExecutionState, Endings]] = defaultdict(dict)
        for row in connection.execute(query):
            endings = Endings(int(row.ended), int(row.micros) * MICROSECOND)
            found[row.hour][state_of(row.state)] = endings
        return dict(found)

    def live_counts(self, connection: Connection) -> dict[ExecutionState, int]:
        """How many executions are queued, running and stopping now."""
        table = self._executions
        query = (
            select(table.c.state, func.count().label("total"))
            .where(table.c.live == 1)
            .group_by(table.c.state)
        )
        return {state_of(row.state): row.total for row in connection.execute(query)}
