"""The statistics of copied executions, as the finish writer would have kept them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.datastore.dialect import Dialect

MAX_SUMS = 20_000


class EndSums:
    """Counts ends per job, hour and state; keeps only so many sums in memory."""

    def __init__(self, connection: Connection, dialect: Dialect, table: Table) -> None:
        self._connection = connection
        self._dialect = dialect
        self._add = dialect.insert_or_add(
            table, ("job_id", "hour", "state"), ("count", "total_microseconds")
        )
        self._sums: dict[tuple[str, datetime, int], list[int]] = {}

    def add(self, row: dict[str, Any]) -> None:
        """Count the execution that `row` holds."""
        ended = row["finished_time"]
        hour = ended.replace(minute=0, second=0, microsecond=0)
        entry = self._sums.setdefault((row["job_id"], hour, row["state"]), [0, 0])
        entry[0] += 1
        entry[1] += max(0, (ended - (row["started_time"] or ended)) // MICROSECOND)
        if len(self._sums) >= MAX_SUMS:
            self.flush()

    def flush(self) -> None:
        """Add what was counted to the table."""
        rows = [
            {"job_id": j, "hour": h, "state": s, "count": n, "total_microseconds": micros}
            for (j, h, s), (n, micros) in sorted(self._sums.items())
        ]
        self._sums = {}
        for begin in range(0, len(rows), 1000):
            self._dialect.execute_many(self._connection, self._add, rows[begin : begin + 1000])
