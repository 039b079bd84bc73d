"""Reading a database as it was at one instant, row by row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, inspect, select

from ndscheduler.corescheduler.datastore.backup.contents import (
    TableRows,
    backed_up_tables,
    plain_table,
)
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.existing import existing_tables
from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.datastore.tables import Tables

# Rows that are in memory at once; each may hold a result of many megabytes.
ROWS_AT_ONCE = 100


class Snapshot:
    """All rows of one installation, as they were when it was opened."""

    def __init__(self, connection: Connection, tables: Tables, created_at: str | None) -> None:
        """Raises SchemaMismatch where there are no tables, or those of a newer release."""
        self._connection = connection
        self._tables = tables
        self.revision = migrations.readable_revision(connection, tables)
        self.created_at = created_at
        self._reading: CursorResult[Any] | None = None

    def tables(self) -> Iterator[TableRows]:
        """All tables with their rows, in the order of their primary keys.

        Of an older revision, what it had.
        """
        inspector = inspect(self._connection)
        ours = backed_up_tables(self._tables)
        existing = existing_tables(self._connection, [table.name for table in ours.values()])
        for name, table in ours.items():
            if table.name not in existing:
                continue
            present = {column["name"] for column in inspector.get_columns(table.name)}
            plain = plain_table(table, present)
            order = [plain.c[column.name] for column in table.primary_key.columns]
            query = select(plain).order_by(*order)
            columns = tuple(column.name for column in plain.columns)
            yield TableRows(name, columns, self._rows(query))

    def _rows(self, query: Any) -> Iterator[Sequence[Any]]:
        streaming = {"yield_per": ROWS_AT_ONCE}
        self._reading = self._connection.execute(query, execution_options=streaming)
        yield from self._reading

    def close(self) -> None:
        """Read no further, though there be more rows."""
        if self._reading is not None:
            self._reading.close()


@contextlib.contextmanager
def snapshot(engine: Engine, dialect: Dialect, tables: Tables) -> Iterator[Snapshot]:
    """One transaction that sees the database as it is now, and keeps nobody from writing."""
    options: dict[str, Any] = {"ndscheduler_writes": False}
    if dialect.name != "sqlite":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        take_time(connection)
        created_at = dialect.now(connection).isoformat()
        with contextlib.closing(Snapshot(connection, tables, created_at)) as taken:
            yield taken


def take_time(connection: Connection) -> None:
    """Let the server wait for one who reads or writes a slow disk or pipe.

    How long it waits between statements is in the budget of the connection.
    """
    if connection.dialect.name in ("mysql", "mariadb"):
        for name in ("net_write_timeout", "net_read_timeout"):
            connection.exec_driver_sql(f"SET SESSION {name} = 3600")
