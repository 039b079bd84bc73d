"""Datastores whose driver fails at random: at connect, before COMMIT, and after COMMIT.

A server is given one of these classes as DATABASE_CLASS. `faults` in DATABASE_CONFIG_DICT says how:
{"seed": any text, "control": path, "count": path}. While the file `control` exists it holds the
probability of each fault; each one is written to the file `count`.
"""

from __future__ import annotations

import functools
import random
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from sqlalchemy import Engine, event

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.mysql import DatastoreMySQL
from ndscheduler.corescheduler.datastore.providers.postgres import DatastorePostgres
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.chaos.probe_jobs import note

LOST = "lost connection (injected)"


class Dice:
    """Decides when a fault happens."""

    def __init__(self, seed: str, control: str, count: str) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._control = Path(control)
        self._count = count

    def falls(self, kind: str) -> bool:
        """True if the fault `kind` is to happen now; it is counted."""
        try:
            probability = float(self._control.read_text())
        except FileNotFoundError:
            return False
        with self._lock:
            happens = self._random.random() < probability
        if happens:
            note(self._count, kind)
        return happens


class FaultyPsycopg(psycopg.Connection[Any]):
    """A connection to PostgreSQL that may break around COMMIT."""

    dice: Dice

    def commit(self) -> None:
        """COMMIT, or no COMMIT, and an error in both cases; or all is well."""
        if self.dice.falls("before"):
            self.close()
            raise psycopg.OperationalError(LOST)
        super().commit()
        if self.dice.falls("after"):
            self.close()
            raise psycopg.OperationalError(LOST)


class FaultyPyMySQL(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection to MariaDB that may break around COMMIT."""

    dice: Dice

    def commit(self) -> None:
        """COMMIT, or no COMMIT, and an error in both cases; or all is well."""
        if self.dice.falls("before"):
            self._force_close()
            raise pymysql.err.OperationalError(2013, LOST)
        super().commit()
        if self.dice.falls("after"):
            self._force_close()
            raise pymysql.err.OperationalError(2013, LOST)


class FaultySqlite(sqlite3.Connection):
    """A connection to SQLite whose disk may fail around COMMIT."""

    dice: Dice

    def commit(self) -> None:
        """COMMIT, or no COMMIT, and an error in both cases; or all is well."""
        if self.dice.falls("before"):
            raise sqlite3.OperationalError("disk I/O error (injected)")
        super().commit()
        if self.dice.falls("after"):
            raise sqlite3.OperationalError("disk I/O error (injected)")


class Faulty(DatastoreBase):
    """A datastore all of whose connections are faulty."""

    def __init__(
        self, db_config: Mapping[str, Any] | None, table_names: Mapping[str, str] | None
    ) -> None:
        config = dict(db_config or {})
        self._dice = Dice(**config.pop("faults"))
        # Of every engine of this process: the datastore has several, from its first moment on.
        event.listen(Engine, "do_connect", self._connect)
        super().__init__(config, table_names)

    def faulty_connection(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        """A new connection; its attribute `dice` is set by the caller."""
        raise NotImplementedError

    def refused(self) -> Exception:
        """What the driver raises where no connection can be had."""
        raise NotImplementedError

    def _connect(
        self, _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> Any:
        if self._dice.falls("connect"):
            raise self.refused()
        connection = self.faulty_connection(arguments, options)
        connection.dice = self._dice
        return connection


class FaultyPostgresDatastore(Faulty, DatastorePostgres):
    """PostgreSQL."""

    def faulty_connection(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        return FaultyPsycopg.connect(*arguments, **options)

    def refused(self) -> Exception:
        return psycopg.OperationalError("connection refused (injected)")


class FaultyMySQLDatastore(Faulty, DatastoreMySQL):
    """MariaDB."""

    def faulty_connection(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        return FaultyPyMySQL(*arguments, **options)

    def refused(self) -> Exception:
        return pymysql.err.OperationalError(2003, "Can't connect to MySQL server (injected)")


class FaultySqliteDatastore(Faulty, DatastoreSqlite):
    """SQLite."""

    def faulty_connection(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        connect = functools.partial(sqlite3.connect, factory=FaultySqlite)
        return connect(*arguments, **options)

    def refused(self) -> Exception:
        return sqlite3.OperationalError("unable to open database file (injected)")


PATHS = {
    "sqlite": f"{__name__}.{FaultySqliteDatastore.__name__}",
    "postgres": f"{__name__}.{FaultyPostgresDatastore.__name__}",
    "mysql": f"{__name__}.{FaultyMySQLDatastore.__name__}",
}
