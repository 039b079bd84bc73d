"""Statements that find what has changed lately, by the indexes there are.

States and times of change are in no index: starts and finishes would pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, select, type_coerce

from ndscheduler.corescheduler.clock import first_id_at, to_micros
from ndscheduler.corescheduler.constants import LIVE_STATES, TriggerKind
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Execution


class Mark(NamedTuple):
    """An execution in brief: it has changed when its mark has."""

    id: str
    job_id: str
    state: int
    updated_micros: int
    job_rev: int
    trigger_kind: str

    @property
    def is_live(self) -> bool:
        """True while the execution is queued, running or stopping."""
        return self.state in LIVE_STATES

    @property
    def is_scheduled(self) -> bool:
        """True if its job moved on to its next fire time when it came to be."""
        return self.trigger_kind == TriggerKind.SCHEDULE.value


def mark_of(execution: Execution) -> Mark:
    """The mark of an execution that was read whole."""
    return Mark(
        execution.id,
        execution.job_id,
        int(execution.state),
        to_micros(execution.updated_time),
        execution.job_rev,
        execution.trigger_kind.value,
    )


class Changes:
    """Reads of at most `limit` rows each, in no order: who gets that many has not got all."""

    def __init__(self, tables: Tables) -> None:
        self._executions = tables.executions
        self._audit_logs = tables.audit_logs

    def live(self, connection: Connection, limit: int) -> list[Mark]:
        """Executions that are queued, running or stopping."""
        return self._marks(connection, [self._executions.c.live == 1], limit)

    def made_between(
        self, connection: Connection, since: datetime, until: datetime, limit: int
    ) -> list[Mark]:
        """Executions whose id was made then, whatever times their rows name."""
        return self._marks(connection, [self._was_made(since, until)], limit)

    def scheduled_since(
        self, connection: Connection, since: datetime, until: datetime, limit: int
    ) -> list[Mark]:
        """Executions scheduled from `since` on, but for those that `made_between` finds."""
        scheduled = self._executions.c.scheduled_time >= since
        return self._marks(connection, [scheduled, ~self._was_made(since, until)], limit)

    def audit_ids_since(self, connection: Connection, since: datetime, limit: int) -> set[str]:
        """The ids of audit entries from `since` on."""
        table = self._audit_logs
        query = select(table.c.id).where(table.c.created_time >= since).limit(limit)
        return {row.id for row in connection.execute(query)}

    def _was_made(self, since: datetime, until: datetime) -> ColumnElement[bool]:
        column = self._executions.c.id
        return (column >= first_id_at(since)) & (column < first_id_at(until))

    def _marks(
        self, connection: Connection, which: Sequence[ColumnElement[bool]], limit: int
    ) -> list[Mark]:
        table = self._executions
        columns: list[Any] = [
            table.c.id,
            table.c.job_id,
            table.c.state,
            # Thousands of rows may be read every second: no datetime is made of them.
            type_coerce(table.c.updated_time, BigInteger),
            table.c.job_rev,
            table.c.trigger_kind,
        ]
        rows = connection.execute(select(*columns).where(*which).limit(limit))
        return [Mark(*row) for row in rows]
