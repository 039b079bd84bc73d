"""SQLite, PostgreSQL and MySQL/MariaDB: their engines, clocks, upserts and faults."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.sql.dml import Insert, UpdateBase

from ndscheduler.corescheduler.clock import from_micros, utc_now
from ndscheduler.corescheduler.datastore.batches import CompiledBatches
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.errors import ConfigError, DatastoreBusy

CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 30
# How long SQLite waits for another process's write; the transaction is tried a few times.
BUSY_TIMEOUT_SECONDS = 2
# How long a thread waits for the writes of other threads of this process.
TURN_TIMEOUT_SECONDS = 20


# Arguments of users stay out of error messages and logs.
_COMMON: dict[str, Any] = {"hide_parameters": True}


class SqliteDialect(Dialect):
    """SQLite 3: WAL, one writer at a time, the machine's clock is the database's."""

    name = "sqlite"
    locks_rows = False

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        # SQLite's own waiting sleeps ever longer; threads of one process take turns fairly here.
        self._turn = threading.Lock()
        if url.database in (None, "", ":memory:"):
            raise ConfigError("A SQLite database in memory would be lost at the end: name a file.")
        self._batches = CompiledBatches()

    @property
    def where(self) -> str:
        return str(self.url.database)

    def make_engine(self, pool_size: int) -> Engine:
        arguments: dict[str, Any] = dict(_COMMON)
        arguments["connect_args"] = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS}
        arguments |= {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10}
        engine = create_engine(self.url, **arguments)
        event.listen(engine, "connect", self._set_up)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

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
    def writer_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=TURN_TIMEOUT_SECONDS):
            raise DatastoreBusy("The database is busy: another write does not end.")
        try:
            yield
        finally:
            self._turn.release()

    def prepare(self, engine: Engine) -> None:
        connection = engine.raw_connection()
        try:
            # The mode is kept in the file, so it is set only once the file is known to be ours.
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()

    def _set_up(self, connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: _begin_sqlite does.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail with SQLITE_BUSY at any time;
    # one that says at once that it will write waits for its turn.
    writes = connection.get_execution_options().get("ndscheduler_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class PostgresDialect(Dialect):
    """PostgreSQL through psycopg 3, at READ COMMITTED."""

    name = "postgresql"

    def make_engine(self, pool_size: int) -> Engine:
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS * 1000} -c timezone=UTC"
        return create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,
            **_COMMON,
            isolation_level="READ COMMITTED",
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "options": options,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        )

    def now(self, connection: Connection) -> datetime:
        micros = "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint"
        return from_micros(connection.execute(text(micros)).scalar_one())

    def insert_or_keep(self, table: Table) -> Insert:
        return postgresql.insert(table).on_conflict_do_nothing()

    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        statement = postgresql.insert(table)
        added = {name: table.c[name] + statement.excluded[name] for name in sums}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=added)

    def is_transient(self, error: DBAPIError) -> bool:
        # 40001 serialization failure, 40P01 deadlock, 55P03 lock not available.
        return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03"}


class MySQLDialect(Dialect):
    """MySQL 8 and MariaDB 10.6 or later through PyMySQL, at READ COMMITTED."""

    name = "mysql"
    counts_inserts = False

    def make_engine(self, pool_size: int) -> Engine:
        return create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,
            **_COMMON,
            isolation_level="READ COMMITTED",
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "read_timeout": STATEMENT_TIMEOUT_SECONDS,
                "write_timeout": STATEMENT_TIMEOUT_SECONDS,
                "charset": "utf8mb4",
            },
        )

    def now(self, connection: Connection) -> datetime:
        # UNIX_TIMESTAMP(NOW(6)) is an hour off while a session's zone passes the same hour twice.
        micros = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
        return from_micros(connection.execute(text(micros)).scalar_one())

    def insert_or_keep(self, table: Table) -> Insert:
        key = next(iter(table.primary_key.columns)).name
        return mysql.insert(table).on_duplicate_key_update({key: table.c[key]})

    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        statement = mysql.insert(table)
        added = {name: table.c[name] + statement.inserted[name] for name in sums}
        return statement.on_duplicate_key_update(added)

    def is_transient(self, error: DBAPIError) -> bool:
        code = error.orig.args[0] if error.orig is not None and error.orig.args else None
        # 1205 lock wait timeout, 1213 deadlock, 1020 record has changed since last read.
        return code in {1205, 1213, 1020}


_DIALECTS: dict[str, tuple[type[Dialect], str]] = {
    "sqlite": (SqliteDialect, "sqlite"),
    "postgresql": (PostgresDialect, "postgresql+psycopg"),
    "postgres": (PostgresDialect, "postgresql+psycopg"),
    "mysql": (MySQLDialect, "mysql+pymysql"),
    "mariadb": (MySQLDialect, "mysql+pymysql"),
}


def dialect_for(url: str | URL) -> Dialect:
    """The dialect that a database URL asks for; the drivers of old are replaced by ours.

    Raises ConfigError for a text that is no URL, and for any other kind of database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("The database URL can not be read; it looks like kind://...") from error
    backend = parsed.drivername.split("+")[0]
    if backend not in _DIALECTS:
        raise ConfigError(
            f"The database kind {backend!r} is not supported: "
            "use SQLite, PostgreSQL or MySQL/MariaDB."
        )
    kind, drivername = _DIALECTS[backend]
    dialect = kind(parsed.set(drivername=drivername))
    _check_driver(dialect.url, backend)
    return dialect


def _check_driver(url: URL, backend: str) -> None:
    try:
        url.get_dialect().import_dbapi()
    except (ImportError, NoSuchModuleError) as error:
        extra = "postgres" if backend.startswith("postgres") else "mysql"
        raise ConfigError(
            f"The driver for {backend} is not installed: pip install 'ndscheduler[{extra}]'."
        ) from error
