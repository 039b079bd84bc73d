"""Databases with something in every table, and what is in them, to compare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, Table, Text, select

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.backup.contents import backed_up_tables, plain_table
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Execution
from tests.factories import NOON, a_job, an_execution, an_instance

Row = dict[str, Any]
Contents = dict[str, list[Row]]

MICRO = timedelta(microseconds=1)
TRICKY = "Grüße, 世界 \U0001f600\U0001f468\u200d\U0001f469 \\ \" ' % {} \u2028\x7f\ttab\r\nline  "
ENDED = [state for state in ExecutionState if not state.is_live]


def contents(datastore: DatastoreBase) -> Contents:
    """All rows that a backup holds, by logical table, in one order on every database."""
    found: Contents = {}
    for name, table in backed_up_tables(datastore.tables).items():
        plain = plain_table(table, table.columns.keys())
        keys = [column.name for column in table.primary_key.columns]
        rows = datastore.read(lambda c, p=plain: c.execute(select(p)).mappings().all())
        found[name] = sorted((dict(row) for row in rows), key=lambda row: [row[k] for k in keys])
    return found


def store(datastore: DatastoreBase, rows: Contents) -> None:
    """Add these rows."""

    def insert_all(connection: Connection) -> None:
        for name, table in backed_up_tables(datastore.tables).items():
            if rows.get(name):
                insert = plain_table(table, table.columns.keys()).insert()
                connection.execute(insert, rows[name])

    datastore.write(insert_all)


def clear(datastore: DatastoreBase) -> None:
    """Delete all rows."""

    def delete_all(connection: Connection) -> None:
        for table in datastore.tables.metadata.sorted_tables:
            connection.execute(table.delete())

    datastore.write(delete_all)


def fill(datastore: DatastoreBase) -> None:
    """Put something into every table that is hard to keep as it is."""
    job = a_job(name=TRICKY, tags=("a", "b"), description="", next_fire=NOON + MICRO)
    other = a_job(description=None, coalesce=False, misfire_grace_seconds=None, next_fire=None)
    for each in (job, other):
        datastore.write(datastore.jobs.insert, each)
    executions: list[Execution] = [
        an_execution(job, state=state, fire_time=NOON + i * MICRO, reason=reason, result=result)
        for i, (state, reason, result) in enumerate(
            [(state, None, "") for state in ENDED]
            + [
                (ExecutionState.FAILED, TRICKY, "x" * 3_000_000),
                (ExecutionState.SCHEDULED, "", None),
            ]
        )
    ]
    datastore.write(datastore.claims.insert_executions, executions)
    datastore.write(datastore.instances.insert, an_instance(lease_seconds=12.5, threads=None))
    store(datastore, dict(_further_rows(executions[0].id)))


def _further_rows(execution_id: str) -> Iterator[tuple[str, list[Row]]]:
    at = 1_772_452_800_123_457
    output = {"execution_id": execution_id, "stream": 1, "written_at": at}
    yield (
        "execution_output",
        [{**output, "sequence": 2**40, "text": TRICKY}, {**output, "sequence": 1, "text": ""}],
    )
    stats = {"job_id": "j", "hour": at, "count": 2**40, "total_microseconds": -1}
    yield "job_stats", [{**stats, "state": state} for state in (5, 8)]
    entry = {"event": 99, "job_id": "gone", "job_name": "", "user": TRICKY, "created_time": at}
    nothing = {"remote": None, "description": None, "changes": None}
    yield "audit_logs", [{"id": "old-form", **entry, **nothing}]
    times = {"created_at": at, "updated_at": at}
    users = [("1", "ana", "hash", False), ("2", "bob", None, True)]
    yield (
        "users",
        [
            {"id": i, "name": n, "password_hash": h, "role": "admin", "is_disabled": d, **times}
            for i, n, h, d in users
        ],
    )
    token = {"id": "t", "name": "ci", "token_hash": "h", "user_name": "ana", "role": "viewer"}
    yield "api_tokens", [{**token, "created_at": at, "expires_at": None, "last_used_at": at}]


# NUL can not be kept by PostgreSQL; ndscheduler replaces it before it reaches a database.
texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
# MySQL takes two keys for the same that differ in spaces at the end alone.
keys = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


def values(column: Column[Any]) -> st.SearchStrategy[Any]:
    """Any value that `column` can hold."""
    bits = {SmallInteger: 15, BigInteger: 63, Integer: 31}
    kind = column.type
    if column.name == "state" and column.table.name == "executions":
        chosen: st.SearchStrategy[Any] = st.sampled_from([0, *(int(state) for state in ENDED)])
    elif isinstance(kind, Boolean):
        chosen = st.booleans()
    elif isinstance(kind, Text):
        chosen = texts
    elif isinstance(kind, Integer):
        size = next(bits[base] for base in bits if isinstance(kind, base))
        chosen = st.integers(-(2**size), 2**size - 1)
    else:
        chosen = keys
    return st.none() | chosen if column.nullable else chosen


def rows_of(name: str, table: Table) -> st.SearchStrategy[list[Row]]:
    """A few rows of a table, that no constraint of it refuses."""
    plain = plain_table(table, table.columns.keys())
    plain.name = name
    nullable = {column.name: column.nullable for column in table.columns}
    for column in plain.columns:
        column.nullable = nullable[column.name]
    row = st.fixed_dictionaries({column.name: values(column) for column in plain.columns})
    unique = [[column.name for column in table.primary_key.columns]]
    unique += {
        "executions": [["job_id", "fire_time"], ["dedup_key"]],
        "users": [["name"]],
        "api_tokens": [["token_hash"]],
    }.get(name, [])
    by = tuple((lambda r, names=names: tuple(r[n] for n in names)) for names in unique)
    return st.lists(row, max_size=4, unique_by=by)


def any_contents(datastore: DatastoreBase) -> st.SearchStrategy[Contents]:
    """Rows in all tables."""
    tables = backed_up_tables(datastore.tables)
    return st.fixed_dictionaries({name: rows_of(name, table) for name, table in tables.items()})
