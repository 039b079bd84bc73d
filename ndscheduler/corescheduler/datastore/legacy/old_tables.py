"""The tables of 0.x: which of them there are, their names once they are set aside, their rows."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Text,
    cast,
    column,
    inspect,
    select,
    table,
    text,
)

from ndscheduler.corescheduler.datastore.existing import existing_tables
from ndscheduler.corescheduler.datastore.legacy import old_audit, old_executions, old_jobs
from ndscheduler.corescheduler.datastore.legacy.old_values import decoded
from ndscheduler.corescheduler.datastore.tables import TableNames

JOBS, EXECUTIONS, AUDIT_LOGS = "jobs", "executions", "audit_logs"

# What tells a table of 0.x from all others of its name; users may have added columns.
_SHAPES = {
    JOBS: frozenset(old_jobs.COLUMNS),
    EXECUTIONS: frozenset(("eid", "state", "scheduled_time", "updated_time", "job_id", "result")),
    AUDIT_LOGS: frozenset(("job_id", "job_name", "event", "created_time", "description")),
}
# Our audit log has all columns of the old one.
_OURS = frozenset(("id", "remote", "changes"))
COLUMNS: dict[str, Sequence[str]] = {
    JOBS: old_jobs.COLUMNS,
    EXECUTIONS: old_executions.COLUMNS,
    AUDIT_LOGS: old_audit.COLUMNS,
}

_TIMES = frozenset(("scheduled_time", "updated_time", "created_time"))

# PostgreSQL cuts names at 63 characters, MySQL refuses more than 64.
_LONGEST_NAME = 63
# So many rows are fetched at once: results may be large.
_FETCHED = 100


def find_old_tables(connection: Connection, names: TableNames) -> dict[str, str]:
    """The tables of 0.x that stand under our names: {kind: name}."""
    inspector = inspect(connection)
    chosen = names_by_kind(names)
    existing = existing_tables(connection, chosen.values())
    views = {view.lower() for view in inspector.get_view_names()}
    found = {}
    for kind, name in chosen.items():
        if name in existing and name.lower() not in views:
            columns = {str(item["name"]).lower() for item in inspector.get_columns(name)}
            if columns >= _SHAPES[kind] and not columns >= _OURS:
                found[kind] = name
    return found


def names_by_kind(names: TableNames) -> dict[str, str]:
    """The three names that a user chooses."""
    return {JOBS: names.jobs, EXECUTIONS: names.executions, AUDIT_LOGS: names.audit_logs}


def kept_names(connection: Connection, old: dict[str, str]) -> dict[str, str]:
    """A free name for each old table: its own with `_0x` behind it, if need be with a number."""
    inspector = inspect(connection)
    taken = {*inspector.get_table_names(), *inspector.get_view_names()}
    for number in range(1, 1000):
        suffix = "_0x" if number == 1 else f"_0x_{number}"
        chosen = {kind: _shortened(f"{name}{suffix}", suffix) for kind, name in old.items()}
        if not taken & set(chosen.values()):
            return chosen
    raise AssertionError("a thousand names are taken")


def rows(connection: Connection, kind: str, name: str) -> Iterator[dict[str, Any]]:
    """Every row of an old table, as its driver gives the values, in the order of the table.

    They are fetched little by little. The order is that of insertion as far as the database
    keeps it: SQLite's rowid, PostgreSQL's and InnoDB's place in the table.
    """
    present = {item["name"].lower(): item["name"] for item in inspect(connection).get_columns(name)}
    wanted = [present[column_name] for column_name in COLUMNS[kind] if column_name in present]
    columns = [_read_column(connection, column_name) for column_name in wanted]
    query = select(*columns).select_from(table(name))
    if connection.dialect.name == "sqlite" and _has_rowid(connection, name):
        query = query.order_by(text("rowid"))
    blank = dict.fromkeys(COLUMNS[kind])
    keys = [column_name.lower() for column_name in wanted]
    options = {"stream_results": True, "yield_per": _FETCHED}
    with connection.execute(query, execution_options=options) as result:
        for row in result:
            yield {**blank, **dict(zip(keys, row, strict=True))}


def _read_column(connection: Connection, name: str) -> ColumnElement[Any]:
    """The column, and of PostgreSQL's times the text: its driver gives no row with 'infinity'."""
    chosen: ColumnClause[Any] = column(name)
    is_text = connection.dialect.name == "postgresql" and name.lower() in _TIMES
    return cast(chosen, Text) if is_text else chosen


def _has_rowid(connection: Connection, name: str) -> bool:
    return bool(inspect(connection).get_table_options(name).get("sqlite_with_rowid", True))


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """Meanwhile SQLite gives text as it is, also where it is not UTF-8."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    before, driver.text_factory = driver.text_factory, decoded
    try:
        yield
    finally:
        driver.text_factory = before


def _shortened(name: str, suffix: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9 - len(suffix)]}_{digest}{suffix}"
