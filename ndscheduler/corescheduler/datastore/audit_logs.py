"""Statements on the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    or_,
    select,
    type_coerce,
)

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.paging import (
    AuditFilter,
    Keyset,
    Page,
    PageRequest,
    fetch_page,
    matching,
)
from ndscheduler.corescheduler.datastore.rows import audit_from, audit_row
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import AuditEntry


class AuditLogs:
    """The audit log: only ever added to."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.audit_logs

    def insert(self, connection: Connection, entry: AuditEntry) -> None:
        """Add `entry`, in the transaction of the change that it tells of."""
        connection.execute(self._table.insert(), [audit_row(entry)])

    def by_ids(self, connection: Connection, entry_ids: Sequence[str]) -> list[AuditEntry]:
        """The entries of these ids that exist, in no order."""
        query = select(self._table).where(self._table.c.id.in_(entry_ids))
        return [audit_from(row) for row in connection.execute(query)]

    def page(
        self, connection: Connection, which: AuditFilter, request: PageRequest
    ) -> Page[AuditEntry]:
        """A page of entries, the newest first."""
        key = type_coerce(self._table.c.created_time, BigInteger)
        keyset = Keyset(
            key, self._table.c.id, True, lambda row: (to_micros(row.created_time), row.id)
        )
        page = fetch_page(connection, self._matching(which), keyset, request)
        return replace(page, items=[audit_from(row) for row in page.items])

    def _containing(self, words: str, hides_arguments: bool) -> ColumnElement[bool]:
        table = self._table
        open_to_all = [table.c.job_name, table.c.user]
        if not hides_arguments:
            return matching([*open_to_all, table.c.description, table.c.changes], words)
        # What changed and what was deleted is told with arguments, and shown without them.
        has_none = table.c.event.not_in([int(AuditEvent.MODIFIED), int(AuditEvent.DELETED)])
        return or_(
            matching(open_to_all, words), and_(has_none, matching([table.c.description], words))
        )

    def _matching(self, which: AuditFilter) -> Select[Any]:
        table = self._table
        query = select(table)
        if which.q:
            query = query.where(self._containing(which.q, which.hides_arguments))
        if which.job_id is not None:
            query = query.where(table.c.job_id == which.job_id)
        if which.user is not None:
            query = query.where(table.c.user == which.user)
        if which.event is not None:
            query = query.where(table.c.event == which.event)
        if which.time_start is not None:
            query = query.where(table.c.created_time >= which.time_start)
        if which.time_end is not None:
            query = query.where(table.c.created_time <= which.time_end)
        return query
