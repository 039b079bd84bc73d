"""The hot path: claim due jobs, start queued executions, finish them. All in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, distinct, exists, func, or_, select

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.dialects import Dialect
from ndscheduler.corescheduler.datastore.rows import (
    ACTIVE,
    PAUSED,
    execution_from,
    execution_row,
    job_from,
)
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Execution, Finish, Instance, Job

WAITED_TOO_LONG = "Waited in the queue for longer than the grace time of its job."


class Claims:
    """What the claim loop and the finish writer do to jobs and executions."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._jobs = tables.jobs
        self._executions = tables.executions
        self._dialect = dialect

    def due_jobs(self, connection: Connection, now: datetime, limit: int) -> list[Job]:
        """Active jobs with next_fire <= `now`, longest due first, locked for this transaction."""
        table = self._jobs
        query = (
            select(table)
            .where(table.c.next_fire <= now, table.c.state == ACTIVE)
            .order_by(table.c.next_fire, table.c.id)
            .limit(limit)
        )
        return [job_from(row) for row in connection.execute(self._locked(query))]

    def jobs_to_resume(self, connection: Connection, now: datetime, limit: int) -> list[Job]:
        """Paused jobs whose pause ends at or before `now`, locked for this transaction."""
        table = self._jobs
        query = (
            select(table)
            .where(table.c.paused_until <= now, table.c.state == PAUSED)
            .order_by(table.c.paused_until)
            .limit(limit)
        )
        return [job_from(row) for row in connection.execute(self._locked(query))]

    def next_wake(self, connection: Connection) -> datetime | None:
        """The earliest instant at which a job is due or a pause ends."""
        table = self._jobs
        fire = select(func.min(table.c.next_fire)).where(table.c.state == ACTIVE)
        end = select(func.min(table.c.paused_until)).where(table.c.state == PAUSED)
        found = [connection.execute(query).scalar_one() for query in (fire, end)]
        return min((instant for instant in found if instant is not None), default=None)

    def triggers_due(
        self, connection: Connection, until: datetime, limit: int
    ) -> list[tuple[str, str, datetime | None, datetime | None]]:
        """(trigger, timezone, start, end), as stored, of the jobs due at or before `until`."""
        table = self._jobs
        columns = (table.c.trigger, table.c.timezone, table.c.start_date, table.c.end_date)
        query = select(*columns).where(table.c.next_fire <= until, table.c.state == ACTIVE)
        rows = connection.execute(query.distinct().limit(limit))
        return [(row.trigger, row.timezone, row.start_date, row.end_date) for row in rows]

    def live_counts(self, connection: Connection, job_ids: Iterable[str]) -> dict[str, int]:
        """How many executions of each job count against its `max_instances` now.

        Executions started by hand do not count; a series of caught-up fires counts as one.
        """
        table = self._executions
        counted = func.count(distinct(func.coalesce(table.c.series_id, table.c.id)))
        query = (
            select(table.c.job_id, counted.label("live_count"))
            .where(
                table.c.live.is_not(None),
                table.c.live == 1,
                table.c.job_id.in_(list(job_ids)),
                table.c.trigger_kind == TriggerKind.SCHEDULE.value,
            )
            .group_by(table.c.job_id)
        )
        return {row.job_id: row.live_count for row in connection.execute(query)}

    def advance(self, connection: Connection, moves: Sequence[tuple[Job, datetime | None]]) -> int:
        """Give each job its new next fire time, if it is still as it was read; how many were."""
        table = self._jobs
        statement = (
            table.update()
            .where(
                table.c.id == bindparam("old_id"),
                table.c.rev == bindparam("old_rev"),
                table.c.next_fire == bindparam("old_fire"),
            )
            .values(next_fire=bindparam("new_fire"))
        )
        rows = [
            {"old_id": job.id, "old_rev": job.rev, "old_fire": job.next_fire, "new_fire": new}
            for job, new in moves
        ]
        return connection.execute(statement, rows).rowcount if rows else 0

    def insert_executions(self, connection: Connection, executions: Sequence[Execution]) -> int:
        """Insert one row per execution; how many were new.

        A fire time that is recorded already stays as it is (unique (job_id, fire_time)).
        """
        if not executions:
            return 0
        statement = self._dialect.insert_or_keep(self._executions)
        # The count of an INSERT is thrown away unless it is asked for.
        statement = statement.execution_options(preserve_rowcount=True)
        rows = _without_empty_columns([execution_row(execution) for execution in executions])
        inserted = connection.execute(statement, rows).rowcount
        if self._dialect.counts_inserts:
            return inserted
        ids = self._executions.c.id.in_([execution.id for execution in executions])
        query = select(func.count()).select_from(self._executions).where(ids)
        return connection.execute(query).scalar_one()

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
            earlier.c.fire_time < table.c.fire_time,
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
            execution_from(row) for row in connection.execute(self._locked(ordered.limit(limit)))
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
        mine = self._still_queued(connection, [execution.id for execution in executions])
        still = [execution for execution in executions if execution.id in mine]
        late = [e for e in still if e.start_deadline is not None and e.start_deadline < now]
        late_ids = {execution.id for execution in late}
        fit = [execution for execution in still if execution.id not in late_ids]
        self._mark_running(connection, fit, owner, now)
        self._mark_missed(connection, late, now)
        won = [_running(execution, owner, now) for execution in fit]
        return won, [replace(e, state=ExecutionState.MISSED, finished_time=now) for e in late]

    def finish(self, connection: Connection, finishes: Sequence[Finish]) -> int:
        """Store how executions ended, where they still run as this owner's attempt; how many."""
        table = self._executions
        statement = (
            table.update()
            .where(
                table.c.id == bindparam("the_id"),
                table.c.owner == bindparam("the_owner"),
                table.c.attempt == bindparam("the_attempt"),
                # IN is not for many rows at once.
                or_(
                    table.c.state == int(ExecutionState.RUNNING),
                    table.c.state == int(ExecutionState.STOPPING),
                ),
            )
            .values(
                state=bindparam("new_state"),
                live=None,
                finished_time=bindparam("at"),
                updated_time=bindparam("at"),
                result=bindparam("new_result"),
                description=bindparam("new_description"),
                error_summary=bindparam("new_error_summary"),
                exit_code=bindparam("new_exit_code"),
            )
        )
        rows = [_finish_row(finish) for finish in finishes]
        return connection.execute(statement, rows).rowcount if rows else 0

    def interrupt(
        self, connection: Connection, owner_id: str, now: datetime, reason: str
    ) -> list[Execution]:
        """End every running execution of a dead instance; those that were."""
        table = self._executions
        running = [int(ExecutionState.RUNNING), int(ExecutionState.STOPPING)]
        query = select(table).where(
            table.c.live == 1, table.c.owner == owner_id, table.c.state.in_(running)
        )
        found = [execution_from(row) for row in connection.execute(self._locked(query))]
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
        return found

    def owners_of_live(self, connection: Connection) -> set[str]:
        """The ids of all instances that own an unfinished execution."""
        table = self._executions
        query = select(table.c.owner).where(table.c.live == 1, table.c.owner.is_not(None))
        return {row[0] for row in connection.execute(query.distinct())}

    def skip_queued(self, connection: Connection, job_id: str, now: datetime, reason: str) -> int:
        """Turn the queued executions of a job's schedule into skipped ones; how many."""
        table = self._executions
        statement = (
            table.update()
            .where(
                table.c.live == 1,
                table.c.job_id == job_id,
                table.c.state == int(ExecutionState.SCHEDULED),
            )
            .values(
                state=int(ExecutionState.SKIPPED),
                live=None,
                finished_time=now,
                updated_time=now,
                reason=reason,
            )
        )
        return connection.execute(statement).rowcount

    def _still_queued(self, connection: Connection, ids: list[str]) -> set[str]:
        table = self._executions
        query = select(table.c.id).where(
            and_(table.c.id.in_(ids), table.c.state == int(ExecutionState.SCHEDULED))
        )
        return {row.id for row in connection.execute(self._locked(query))} if ids else set()

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

    def _locked(self, query: Select[Any]) -> Select[Any]:
        if not self._dialect.locks_rows:
            return query
        return query.with_for_update(skip_locked=True)


def _without_empty_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without the columns that are NULL in all of them: half of a claim's row."""
    used = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    return [{name: row[name] for name in used} for row in rows]


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


def _finish_row(finish: Finish) -> dict[str, Any]:
    return {
        "the_id": finish.execution.id,
        "the_owner": finish.execution.owner,
        "the_attempt": finish.execution.attempt,
        "new_state": int(finish.state),
        "at": finish.finished_time,
        "new_result": finish.result,
        "new_description": finish.description,
        "new_error_summary": finish.error_summary,
        "new_exit_code": finish.exit_code,
    }
