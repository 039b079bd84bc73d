"""The dialect that a database URL asks for."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.mysql_dialect import MySQLDialect
from ndscheduler.corescheduler.datastore.postgres_dialect import PostgresDialect
from ndscheduler.corescheduler.datastore.sqlite_dialect import SqliteDialect
from ndscheduler.corescheduler.errors import ConfigError

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
