"""Inserts rows in batches that neither their number nor their size lets grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import IntegrityError

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.legacy.old_values import id_of
from ndscheduler.corescheduler.errors import SchemaMismatch

BATCH_ROWS = 500
BATCH_CHARACTERS = 4_000_000
MAX_SAME_IDS = 100_000


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
        # The last number that stands behind an id which several rows have.
        self._numbers: dict[str, int] = {}
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
        if self._dialect.name == "sqlite":
            rows = self._with_free_ids(rows)
        if not self._could_insert(rows):
            for row in rows:
                self._insert_alone(row)
        self.count += len(rows)
        self._after_batch()

    def _insert_alone(self, row: dict[str, Any]) -> None:
        """Insert one row; where its id is taken, under an id with a number behind it.

        Tables of 0.x have a primary key, but some of users' own making have none.
        """
        wanted = row["id"]
        while not self._could_insert([row]):
            row = {**row, "id": self._next_id(wanted)}

    def _next_id(self, wanted: str) -> str:
        number = self._numbers.get(wanted, 1) + 1
        if number > MAX_SAME_IDS:
            raise SchemaMismatch(f"More than {MAX_SAME_IDS:,} rows have the id {wanted!r}.")
        self._numbers[wanted] = number
        return id_of(f"{wanted}-{number}")

    def _with_free_ids(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows, those whose ids are taken under other ids.

        Going back to a savepoint, SQLite would end the reading of the old rows, which goes on by
        the same connection; so there the ids are looked up before.
        """
        taken = self._taken([row["id"] for row in rows])
        free = []
        for row in rows:
            chosen = row["id"]
            while chosen in taken:
                chosen = self._next_id(row["id"])
                taken |= self._taken([chosen])
            taken.add(chosen)
            free.append({**row, "id": chosen})
        return free

    def _taken(self, ids: list[str]) -> set[str]:
        column = self._insert.table.c.id
        return set(self._connection.scalars(select(column).where(column.in_(ids))))

    def _could_insert(self, rows: list[dict[str, Any]]) -> bool:
        """Insert `rows`; False, and nothing is inserted, if a key of theirs is taken.

        Any other error ends the upgrade, and leaves the savepoint alone: where the disk is full,
        SQLite has undone all by itself, and its having none would hide why.
        """
        savepoint = self._connection.begin_nested()
        try:
            self._dialect.execute_many(self._connection, self._insert, rows)
        except IntegrityError:
            savepoint.rollback()
            return False
        savepoint.commit()
        return True
