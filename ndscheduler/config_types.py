"""What the settings accept: one type per kind of value, with the words that refuse a bad one."""

from __future__ import annotations

import ipaddress
import logging
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from ndscheduler.corescheduler.password_hashes import is_hash
from ndscheduler.corescheduler.roles import Role

_PROVIDERS = "ndscheduler.corescheduler.datastore.providers"

# The short names that DATABASE_CLASS takes beside a dotted path.
DATABASE_CLASSES = {
    "sqlite": f"{_PROVIDERS}.sqlite.DatastoreSqlite",
    "postgres": f"{_PROVIDERS}.postgres.DatastorePostgres",
    "mysql": f"{_PROVIDERS}.mysql.DatastoreMySQL",
}


# What can stand in a URL as it is, and below which the server has no URLs of its own.
_URL_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_TAKEN_PREFIX = re.compile(r"/api(/v1(/.*)?)?|/static(/.*)?")
MIN_SECRET = 24
MIN_DISTINCT = 8
MAX_NAME = 100

# Our own page.
STATIC_DIR = str(Path(__file__).resolve().parent / "static")


def _number(value: Any) -> Any:
    # Python counts True as 1, so that `HTTP_PORT: yes` would mean port 1.
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _above_zero(value: Any) -> Any:
    if value is not None and not 0 < value < math.inf:
        raise ValueError("must be greater than 0, or null")
    return value


def _list(value: Any) -> Any:
    """`value` as a list: a single one becomes a list of one, None an empty list."""
    if value is None:
        return []
    if isinstance(value, (str, Mapping)):
        return [value]
    return list(value) if isinstance(value, (set, frozenset)) else value


def _optional_list(value: Any) -> Any:
    return None if value is None else _list(value)


def _dictionary(value: Any) -> Any:
    return {} if value is None else value


def _text(value: Any) -> Any:
    return "" if value is None else value


def _path(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value or None


def _page_dir(value: Any) -> Any:
    return STATIC_DIR if value in (None, "") else value if isinstance(value, str) else str(value)


def _variables(names: list[str]) -> list[str]:
    for name in names:
        if not name or "=" in name or "\0" in name:
            raise ValueError("must be names of environment variables")
    return names


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("must be a time zone such as UTC or Europe/Berlin") from error
    return name


def _level(value: Any) -> str:
    name = logging.getLevelName(value) if isinstance(value, int) else str(value).upper()
    if not isinstance(logging.getLevelName(name), int):
        raise ValueError("must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return str(name)


def _dotted_path(value: str) -> str:
    if "." not in value.strip("."):
        raise ValueError("must be the dotted path of a class")
    return value


def _database_class(value: str) -> str:
    path = DATABASE_CLASSES.get(value.lower(), value)
    if "." not in path.strip("."):
        names = ", ".join(DATABASE_CLASSES)
        raise ValueError(f"must be one of {names}, or the dotted path of a class")
    return path


def _networks(values: list[str] | None) -> list[str] | None:
    for value in values or ():
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError as error:
            raise ValueError("must be addresses or networks such as 10.0.0.0/8") from error
    return values


def _url_prefix(value: str) -> str:
    """`value` with a slash before it and none behind; "" for the root."""
    prefix = f"/{value.strip('/')}" if value.strip("/") else ""
    if prefix and not _URL_PREFIX.fullmatch(prefix):
        raise ValueError("must be a path such as /scheduler")
    if _TAKEN_PREFIX.fullmatch(prefix):
        raise ValueError("must be no path that the server uses itself")
    return prefix


def _credentials(value: Any) -> Any:
    """{name: hash} of a mapping, or of lines such as htpasswd writes."""
    if value is None:
        return {}
    if isinstance(value, str):
        value = value.splitlines()
    if isinstance(value, (list, tuple)):
        lines = [str(line).strip() for line in value if str(line).strip()]
        pairs = [line.partition(":") for line in lines if not line.startswith("#")]
        if not all(colon for _, colon, _ in pairs):
            # Not the line itself: it may be a hash that lacks its name.
            raise ValueError("must have NAME:HASH in each line")
        return {name: hashed for name, _, hashed in pairs}
    return value


def _hashes(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not name or ":" in name or not name.isprintable() or len(name) > MAX_NAME:
            raise ValueError("must name each account, in at most 100 printable characters but ':'")
        # A whole line of htpasswd as the value.
        value[name] = text.removeprefix(f"{name}:").strip()
        if not is_hash(value[name]):
            raise ValueError(
                f"must have a bcrypt hash for {name!r}; ndscheduler hash-password makes one"
            )
    return value


def _cookie_secret(value: str) -> str:
    if value and ("TODO" in value or len(value) < MIN_SECRET or len(set(value)) < MIN_DISTINCT):
        raise ValueError(
            f"must be random, with at least {MIN_SECRET} characters; without it, one is made"
        )
    return value


def _cookie_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", value):
        raise ValueError("must be letters, digits, _ and -")
    return value


Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]
Port = Annotated[int, BeforeValidator(_number), Field(ge=0, le=65535)]
Seconds = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
WholeSeconds = Annotated[int, BeforeValidator(_number), Field(ge=0, le=10**9)]
# Below a few seconds a busy machine would look dead.
Lease = Annotated[float, BeforeValidator(_number), Field(ge=3, le=3600, allow_inf_nan=False)]
# A hundred years at most: no instant lies further than a datetime can say.
Idle = Annotated[float, BeforeValidator(_number), Field(ge=60, le=36500 * 86400)]
Days = Annotated[float, BeforeValidator(_number), Field(gt=0, le=36500)]
# null is no limit; 0 is refused, since it may be meant as either.
OptionalDays = Annotated[float | None, BeforeValidator(_number), AfterValidator(_above_zero)]
OptionalCount = Annotated[int | None, BeforeValidator(_number), AfterValidator(_above_zero)]
Text = Annotated[str, BeforeValidator(_text)]
Words = Annotated[list[str], BeforeValidator(_list)]
Networks = Annotated[list[str], BeforeValidator(_list), AfterValidator(_networks)]
UrlPrefix = Annotated[str, BeforeValidator(_text), AfterValidator(_url_prefix)]
# null is no limit; an empty list holds nothing.
OptionalNetworks = Annotated[
    list[str] | None, BeforeValidator(_optional_list), AfterValidator(_networks)
]
Variables = Annotated[list[str], BeforeValidator(_list), AfterValidator(_variables)]
Dictionary = Annotated[dict[str, Any], BeforeValidator(_dictionary)]
Roles = Annotated[dict[str, Role], BeforeValidator(_dictionary)]
Credentials = Annotated[dict[str, str], BeforeValidator(_credentials), AfterValidator(_hashes)]
CookieSecret = Annotated[str, BeforeValidator(_text), AfterValidator(_cookie_secret)]
CookieName = Annotated[str, AfterValidator(_cookie_name)]
PageDir = Annotated[str, BeforeValidator(_page_dir)]
OptionalPath = Annotated[str | None, BeforeValidator(_path)]
Zone = Annotated[str, AfterValidator(_zone)]
Level = Annotated[str, BeforeValidator(_level)]
ClassPath = Annotated[str, AfterValidator(_dotted_path)]
DatabaseClass = Annotated[str, AfterValidator(_database_class)]
