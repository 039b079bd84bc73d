"""The names of the tables, and the table options that all of them share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ndscheduler.corescheduler.constants import (
    DEFAULT_AUDIT_LOGS_TABLENAME,
    DEFAULT_EXECUTIONS_TABLENAME,
    DEFAULT_JOBS_TABLENAME,
)
from ndscheduler.corescheduler.errors import ConfigError

# PostgreSQL cuts names beyond 63 characters silently, so two of them could become one; Alembic
# names the key of the version table by its name and `_pkc`.
MAX_NAME_LENGTH = 59
# What a user may choose: databases of 0.x have names as long as MySQL takes (PostgreSQL: 63).
MAX_CHOSEN_LENGTH = 64
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{MAX_CHOSEN_LENGTH - 1}}}")

MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


@dataclass(frozen=True, slots=True)
class TableNames:
    """The names of the three tables that a user may choose; all others derive from them."""

    jobs: str = DEFAULT_JOBS_TABLENAME
    executions: str = DEFAULT_EXECUTIONS_TABLENAME
    audit_logs: str = DEFAULT_AUDIT_LOGS_TABLENAME

    @classmethod
    def from_settings(cls, names: Mapping[str, str] | None) -> TableNames:
        """The names of the setting DATABASE_TABLENAMES, defaults where one is absent."""
        names = names or {}
        for key, name in names.items():
            _check_name(key, name)
        chosen = cls(
            jobs=names.get("jobs_tablename", DEFAULT_JOBS_TABLENAME),
            executions=names.get("executions_tablename", DEFAULT_EXECUTIONS_TABLENAME),
            audit_logs=names.get("auditlogs_tablename", DEFAULT_AUDIT_LOGS_TABLENAME),
        )
        _check_distinct(chosen)
        return chosen

    def to_settings(self) -> dict[str, str]:
        """The same as the setting DATABASE_TABLENAMES is written."""
        return {
            "jobs_tablename": self.jobs,
            "executions_tablename": self.executions,
            "auditlogs_tablename": self.audit_logs,
        }

    @property
    def version(self) -> str:
        """The table that holds the version of the schema."""
        return self.derived("version")

    def derived(self, suffix: str, of: str | None = None) -> str:
        """`suffix` after the executions table's name (or `of`), short enough for every database."""
        name = f"{of or self.executions}_{suffix}"
        if len(name) <= MAX_NAME_LENGTH:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return f"{name[: MAX_NAME_LENGTH - 9]}_{digest}"


def _check_name(key: str, name: object) -> None:
    known = sorted(TableNames().to_settings())
    if key not in known:
        raise ConfigError(f"DATABASE_TABLENAMES: {key!r} is unknown; it has {', '.join(known)}.")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ConfigError(
            f"DATABASE_TABLENAMES: {key} {name!r} is no table name: use letters, digits and _, "
            f"at most {MAX_CHOSEN_LENGTH}."
        )


def _check_distinct(chosen: TableNames) -> None:
    """Some databases know no upper and lower case, so that alone does not tell names apart."""
    names = [name.lower() for name in chosen.to_settings().values()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"DATABASE_TABLENAMES: {twice[0]} is the name of two tables.")
