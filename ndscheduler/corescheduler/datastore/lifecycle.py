"""From queued to the end: which executions may start, who runs them, how they ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    exists,
    func,
    or_,
    select,
)

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.endings import (
    finishing,
    finishing_row,
    touching,
    touching_row,
)
from ndscheduler.corescheduler.datastore.rows import execution_from
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Execution, Finish, Instance

WAITED_TOO_LONG = "Waited in the queue for longer than the grace time of its job."


class Lifecycle:
    """What happens to executions after their claim, in batches."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._executions = tables.executions
        self._dialect = dialect
        self._finish = finishing(tables.executions)
        self._touch = touching(tables.executions)

    def queued(
        self, connection: Connection, executor: str, limit: int, kinds: Sequence[TriggerKind] | None
    ) -> list[Execution]:
        """Queued executions that may start now, first come first, locked for this transaction.

        Of a series only the first unfinished one may.
        """
        table = self._executions
        earlier = table.alias("earlier")
        has_earlier = exists().where(
            earlier.c.live == 1,
            earlier.c.job_id == table.c.job_id,
            earlier.c.series_id == table.c.series_id,
            # Of fire times as of new attempts, which no trigger named.
            earlier.c.scheduled_time < table.c.scheduled_time,
        )
        query = select(table).where(
            table.c.live == 1,
            table.c.state == int(ExecutionState.SCHEDULED),
            table.c.executor == executor,
            or_(table.c.series_id.is_(None), ~has_earlier),
        )
        if kinds is not None:
            query = query.where(table.c.trigger_kind.in_([kind.value for kind in kinds]))
        ordered = query.order_by(table.c.priority.desc(), table.c.scheduled_time, table.c.id)
        return [
            execution_from(row)
            for row in connection.execute(self._dialect.locked(ordered.limit(limit)))
        ]

    def start(
        self,
        connection: Connection,
        executions: Sequence[Execution],
        owner: Instance,
        now: datetime,
    ) -> tuple[list[Execution], list[Execution]]:
        """Mark the queued ones among `executions` running, owned by `owner`.

        Returns (won, missed): those that run here, and those whose start deadline had passed.
        What another instance took first is in neither.
        """
        still = self._still_queued(connection, executions)
        late = [e for e in still if e.start_deadline is not None and e.start_deadline < now]
        late_ids = {execution.id for execution in late}
        fit = [execution for execution in still if execution.id not in late_ids]
        self._mark_running(connection, fit, owner, now)
        self._mark_missed(connection, late, now)
        won = [_running(execution, owner, now) for execution in fit]
        return won, [replace(e, state=ExecutionState.MISSED, finished_time=now) for e in late]

    def unheld(self, connection: Connection, owner_id: str, held: Sequence[str]) -> list[Execution]:
        """What is marked running by `owner_id` but not among those it holds.

        Such rows are left by a start whose COMMIT took effect without our being told, and by what
        was given back: their code never began.
        """
        table = self._executions
        running = int(ExecutionState.RUNNING)
        query = select(table).where(
            table.c.live == 1, table.c.owner == owner_id, table.c.state == running
        )
        kept = set(held)
        return [execution_from(row) for row in connection.execute(query) if row.id not in kept]

    def release(self, connection: Connection, owner_id: str, ids: Sequence[str]) -> int:
        """Queue these again, which `owner_id` has marked running and never begun; how many."""
        if not ids:
            return 0
        table = self._executions
        statement = (
            table.update()
            .where(
                table.c.id.in_(ids),
                table.c.owner == owner_id,
                table.c.state == int(ExecutionState.RUNNING),
            )
            .values(
                state=int(ExecutionState.SCHEDULED),
                owner=None,
                hostname=None,
                pid=None,
                started_time=None,
            )
        )
        return connection.execute(statement).rowcount

    def finish(self, connection: Connection, finishes: Sequence[Finish]) -> int:
        """Store how executions ended, where they still run as this owner's attempt; how many."""
        rows = [finishing_row(finish) for finish in finishes]
        return self._dialect.execute_many(connection, self._finish, rows) if rows else 0

    def touch(self, connection: Connection, finish: Finish) -> bool:
        """Write as little as can be into the row of `finish`; False if it would not be stored."""
        row = touching_row(finish)
        return self._dialect.execute_many(connection, self._touch, [row]) > 0

    def interrupt(
        self,
        connection: Connection,
        owner_id: str,
        now: datetime,
        reason: str,
        kept_ids: Collection[str] = (),
    ) -> list[Execution]:
        """End every running execution of a dead instance but `kept_ids`; they as they are now."""
        table = self._executions
        running = [int(ExecutionState.RUNNING), int(ExecutionState.STOPPING)]
        query = select(table).where(
            table.c.live == 1, table.c.owner == owner_id, table.c.state.in_(running)
        )
        rows = connection.execute(self._dialect.locked(query))
        kept = set(kept_ids)
        found = [execution_from(row) for row in rows if row.id not in kept]
        if found:
            connection.execute(
                table.update()
                .where(table.c.id.in_([e.id for e in found]), table.c.state.in_(running))
                .values(
                    state=int(ExecutionState.INTERRUPTED),
                    live=None,
                    finished_time=now,
                    updated_time=now,
                    reason=reason,
                )
            )
        state = ExecutionState.INTERRUPTED
        return [
            replace(execution, state=state, finished_time=now, updated_time=now, reason=reason)
            for execution in found
        ]

    def owners_of_live(self, connection: Connection) -> set[str]:
        """The ids of all instances that own an unfinished execution."""
        return set(self.running_counts(connection))

    def running_counts(self, connection: Connection) -> dict[str, int]:
        """How many executions each instance has started that are unfinished, by instance id."""
        table = self._executions
        query = (
            select(table.c.owner, func.count().label("running"))
            .where(table.c.live == 1, table.c.owner.is_not(None))
            .group_by(table.c.owner)
        )
        return {row.owner: row.running for row in connection.execute(query)}

    def _still_queued(
        self, connection: Connection, executions: Sequence[Execution]
    ) -> list[Execution]:
        """Those of `executions` that nobody has started, locked, and as they are by now."""
        if not executions:
            return []
        table = self._executions
        ids = [execution.id for execution in executions]
        query = select(table.c.id, table.c.job_rev).where(
            and_(table.c.id.in_(ids), table.c.state == int(ExecutionState.SCHEDULED))
        )
        revs = {row.id: row.job_rev for row in connection.execute(self._dialect.locked(query))}
        still = [execution for execution in executions if execution.id in revs]
        changed = [execution.id for execution in still if execution.job_rev != revs[execution.id]]
        if not changed:
            return still
        # The job was edited since these were read.
        query_changed = select(table).where(table.c.id.in_(changed))
        fresh = {row.id: execution_from(row) for row in connection.execute(query_changed)}
        return [fresh.get(execution.id, execution) for execution in still]

    def _mark_running(
        self, connection: Connection, fit: list[Execution], owner: Instance, now: datetime
    ) -> None:
        if not fit:
            return
        table = self._executions
        connection.execute(
            table.update()
            .where(
                table.c.id.in_([execution.id for execution in fit]),
                table.c.state == int(ExecutionState.SCHEDULED),
            )
            .values(
                state=int(ExecutionState.RUNNING),
                owner=owner.id,
                hostname=owner.hostname,
                pid=owner.pid,
                started_time=now,
                updated_time=now,
            )
        )

    def _mark_missed(self, connection: Connection, late: list[Execution], now: datetime) -> None:
        if not late:
            return
        table = self._executions
        connection.execute(
            table.update()
            .where(
                table.c.id.in_([execution.id for execution in late]),
                table.c.state == int(ExecutionState.SCHEDULED),
            )
            .values(
                state=int(ExecutionState.MISSED),
                live=None,
                finished_time=now,
                updated_time=now,
                reason=WAITED_TOO_LONG,
            )
        )


def _running(execution: Execution, owner: Instance, now: datetime) -> Execution:
    return replace(
        execution,
        state=ExecutionState.RUNNING,
        owner=owner.id,
        hostname=owner.hostname,
        pid=owner.pid,
        started_time=now,
        updated_time=now,
    )
