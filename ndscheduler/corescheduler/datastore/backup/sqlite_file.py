"""Backups that are SQLite databases: a copy of the file, made while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, NullPool, create_engine, event
from sqlalchemy.exc import DatabaseError

from ndscheduler.corescheduler.datastore.backup.contents import Backup
from ndscheduler.corescheduler.datastore.backup.snapshot import Snapshot
from ndscheduler.corescheduler.datastore.existing import existing_tables
from ndscheduler.corescheduler.datastore.tables import TableNames, Tables, build_tables
from ndscheduler.corescheduler.errors import BackupError

MAGIC = b"SQLite format 3\x00"
PAGES_AT_ONCE = 2000
BUSY_SECONDS = 30.0


def copy_database(source: Path, target: Path) -> None:
    """Copy the database `source`, with what its log holds, into the empty file `target`.

    `source` is as it was at one instant. Raises BackupError if the copy is not sound.
    """
    url = f"file:{quote(str(source.resolve()))}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(url, uri=True, timeout=BUSY_SECONDS)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            # Within one transaction of ours, the steps see one instant and never begin anew.
            reading.isolation_level = None
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reading.backup(writing, pages=PAGES_AT_ONCE, sleep=0)
        _make_plain(target)
    except sqlite3.Error as error:
        raise BackupError(f"The database {source} can not be copied: {error}.") from error


@contextmanager
def open_sqlite_backup(file: Path, name: str, names: TableNames) -> Iterator[Backup]:
    """The backup that a SQLite database is, called `name` in messages. Raises BackupError.

    Its tables are named as `names` says, or as they are by default.
    """
    engine = create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as connection:
            _check(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one(), name)
            tables = _tables_of(connection, name, names)
            with closing(Snapshot(connection, tables, created_at=None)) as taken:
                yield taken
    except DatabaseError as error:
        raise BackupError(f"{name} can not be read: {error.orig}.") from error
    finally:
        engine.dispose()


def _tables_of(connection: Connection, name: str, names: TableNames) -> Tables:
    for candidate in (names, TableNames()):
        if existing_tables(connection, [candidate.version]):
            return build_tables(candidate)
    raise BackupError(
        f"{name} is a SQLite database, but has no tables of ndscheduler 1.0 or later by the names "
        f"of DATABASE_TABLENAMES ({names.jobs}, {names.executions} ...); one of 0.x is upgraded "
        "where it is, by `ndscheduler migrate`."
    )


def _make_plain(file: Path) -> None:
    """Make a copied database one file, and see that it is sound."""
    with closing(sqlite3.connect(file)) as connection:
        # The log belongs to a database in use. Whoever uses this copy begins one anew.
        connection.execute("PRAGMA journal_mode=DELETE")
        _check(connection.execute("PRAGMA integrity_check(1)").fetchone()[0], "The copy")


def _check(answer: str, name: str) -> None:
    if answer != "ok":
        raise BackupError(f"{name} is damaged: {' '.join(answer.split())}")


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
