"""Inserts rows in batches that neither their number nor their size lets grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import IntegrityError

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.legacy.old_values import id_of

BATCH_ROWS = 500
BATCH_CHARACTERS = 4_000_000


class Writer:
    """Inserts into one table. `after_batch` is called after each batch."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        table: Table,
        after_batch: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._insert = table.insert()
        self._after_batch = after_batch
        self._rows: list[dict[str, Any]] = []
        self._characters = 0
        self.count = 0

    def add(self, row: dict[str, Any]) -> None:
        """Insert `row`, at the latest with the next `flush`."""
        self._rows.append(row)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._rows) >= BATCH_ROWS or self._characters >= BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Insert what waits."""
        rows, self._rows, self._characters = self._rows, [], 0
        if not rows:
            return
        try:
            with self._connection.begin_nested():
                self._dialect.execute_many(self._connection, self._insert, rows)
        except IntegrityError:
            for row in rows:
                self._insert_alone(row)
        self.count += len(rows)
        self._after_batch()

    def _insert_alone(self, row: dict[str, Any]) -> None:
        """Insert one row; where its id is taken, under an id with a number behind it.

        Tables of 0.x have a primary key, but some of users' own making have none.
        """
        wanted = row["id"]
        for number in range(2, 1000):
            try:
                with self._connection.begin_nested():
                    self._dialect.execute_many(self._connection, self._insert, [row])
                return
            except IntegrityError:
                if number == 999:
                    raise
                row = {**row, "id": id_of(f"{wanted}-{number}")}
