"""[compat] The tables of release 0.3.0, to read with `select()`, and room for users' own.

`EXECUTIONS` and `AUDIT_LOGS` are made when they are first asked for, by the names of the open
datastore, else of the settings. Tables that users add to `METADATA` are created when a datastore
is opened.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Integer, MetaData, SmallInteger, Table

from ndscheduler import settings
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.tables import TableNames
from ndscheduler.corescheduler.datastore.types import Id, Instant, LongText

METADATA = MetaData()

DatastoreBase.own_tables.append(METADATA)


def __getattr__(name: str) -> Any:
    if name == "EXECUTIONS":
        return _executions(_names().executions)
    if name == "AUDIT_LOGS":
        return _audit_logs(_names().audit_logs)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _names() -> TableNames:
    opened = DatastoreBase.instance
    return TableNames.from_settings(opened.table_names if opened else settings.DATABASE_TABLENAMES)


# One object per name: SQLAlchemy takes two of them for two tables, and joins every row with every.
@lru_cache
def _executions(name: str) -> Table:
    return Table(
        name,
        MetaData(),
        Column("id", Id, key="eid"),
        Column("hostname", LongText),
        Column("pid", Integer),
        Column("state", SmallInteger),
        Column("scheduled_time", Instant),
        Column("updated_time", Instant),
        Column("description", LongText),
        Column("result", LongText),
        Column("job_id", Id),
        Column("task_id", LongText),
    )


@lru_cache
def _audit_logs(name: str) -> Table:
    return Table(
        name,
        MetaData(),
        Column("job_id", Id),
        Column("job_name", LongText),
        Column("event", Integer),
        Column("user", LongText),
        Column("created_time", Instant),
        Column("description", LongText),
    )
