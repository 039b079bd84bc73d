"""SQLite: one file, one writer at a time, the machine's clock."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert, UpdateBase

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.datastore.batches import CompiledBatches
from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.deadlines import Call, Line, SqliteLine
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.errors import ConfigError, DatastoreBusy

# The log of writes beside the file is cut back to this when it has been worked into the file.
WAL_KEEP_BYTES = 16 * 1024 * 1024
# Hashes of passwords, arguments and results are not for the other users of the machine.
ONLY_OWNER = 0o600


class SqliteDialect(Dialect):
    """SQLite 3: WAL, one writer at a time, the machine's clock is the database's."""

    name = "sqlite"
    locks_rows = False
    needs_ping = False

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        # SQLite's own waiting sleeps ever longer; threads of one process take turns fairly here.
        self._turn = threading.Lock()
        if url.database in (None, "", ":memory:"):
            raise ConfigError("A SQLite database in memory would be lost at the end: name a file.")
        if "\x00" in str(url.database):
            raise ConfigError("DATABASE_CONFIG_DICT: file_path has a NUL character in it.")
        self._batches = CompiledBatches()

    @property
    def where(self) -> str:
        return str(self.url.database)

    def engine_options(self, budget: Budget) -> dict[str, Any]:
        return {"connect_args": {"check_same_thread": False, "timeout": budget.lock_seconds}}

    def connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        _make_private(str(self.url.database))
        connection: sqlite3.Connection = driver.connect(*arguments, **keywords)
        line = SqliteLine(connection)
        attempt.attach(line)
        # The driver must not begin transactions by itself: _begin_sqlite does.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA journal_size_limit={WAL_KEEP_BYTES}")
        return connection, line

    def listen(self, engine: Engine) -> None:
        event.listen(engine, "begin", _begin_sqlite)

    def ping(self, connection: Connection) -> None:
        # SELECT 1 would not look at the file.
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    def now(self, connection: Connection) -> datetime:
        return utc_now()

    def execute_many(
        self, connection: Connection, statement: UpdateBase, rows: Sequence[dict[str, Any]]
    ) -> int:
        return self._batches.execute(connection, statement, rows)

    def insert_or_keep(self, table: Table) -> Insert:
        return sqlite.insert(table).on_conflict_do_nothing()

    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        statement = sqlite.insert(table)
        added = {name: table.c[name] + statement.excluded[name] for name in sums}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=added)

    def is_transient(self, error: DBAPIError) -> bool:
        message = str(error.orig)
        return "database is locked" in message or "database table is locked" in message

    @contextmanager
    def writer_turn(self, patience_seconds: float = 60.0) -> Iterator[None]:
        if not self._turn.acquire(timeout=max(0.0, patience_seconds)):
            raise DatastoreBusy("The database is busy: another write does not end.")
        try:
            yield
        finally:
            self._turn.release()

    def prepare(self, engine: Engine) -> None:
        # The mode is kept in the file, so it is set only once the file is known to be ours. It
        # can not be set in a transaction, which SQLAlchemy's connections always begin.
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                "PRAGMA journal_mode=WAL", None, error, sqlite3.Error, hide_parameters=True
            ) from error
        finally:
            connection.close()


def _make_private(path: str) -> None:
    """Make the file, if it is new; the mode of one that is there stays as its owner wants it.

    SQLite gives the files that it keeps beside it the same mode.
    """
    # SQLite says better what is wrong with a path.
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, ONLY_OWNER))


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail with SQLITE_BUSY at any time;
    # one that says at once that it will write waits for its turn.
    writes = connection.get_execution_options().get("ndscheduler_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
