"""Statements that read executions, and the few that touch one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    String,
    cast,
    func,
    null,
    select,
    type_coerce,
)

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.constants import LIVE_STATES, ExecutionState, state_of
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
from ndscheduler.corescheduler.summary import ShortResult

SHORT_RESULT = 200


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
        query = self._matching(select(self._table), which)
        page = fetch_page(connection, query, self._order(order), request)
        return replace(page, items=[execution_from(row) for row in page.items])

    def brief_page(
        self,
        connection: Connection,
        which: ExecutionFilter,
        request: PageRequest,
        order: str = "scheduled",
    ) -> Page[tuple[Execution, ShortResult]]:
        """What `page` gives, without the results: what each begins with, and its length."""
        result = self._table.c.result
        columns = [column for column in self._table.c if column is not result]
        text = func.substr(result, 1, SHORT_RESULT).label("short_result")
        # Without "result", `execution_from` would find no such column.
        shown = [*columns, null().label("result"), text, func.char_length(result).label("length")]
        query = self._matching(select(*shown), which)
        page = fetch_page(connection, query, self._order(order), request)
        items = [
            (execution_from(row), ShortResult(row.short_result, row.length)) for row in page.items
        ]
        return replace(page, items=items)

    def _order(self, order: str) -> Keyset:
        name = {"scheduled": "scheduled_time", "updated": "updated_time"}[order]
        key = type_coerce(self._table.c[name], BigInteger)
        return Keyset(
            key, self._table.c.id, True, lambda row: (to_micros(getattr(row, name)), row.id)
        )

    def _matching(self, query: Select[Any], which: ExecutionFilter) -> Select[Any]:
        table = self._table
        if which.q:
            columns = [table.c.job_name, table.c.job_class_string, table.c.error_summary]
            query = query.where(matching([*columns, cast(table.c.id, String(191))], which.q))
        if which.states:
            query = query.where(table.c.state.in_([int(state) for state in which.states]))
            if LIVE_STATES.issuperset(which.states):
                # These few have an index of their own.
                query = query.where(table.c.live == 1)
        if which.job_id is not None:
            query = query.where(table.c.job_id == which.job_id)
        if which.tag is not None:
            query = query.where(table.c.job_id.in_(self._jobs.ids_tagged(which.tag)))
        if which.trigger_kind is not None:
            query = query.where(table.c.trigger_kind == which.trigger_kind)
        if which.host is not None:
            query = query.where(table.c.hostname == which.host)
        if which.requested_by is not None:
            query = query.where(table.c.requested_by == which.requested_by)
        if which.ids is not None:
            query = query.where(table.c.id.in_(which.ids))
        if which.time_start is not None:
            query = query.where(table.c.scheduled_time >= which.time_start)
        if which.time_end is not None:
            query = query.where(table.c.scheduled_time <= which.time_end)
        return query
