"""Databases for benchmarks: a SQLite file or a PostgreSQL database, new or copied, then deleted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.databases import POSTGRES_URL, PROVIDERS, missing_reason

SQLITE, POSTGRES = "sqlite", "postgres"
NAMES = {SQLITE: "SQLite", POSTGRES: "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Place:
    """One database, and a folder of its own for a server's log and the like."""

    kind: str
    folder: Path
    # The file of SQLite, the name of a database on PostgreSQL.
    name: str

    @property
    def url(self) -> str:
        """As SQLAlchemy writes it; of PostgreSQL also as libpq does."""
        if self.kind == SQLITE:
            return f"sqlite:///{self.name}"
        return urlsplit(POSTGRES_URL)._replace(path=f"/{self.name}").geturl()

    @property
    def db_config(self) -> dict[str, Any]:
        """The setting DATABASE_CONFIG_DICT."""
        if self.kind == SQLITE:
            return {"file_path": self.name}
        url = urlsplit(POSTGRES_URL)
        account = {"user": url.username, "password": url.password or ""}
        return {**account, "hostname": url.hostname, "port": url.port, "database": self.name}

    @contextmanager
    def datastore(self) -> Iterator[DatastoreBase]:
        """The datastore here; the first time its tables are made."""
        store = PROVIDERS[self.kind](self.db_config, None)
        store.open()
        try:
            yield store
        finally:
            store.close()

    def connect(self) -> Any:
        """A connection of the raw driver, in autocommit mode."""
        if self.kind == SQLITE:
            return sqlite3.connect(self.name, timeout=30, isolation_level=None)
        return psycopg.connect(self.url, autocommit=True)

    def settle(self) -> None:
        """Let the database do now what filling left for later, before anything is measured."""
        with closing(self.connect()) as connection:
            if self.kind == SQLITE:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")
        os.sync()


def kinds() -> list[str]:
    """The kinds of database that answer here."""
    return [kind for kind in NAMES if missing_reason(kind) is None]


@contextmanager
def new_place(kind: str, template: Place | None = None) -> Iterator[Place]:
    """An empty database, or a copy of `template` that nobody is connected to."""
    with tempfile.TemporaryDirectory(prefix="ndscheduler-bench-") as name:
        folder = Path(name)
        if kind == SQLITE:
            file = folder / "datastore.db"
            if template is not None:
                shutil.copyfile(template.name, file)
            yield Place(kind, folder, str(file))
        else:
            with _new_postgres_database(template) as database:
                yield Place(kind, folder, database)


@contextmanager
def _new_postgres_database(template: Place | None) -> Iterator[str]:
    name = f"ndscheduler_bench_{uuid.uuid4().hex[:12]}"
    source = "" if template is None else f' TEMPLATE "{template.name}" STRATEGY file_copy'
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{source}')
    try:
        yield name
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
