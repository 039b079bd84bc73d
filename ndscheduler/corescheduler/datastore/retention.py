"""Statements that delete old rows, a bounded number at a time, and find them by an index.

Rows are chosen first, by a bounded walk along an index, and deleted by their ids: a batch costs
the same in a table of a million rows. Rows that another transaction holds are left out, so several
instances may do this at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from ndscheduler.corescheduler.constants import LIVE_STATES
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.keep_rules import grace_of


@dataclass(frozen=True, slots=True)
class OldExecution:
    """What decides whether an execution may go."""

    id: str
    job_id: str
    scheduled_time: datetime
    updated_time: datetime
    is_live: bool

    @property
    def young_at(self) -> datetime:
        """The instant from which its age counts: its schedule or its last change."""
        return max(self.scheduled_time, self.updated_time)


@dataclass(frozen=True, slots=True)
class Span:
    """What is older than `before`, and not older than `since`."""

    before: datetime
    since: datetime | None = None


class Retention:
    """Finds and deletes what is old. Whether it may go is decided above."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._tables = tables
        self._executions = tables.executions
        self._dialect = dialect
        # Where the key has several columns. Statements for many rows live as long as the dialect.
        self._delete_by_key = {
            table.name: _delete_by_key(table)
            for table in (tables.execution_output, tables.job_stats)
        }

    def window(
        self,
        connection: Connection,
        before: datetime,
        after: OldExecution | None,
        limit: int,
        job_id: str | None = None,
    ) -> list[OldExecution]:
        """Executions scheduled before `before`, oldest first, that come behind `after`.

        Those of one job if `job_id` is given. Live ones and young ones are among them: it is
        the caller who leaves them out, so that no statement looks for long.
        """
        table = self._executions
        names = ("id", "job_id", "scheduled_time", "updated_time", "state", "live")
        query = select(*(table.c[name] for name in names)).where(table.c.scheduled_time < before)
        if job_id is not None:
            query = query.where(table.c.job_id == job_id)
        if after is not None:
            query = query.where(_behind(table, after))
        ordered = query.order_by(table.c.scheduled_time, table.c.id).limit(limit)
        return [_old(row) for row in connection.execute(ordered)]

    def graces(self, connection: Connection, job_ids: Iterable[str]) -> dict[str, timedelta | None]:
        """The grace time of each of these jobs that still exists; None is no limit."""
        table = self._tables.jobs
        query = select(table.c.id, table.c.misfire_grace_seconds).where(table.c.id.in_(job_ids))
        return {row.id: grace_of(row.misfire_grace_seconds) for row in connection.execute(query)}

    def delete_output(self, connection: Connection, ids: Sequence[str], limit: int) -> int:
        """Delete at most `limit` pieces of output of these executions; how many."""
        table = self._tables.execution_output
        query = select(*table.primary_key.columns).where(table.c.execution_id.in_(ids))
        locked = self._dialect.locked(query.limit(limit))
        found = [row._mapping for row in connection.execute(locked)]
        return self._delete_rows(connection, table, found) if found else 0

    def delete_executions(
        self, connection: Connection, ids: Sequence[str], unchanged_since: datetime
    ) -> int:
        """Delete those of these executions that are finished and were not changed since; how many.

        Nothing that refers to them is left.
        """
        table = self._executions
        query = select(table.c.id).where(
            table.c.id.in_(ids),
            table.c.live.is_(None),
            table.c.state.not_in([int(state) for state in LIVE_STATES]),
            table.c.updated_time < unchanged_since,
        )
        found = connection.execute(self._dialect.locked(query))
        return _delete_ids(connection, table, [row.id for row in found])

    def delete_audit(
        self, connection: Connection, span: Span, limit: int
    ) -> tuple[int, datetime | None]:
        """Delete at most `limit` audit entries of `span`, oldest first.

        How many, and when the last was made: the `since` of the next batch. None if there is none.
        """
        table = self._tables.audit_logs
        return self._delete_oldest(connection, table, table.c.created_time, span, limit)

    def delete_stats(
        self, connection: Connection, span: Span, limit: int
    ) -> tuple[int, datetime | None]:
        """Delete at most `limit` rows of statistics of the hours of `span`; as `delete_audit`."""
        table = self._tables.job_stats
        return self._delete_oldest(connection, table, table.c.hour, span, limit)

    def next_jobs(self, connection: Connection, after_id: str, limit: int) -> list[str]:
        """The ids, in order, of the jobs behind `after_id` that have executions.

        Each is one look at the index, however many executions a job has.
        """
        table, found = self._executions, [after_id]
        while len(found) <= limit:
            query = select(func.min(table.c.job_id)).where(table.c.job_id > found[-1])
            next_id = connection.execute(query).scalar_one()
            if next_id is None:
                break
            found.append(next_id)
        return found[1:]

    def nth_newest(self, connection: Connection, job_id: str, nth: int) -> datetime | None:
        """When the `nth` newest execution of a job was scheduled; None if it has fewer."""
        table = self._executions
        query = (
            select(table.c.scheduled_time)
            .where(table.c.job_id == job_id)
            .order_by(table.c.scheduled_time.desc(), table.c.id.desc())
            .offset(nth - 1)
            .limit(1)
        )
        return connection.execute(query).scalar_one_or_none()

    def silent_instances(
        self, connection: Connection, before: datetime, kept: int
    ) -> dict[str, datetime]:
        """The last sign of life of each instance whose last is older than `before`.

        The `kept` instances that were started last are never among them.
        """
        table = self._tables.instances
        newest = select(table.c.id).order_by(table.c.started_at.desc(), table.c.id).limit(kept)
        query = select(table.c.id, table.c.heartbeat_at).where(table.c.heartbeat_at < before)
        young = {row.id for row in connection.execute(newest)}
        return {
            row.id: row.heartbeat_at for row in connection.execute(query) if row.id not in young
        }

    def delete_instances(self, connection: Connection, signs: dict[str, datetime]) -> int:
        """Delete the instances whose last sign of life is the one in `signs`; how many.

        One that owns an unfinished execution stays.
        """
        table, executions = self._tables.instances, self._executions
        owned = select(executions.c.owner).where(executions.c.live == 1)
        owners = {row.owner for row in connection.execute(owned.distinct())}
        chosen = sorted(set(signs) - owners)
        query = select(table.c.id, table.c.heartbeat_at).where(table.c.id.in_(chosen))
        found = connection.execute(self._dialect.locked(query))
        same = [row.id for row in found if row.heartbeat_at == signs[row.id]]
        return _delete_ids(connection, table, same)

    def _delete_oldest(
        self, connection: Connection, table: Table, at: Column[Any], span: Span, limit: int
    ) -> tuple[int, datetime | None]:
        """Delete the oldest rows of a table with the time `at`; how many, and the last time."""
        where = at < span.before
        if span.since is not None:
            # What earlier batches deleted may lie in the index for a while: not through it again.
            where = and_(where, at >= span.since)
        columns = dict.fromkeys([*table.primary_key.columns, at])
        query = select(*columns).where(where).order_by(at).limit(limit)
        found = [row._mapping for row in connection.execute(self._dialect.locked(query))]
        if not found:
            return 0, None
        return self._delete_rows(connection, table, found), found[-1][at]

    def _delete_rows(self, connection: Connection, table: Table, rows: Sequence[RowMapping]) -> int:
        """Delete the rows with these primary keys; how many."""
        if table.name not in self._delete_by_key:
            return _delete_ids(connection, table, [row[table.c.id] for row in rows])
        keys = [
            {f"the_{column.name}": row[column] for column in table.primary_key.columns}
            for row in rows
        ]
        statement = self._delete_by_key[table.name]
        return self._dialect.execute_many(connection, statement, keys)


def _delete_ids(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    if not ids:
        return 0
    return connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount


def _delete_by_key(table: Table) -> Delete:
    keys = table.primary_key.columns
    return delete(table).where(*(column == bindparam(f"the_{column.name}") for column in keys))


def _behind(table: Table, last: OldExecution) -> ColumnElement[bool]:
    # The first condition says nothing new; it is what databases make a range of the index of.
    return and_(
        table.c.scheduled_time >= last.scheduled_time,
        or_(table.c.scheduled_time > last.scheduled_time, table.c.id > last.id),
    )


def _old(row: Any) -> OldExecution:
    is_live = row.live is not None or row.state in LIVE_STATES
    return OldExecution(row.id, row.job_id, row.scheduled_time, row.updated_time, is_live)
