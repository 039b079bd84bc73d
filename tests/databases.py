"""The databases that tests run on: where they are, and how to make and clear tables there."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.mysql import DatastoreMySQL
from ndscheduler.corescheduler.datastore.providers.postgres import DatastorePostgres
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite

POSTGRES_URL = os.environ.get(
    "NDSCHEDULER_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
MYSQL_URL = os.environ.get("NDSCHEDULER_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test")

PROVIDERS: dict[str, type[DatastoreBase]] = {
    "sqlite": DatastoreSqlite,
    "postgres": DatastorePostgres,
    "mysql": DatastoreMySQL,
}
PROVIDER_PATHS = {
    kind: f"{provider.__module__}.{provider.__name__}" for kind, provider in PROVIDERS.items()
}


def missing_reason(kind: str) -> str | None:
    """Why tests on this kind of database can not run here; None if they can."""
    if kind == "sqlite":
        return None
    url = urlsplit(POSTGRES_URL if kind == "postgres" else MYSQL_URL)
    address = (url.hostname or "127.0.0.1", url.port or 0)
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError as error:
        return f"no {kind} server answers at {address[0]}:{address[1]} ({error})"
    return None


def db_config(kind: str, folder: Path) -> dict[str, Any]:
    """The setting DATABASE_CONFIG_DICT for this kind."""
    if kind == "sqlite":
        return {"file_path": str(folder / "datastore.db")}
    url = urlsplit(POSTGRES_URL if kind == "postgres" else MYSQL_URL)
    return {
        "user": url.username,
        "password": url.password or "",
        "hostname": url.hostname,
        "port": url.port,
        "database": url.path.lstrip("/"),
    }


def table_names(prefix: str) -> dict[str, str]:
    """The setting DATABASE_TABLENAMES with names that begin with `prefix`."""
    return {
        "jobs_tablename": f"{prefix}_jobs",
        "executions_tablename": f"{prefix}_execution",
        "auditlogs_tablename": f"{prefix}_jobauditlog",
    }


def make_datastore(kind: str, prefix: str, folder: Path) -> DatastoreBase:
    """A datastore of this kind; its tables are not made yet."""
    return PROVIDERS[kind](db_config(kind, folder), table_names(prefix))


def drop_tables(datastore: DatastoreBase) -> None:
    """Drop all tables of `datastore`."""
    with datastore.engine.begin() as connection:
        datastore.tables.metadata.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {datastore.tables.names.version}")
