"""The URL of a database server, from the settings that PostgreSQL and MySQL share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL

from ndscheduler.corescheduler.errors import ConfigError


def server_url(
    drivername: str, db_config: Mapping[str, Any], query: Mapping[str, str] | None = None
) -> str:
    """`drivername`://user:password@hostname:port/database, every part quoted as it must be.

    Raises ConfigError that names the part of DATABASE_CONFIG_DICT that is missing or no port.
    """
    database = db_config.get("database")
    if not database:
        raise ConfigError("DATABASE_CONFIG_DICT: 'database' is missing.")
    url = URL.create(
        drivername,
        username=_text(db_config.get("user")),
        password=_text(db_config.get("password")),
        host=_text(db_config.get("hostname")) or "localhost",
        port=_port(db_config.get("port")),
        database=str(database),
        query=dict(query or {}),
    )
    return url.render_as_string(hide_password=False)


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _port(value: object) -> int | None:
    if value in (None, ""):
        return None
    try:
        port = int(str(value))
    except ValueError as error:
        raise ConfigError(f"DATABASE_CONFIG_DICT: port {value!r} is not a number.") from error
    if not 0 < port < 65536:
        raise ConfigError(f"DATABASE_CONFIG_DICT: port {port} is not between 1 and 65535.")
    return port
