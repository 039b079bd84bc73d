"""One statement for many rows on SQLite, without the work that SQLAlchemy does per row.

For ten thousand rows in one process that work costs several times what SQLite itself does. The
statements are still written in SQLAlchemy's language; they are compiled here once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import UpdateBase

from ndscheduler.corescheduler.clock import to_micros

Row = dict[str, Any]


class CompiledBatch:
    """`statement` for rows that have the keys `columns`."""

    def __init__(self, statement: UpdateBase, columns: Sequence[str]) -> None:
        compiled = statement.compile(
            dialect=sqlite.dialect(),
            column_keys=list(columns),
        )
        self._sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._constants: Row = dict(compiled.params)

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run it for every row; how many rows of the table were changed."""
        names, constants = self._names, self._constants
        values = [
            tuple(_plain(row[name] if name in row else constants[name]) for name in names)
            for row in rows
        ]
        return connection.exec_driver_sql(self._sql, values).rowcount


class CompiledBatches:
    """Keeps what it compiled, by statement and columns. Statements must live as long as it does."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, tuple[str, ...]], tuple[UpdateBase, CompiledBatch]] = {}

    def execute(self, connection: Connection, statement: UpdateBase, rows: Sequence[Row]) -> int:
        """Run `statement` for every row; all have the same keys."""
        columns = tuple(rows[0])
        key = (id(statement), columns)
        known = self._compiled.get(key)
        if known is None:
            # The statement is kept with it: its id must not pass to another one.
            known = self._compiled[key] = (statement, CompiledBatch(statement, columns))
        return known[1].execute(connection, rows)


def _plain(value: Any) -> Any:
    return to_micros(value) if isinstance(value, datetime) else value
