"""Restoring a backup into an empty database: all of it, or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Engine, Table, func, insert, select, text
from sqlalchemy.exc import StatementError

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.backup.contents import (
    Backup,
    TableRows,
    backed_up_tables,
    plain_table,
)
from ndscheduler.corescheduler.datastore.backup.reading import open_backup
from ndscheduler.corescheduler.datastore.backup.snapshot import take_time
from ndscheduler.corescheduler.datastore.legacy.old_tables import find_old_tables
from ndscheduler.corescheduler.datastore.legacy.upgrade import is_under_way
from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.datastore.migrations.lock import LOCK_WAIT_SECONDS, locked
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.errors import BackupError

if TYPE_CHECKING:
    from ndscheduler.corescheduler.datastore.base import DatastoreBase

MAX_ROWS = 500
MAX_CHARACTERS = 2_000_000
RUNNING = frozenset({int(ExecutionState.RUNNING), int(ExecutionState.STOPPING)})
# Rows of schedulers that have ended may be in an empty database, and stay.
MAY_HAVE_ROWS = ("instances",)


@dataclass(slots=True)
class Restored:
    """How many rows each table got, and how many executions ran when the backup was made."""

    rows: dict[str, int] = field(default_factory=dict)
    interrupted: int = 0


def restore_backup(datastore: DatastoreBase, file: str) -> Restored:
    """Put the backup in `file` ("-" is standard input) into `datastore`, whose tables are empty.

    They are made if they are not there. Executions that ran become `interrupted`; all else is as it
    was. Raises BackupError, SchemaMismatch or DatastoreUnavailable; then nothing was restored.
    """
    with open_backup(file, datastore.tables.names) as backup:
        if not migrations.is_known(backup.revision):
            raise BackupError(
                f"The backup is of revision {backup.revision}, which this release does not know: "
                "it was made by a newer ndscheduler."
            )
        _refuse_itself(datastore, file)
        datastore.read(_refuse_old_tables, datastore.tables.names)
        datastore.open()
        try:
            return datastore.run_long(lambda engine: _Restore(datastore, backup).run(engine))
        except (StatementError, OverflowError) as error:
            reason = " ".join(str(getattr(error, "orig", error)).split())
            raise BackupError(f"The database refuses the backup: {reason}") from error


def _refuse_itself(datastore: DatastoreBase, file: str) -> None:
    if datastore.dialect.name != "sqlite":
        return
    path = str(datastore.dialect.url.database)
    if os.path.exists(path) and os.path.exists(file) and os.path.samefile(path, file):
        raise BackupError(f"{file} is the database itself: name another in DATABASE_CONFIG_DICT.")


def _refuse_old_tables(connection: Connection, names: TableNames) -> None:
    """`open` would upgrade them."""
    old = find_old_tables(connection, names)
    if old or is_under_way(connection, names):
        raise BackupError(
            "This database was written by ndscheduler 0.x: a backup is restored into an empty "
            "database only."
        )


class _Restore:
    """One restore, in one transaction."""

    def __init__(self, datastore: DatastoreBase, backup: Backup) -> None:
        self._datastore = datastore
        self._dialect = datastore.dialect
        self._tables = backed_up_tables(datastore.tables)
        self._backup = backup
        self._interrupted: Counter[str] = Counter()
        self._instance_ids: set[str] = set()
        self._restored = Restored()

    def run(self, engine: Engine) -> Restored:
        """Do all of it."""
        with locked(engine, self._dialect, self._datastore.tables, LOCK_WAIT_SECONDS) as connection:
            take_time(connection)
            self._lock(connection)
            self._refuse_rows(connection)
            self._refuse_live_instance(connection)
            now = self._dialect.now(connection)
            for table in self._backup.tables():
                self._restored.rows[table.name] = self._insert(connection, table, now)
            self._refuse_more_rows(connection)
            self._refuse_live_instance(connection)
            self._count_interrupted(connection, now)
        return self._restored

    def _lock(self, connection: Connection) -> None:
        """Keep others from writing jobs and executions, where a transaction can."""
        if self._dialect.name == "postgresql":
            tables = self._datastore.tables
            names = f'"{tables.jobs.name}", "{tables.executions.name}"'
            connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))

    def _refuse_rows(self, connection: Connection) -> None:
        # Accounts first: they may be all that there is.
        for name, table in sorted(self._tables.items(), key=lambda item: item[0] != "users"):
            count = 0 if name in MAY_HAVE_ROWS else _count(connection, table)
            if count:
                raise BackupError(
                    f"The table {table.name} has {count} rows: a backup is restored into an empty "
                    f"database only. Name another one, or other DATABASE_TABLENAMES.{_why(name)}"
                )

    def _refuse_more_rows(self, connection: Connection) -> None:
        """What another program has stored meanwhile must not be mixed with the backup."""
        for name, table in self._tables.items():
            expected = self._restored.rows.get(name, 0)
            if name not in MAY_HAVE_ROWS and _count(connection, table) != expected:
                raise BackupError(
                    f"Another program writes to the table {table.name}: end it first."
                )

    def _refuse_live_instance(self, connection: Connection) -> None:
        now = self._dialect.now(connection)
        for instance in self._datastore.instances.list(connection):
            if instance.is_alive_at(now) and instance.id not in self._instance_ids:
                raise BackupError(
                    f"A scheduler uses this database (process {instance.pid} on "
                    f"{instance.hostname}): stop it first. One that was killed counts as alive "
                    f"for {instance.lease_seconds:g} seconds."
                )

    def _insert(self, connection: Connection, source: TableRows, now: datetime) -> int:
        """Insert the rows of one table; how many."""
        table = self._table_for(source)
        statement = insert(plain_table(table, source.columns))
        count = 0
        for rows in _batches(source):
            for row in rows:
                self._note(source.name, row, to_micros(now))
            self._dialect.execute_many(connection, statement, rows)
            count += len(rows)
        return count

    def _table_for(self, source: TableRows) -> Table:
        """The table for these rows. Raises BackupError if it has no place for a column."""
        table = self._tables.get(source.name)
        known = set() if table is None else set(table.columns.keys())
        unknown = sorted(set(source.columns) - known)
        if table is None or unknown:
            raise BackupError(
                f"The backup has a column {unknown[0]!r} of {source.name}, which this release does "
                "not know: it was made by a newer ndscheduler."
            )
        required = {column.name for column in table.columns if _is_required(column)}
        lacking = sorted(required - set(source.columns))
        if lacking:
            raise BackupError(
                f"The backup lacks {lacking[0]!r} of {source.name}: restore it with the release "
                "that made it, then upgrade."
            )
        return table

    def _note(self, name: str, row: dict[str, Any], now: int) -> None:
        """Change what can not be as it was, and remember what is needed later."""
        if name == "instances":
            self._instance_ids.add(row["id"])
        elif name == "executions" and row["state"] in RUNNING:
            self._interrupted[row["job_id"]] += 1
            row |= {"state": int(ExecutionState.INTERRUPTED), "live": None, "reason": self._reason}
            row |= {"finished_time": now, "updated_time": now}

    def _count_interrupted(self, connection: Connection, now: datetime) -> None:
        """The statistics count these ends as any others."""
        state = ExecutionState.INTERRUPTED
        endings = [Ending(i, state, now, count=n) for i, n in self._interrupted.items()]
        self._datastore.stats.add(connection, endings)
        self._restored.interrupted = sum(self._interrupted.values())

    @property
    def _reason(self) -> str:
        made = f" made at {self._backup.created_at}" if self._backup.created_at else ""
        return f"It ran when the backup{made} was made from which the database was restored."


def _why(name: str) -> str:
    if name != "users":
        return ""
    return " (A server that other machines reach makes the account admin at its first start.)"


def _is_required(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _batches(source: TableRows) -> Iterator[list[dict[str, Any]]]:
    """The rows by column name, so many at a time as fit in memory easily."""
    batch: list[dict[str, Any]] = []
    size = 0
    for row in source.rows:
        batch.append(dict(zip(source.columns, row, strict=True)))
        size += sum(len(value) for value in row if isinstance(value, str))
        if len(batch) == MAX_ROWS or size > MAX_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
