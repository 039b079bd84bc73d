"""Old and young rows for retention to find, and what is left of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.retention import (
    Deleted,
    RetentionPass,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.keep_rules import KeepRules
from ndscheduler.corescheduler.models import Execution
from tests.factories import an_execution

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = KeepRules(executions=30 * DAY, audit=30 * DAY)
STATES = ExecutionState


def finished(job: Any, age: timedelta, **fields: Any) -> Execution:
    """An execution of `job` that was scheduled and ended so long ago."""
    then = utc_now() - age
    values = {"state": STATES.SUCCEEDED, "fire_time": then, "scheduled_time": then}
    return an_execution(job, **{**values, "updated_time": then, **fields})


def insert(datastore: DatastoreBase, *executions: Execution) -> list[str]:
    """Add these rows; their ids."""
    datastore.write(datastore.claims.insert_executions, executions)
    return [execution.id for execution in executions]


def run(datastore: DatastoreBase, rules: KeepRules, **more: Any) -> Deleted:
    """One pass that rests for no time."""
    return RetentionPass(datastore, rules, lambda seconds: None, **more).run()


def ids(datastore: DatastoreBase) -> set[str]:
    """The ids of all executions."""
    table = datastore.tables.executions
    return set(datastore.read(lambda connection: connection.scalars(select(table.c.id)).all()))


def count(datastore: DatastoreBase, name: str) -> int:
    """How many rows a table has."""
    query = select(func.count()).select_from(getattr(datastore.tables, name))
    return int(datastore.read(lambda connection: connection.scalar(query) or 0))


def add_output(datastore: DatastoreBase, execution_id: str, pieces: int) -> None:
    table = datastore.tables.execution_output
    rows = [
        {"execution_id": execution_id, "sequence": i, "stream": 1, "text": "x"}
        for i in range(pieces)
    ]
    values = [{**row, "written_at": utc_now()} for row in rows]
    datastore.write(lambda connection: connection.execute(table.insert(), values))
