"""Statements that read executions, and the few that touch one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, String, cast, select, type_coerce

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.constants import ExecutionState, state_of
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.jobs import Jobs
from ndscheduler.corescheduler.datastore.paging import (
    ExecutionFilter,
    Keyset,
    Page,
    PageRequest,
    fetch_page,
    matching,
)
from ndscheduler.corescheduler.datastore.rows import execution_from, execution_row
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.errors import ExecutionNotFound
from ndscheduler.corescheduler.models import Execution


class Executions:
    """The executions table, outside the hot path."""

    def __init__(self, tables: Tables, dialect: Dialect, jobs: Jobs) -> None:
        self._table = tables.executions
        self._jobs = jobs
        self._dialect = dialect

    def get(self, connection: Connection, execution_id: str) -> Execution:
        """The execution of this id. Raises ExecutionNotFound."""
        execution = self.find(connection, execution_id)
        if execution is None:
            raise ExecutionNotFound(execution_id)
        return execution

    def find(self, connection: Connection, execution_id: str) -> Execution | None:
        """The execution of this id, or None."""
        query = select(self._table).where(self._table.c.id == execution_id)
        row = connection.execute(query).first()
        return None if row is None else execution_from(row)

    def insert(self, connection: Connection, execution: Execution) -> None:
        """Add one execution; one of the same id or (job, fire time) stays as it is."""
        statement = self._dialect.insert_or_keep(self._table)
        connection.execute(statement, [execution_row(execution)])

    def update_columns(
        self, connection: Connection, execution_id: str, columns: dict[str, Any]
    ) -> int:
        """Set `columns` of one execution, whatever its state (for the Python API); rows changed."""
        statement = self._table.update().where(self._table.c.id == execution_id)
        return connection.execute(statement.values(**columns)).rowcount

    def state_of(self, connection: Connection, execution_id: str) -> ExecutionState:
        """The state of one execution. Raises ExecutionNotFound."""
        query = select(self._table.c.state).where(self._table.c.id == execution_id)
        row = connection.execute(query).first()
        if row is None:
            raise ExecutionNotFound(execution_id)
        return state_of(row.state)

    def page(
        self,
        connection: Connection,
        which: ExecutionFilter,
        request: PageRequest,
        order: str = "scheduled",
    ) -> Page[Execution]:
        """A page of executions, the newest `scheduled_time` (or "updated" time) first."""
        page = fetch_page(connection, self._matching(which), self._order(order), request)
        return replace(page, items=[execution_from(row) for row in page.items])

    def _order(self, order: str) -> Keyset:
        name = {"scheduled": "scheduled_time", "updated": "updated_time"}[order]
        key = type_coerce(self._table.c[name], BigInteger)
        return Keyset(
            key, self._table.c.id, True, lambda row: (to_micros(getattr(row, name)), row.id)
        )

    def _matching(self, which: ExecutionFilter) -> Select[Any]:
        table = self._table
        query = select(table)
        if which.q:
            columns = [table.c.job_name, table.c.job_class_string, table.c.error_summary]
            query = query.where(matching([*columns, cast(table.c.id, String(191))], which.q))
        if which.states:
            query = query.where(table.c.state.in_([int(state) for state in which.states]))
        if which.job_id is not None:
            query = query.where(table.c.job_id == which.job_id)
        if which.tag is not None:
            query = query.where(table.c.job_id.in_(self._jobs.ids_tagged(which.tag)))
        if which.trigger_kind is not None:
            query = query.where(table.c.trigger_kind == which.trigger_kind)
        if which.time_start is not None:
            query = query.where(table.c.scheduled_time >= which.time_start)
        if which.time_end is not None:
            query = query.where(table.c.scheduled_time <= which.time_end)
        return query
