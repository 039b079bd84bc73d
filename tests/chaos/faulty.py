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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.deadlines import Call, Line
from ndscheduler.corescheduler.datastore.providers.mysql import DatastoreMySQL
from ndscheduler.corescheduler.datastore.providers.postgres import DatastorePostgres
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.chaos.probe_jobs import note


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


class FaultySqlite(sqlite3.Connection):
    """A connection to SQLite whose `commit` can be replaced, as that of other drivers can."""

    commit: Any = sqlite3.Connection.commit


class Faulty(DatastoreBase):
    """A datastore all of whose connections are faulty."""

    def __init__(
        self, db_config: Mapping[str, Any] | None, table_names: Mapping[str, str] | None
    ) -> None:
        config = dict(db_config or {})
        self._dice = Dice(**config.pop("faults"))
        super().__init__(config, table_names)
        # Nothing is connected yet.
        self._connect_well = self.dialect.connect
        self.dialect.connect = self._connect  # type: ignore[method-assign]

    def refused(self) -> Exception:
        """What the driver raises where no connection can be had."""
        raise NotImplementedError

    def lose(self, connection: Any) -> Exception:
        """Break `connection`; what the driver raises then."""
        raise NotImplementedError

    def _connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        if self._dice.falls("connect"):
            raise self.refused()
        connection, line = self._connect_well(driver, arguments, keywords, attempt)
        connection.commit = functools.partial(self._commit, connection, connection.commit)
        return connection, line

    def _commit(self, connection: Any, commit: Callable[[], None]) -> None:
        """COMMIT, or no COMMIT, and an error in both cases; or all is well."""
        if self._dice.falls("before"):
            raise self.lose(connection)
        commit()
        if self._dice.falls("after"):
            raise self.lose(connection)


class FaultyPostgresDatastore(Faulty, DatastorePostgres):
    """PostgreSQL."""

    def refused(self) -> Exception:
        return psycopg.OperationalError("connection refused (injected)")

    def lose(self, connection: Any) -> Exception:
        connection.close()
        return psycopg.OperationalError("lost connection (injected)")


class FaultyMySQLDatastore(Faulty, DatastoreMySQL):
    """MariaDB."""

    def refused(self) -> Exception:
        return pymysql.err.OperationalError(2003, "Can't connect to MySQL server (injected)")

    def lose(self, connection: Any) -> Exception:
        connection._force_close()
        return pymysql.err.OperationalError(2013, "lost connection (injected)")


class FaultySqliteDatastore(Faulty, DatastoreSqlite):
    """SQLite, whose connections outlive an error of the disk."""

    def refused(self) -> Exception:
        return sqlite3.OperationalError("unable to open database file (injected)")

    def lose(self, connection: Any) -> Exception:
        return sqlite3.OperationalError("disk I/O error (injected)")

    def _connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        return super()._connect(driver, arguments, {**keywords, "factory": FaultySqlite}, attempt)


PATHS = {
    "sqlite": f"{__name__}.{FaultySqliteDatastore.__name__}",
    "postgres": f"{__name__}.{FaultyPostgresDatastore.__name__}",
    "mysql": f"{__name__}.{FaultyMySQLDatastore.__name__}",
}
