"""The lock that one upgrade at a time holds; the others wait for it, and then for nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.errors import SchemaMismatch

LOCK_WAIT_SECONDS = 60.0

_PAUSE_SECONDS = 0.1

# How long a change of a table waits for others that use it, and no limit on how long it takes.
_POSTGRES = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    # A large table is read from its beginning, also when others read it: rows keep their order.
    "SET LOCAL synchronize_seqscans = off",
    # Times of old tables are read as text: 'infinity' is one that no datetime holds.
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL timezone = 'UTC'",
)
_MYSQL = (
    # Less than the time after which the driver gives up on an answer.
    "SET SESSION lock_wait_timeout = 20",
    # An upgrade that reads a large table may pause for longer than a scheduler ever does.
    "SET SESSION net_write_timeout = 3600",
)


@contextmanager
def locked(
    engine: Engine, dialect: Dialect, tables: Tables, wait_seconds: float
) -> Iterator[Connection]:
    """A connection in a transaction that no other upgrade of the same tables runs beside.

    SQLite: the write lock that BEGIN IMMEDIATE takes. PostgreSQL: an advisory lock that ends
    with the transaction. MySQL, where DDL ends transactions: a named lock of the session.
    Raises SchemaMismatch where another holds it for longer than `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    with engine.connect() as connection:
        if dialect.name == "mysql":
            # Its settings are for this upgrade only: it does not go back to the pool.
            connection.detach()
        _begin(connection, dialect, deadline)
        try:
            if dialect.name != "sqlite":
                _take(connection, dialect, tables, deadline)
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def _begin(connection: Connection, dialect: Dialect, deadline: float) -> None:
    while True:
        try:
            connection.begin()
            return
        except OperationalError as error:
            if not dialect.is_transient(error):
                raise
            _wait(deadline, error)


def _take(connection: Connection, dialect: Dialect, tables: Tables, deadline: float) -> None:
    """Take the lock of PostgreSQL or MySQL; asked again and again, so that no call takes long."""
    is_mysql = dialect.name == "mysql"
    for statement in _MYSQL if is_mysql else _POSTGRES:
        connection.exec_driver_sql(statement)
    asked = "GET_LOCK(:name, 0)" if is_mysql else "pg_try_advisory_xact_lock(hashtext(:name))"
    name = tables.names.version[:64]
    while not connection.execute(text(f"SELECT {asked}"), {"name": name}).scalar_one():
        _wait(deadline, None)


def _wait(deadline: float, error: Exception | None) -> None:
    if time.monotonic() > deadline:
        raise SchemaMismatch(
            "Another ndscheduler is upgrading the database, or another program keeps it busy: "
            "try again later."
        ) from error
    time.sleep(_PAUSE_SECONDS)
