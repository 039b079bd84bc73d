"""What lists tell of jobs: their last executions, what runs, and how all of them ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.constants import ExecutionState, state_of
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Execution
from ndscheduler.corescheduler.summary import (
    BriefExecution,
    Endings,
    JobSummary,
    Neighbours,
    Words,
)

RECENT = 30
# The parts of one statement; SQLite takes at most 500.
_JOBS_PER_STATEMENT = 50

Counts = dict[str, dict[ExecutionState, int]]


class Summaries:
    """Reads for some jobs at once; the cost depends on the jobs asked for, not on the table."""

    def __init__(self, tables: Tables) -> None:
        self._executions = tables.executions
        self._stats = tables.job_stats
        # Made once: to make it anew costs more than to run it.
        self._recent = self._recent_statement()

    def of_jobs(self, connection: Connection, job_ids: Sequence[str]) -> dict[str, JobSummary]:
        """The summary of each of `job_ids`, in four statements for up to 50 jobs."""
        recent = self.recent(connection, job_ids)
        words = self.words(connection, [executions[-1].id for executions in recent.values()])
        live = self._live(connection, job_ids)
        ended = self.endings(connection, job_ids)
        found: dict[str, JobSummary] = {}
        for job_id in job_ids:
            last = recent[job_id][-1].id if job_id in recent else ""
            counts = live.get(job_id, {})
            queued = counts.pop(ExecutionState.SCHEDULED, 0)
            found[job_id] = JobSummary(
                recent=recent.get(job_id, ()),
                last_words=words.get(last, Words()),
                running=sum(counts.values()),
                queued=queued,
                ended=ended.get(job_id, {}),
            )
        return found

    def recent(
        self, connection: Connection, job_ids: Sequence[str]
    ) -> dict[str, list[BriefExecution]]:
        """The last 30 executions of each job that has any, the oldest first.

        Each job is one look-up in the index (job_id, scheduled_time, id).
        """
        found: dict[str, list[BriefExecution]] = defaultdict(list)
        for start in range(0, len(job_ids), _JOBS_PER_STATEMENT):
            some = job_ids[start : start + _JOBS_PER_STATEMENT]
            # No job has an empty id.
            padded = [*some, *[""] * (_JOBS_PER_STATEMENT - len(some))]
            values = {f"job_{number}": job_id for number, job_id in enumerate(padded)}
            for row in connection.execute(self._recent, values):
                found[row.job_id].append(brief_from(row))
        for executions in found.values():
            executions.sort(key=lambda execution: (execution.scheduled_time, execution.id))
        return dict(found)

    def words(self, connection: Connection, execution_ids: Iterable[str]) -> dict[str, Words]:
        """What these executions say of their end, by id."""
        table = self._executions
        query = select(table.c.id, table.c.error_summary, table.c.reason)
        rows = connection.execute(query.where(table.c.id.in_(list(execution_ids))))
        return {row.id: Words(row.error_summary, row.reason) for row in rows}

    def endings(
        self, connection: Connection, job_ids: Iterable[str]
    ) -> dict[str, dict[ExecutionState, Endings]]:
        """How all executions of each job ended that the statistics know of, by state."""
        table = self._stats
        query = (
            select(
                table.c.job_id,
                table.c.state,
                func.sum(table.c.count).label("ended"),
                func.sum(table.c.total_microseconds).label("micros"),
            )
            .where(table.c.job_id.in_(list(job_ids)))
            .group_by(table.c.job_id, table.c.state)
        )
        found: dict[str, dict[ExecutionState, Endings]] = defaultdict(dict)
        for row in connection.execute(query):
            endings = Endings(int(row.ended), int(row.micros) * MICROSECOND)
            found[row.job_id][state_of(row.state)] = endings
        return dict(found)

    def neighbours(self, connection: Connection, execution: Execution) -> Neighbours:
        """What is beside `execution`, and its attempts: three look-ups in the same index."""
        return Neighbours(
            previous_id=self._beside(connection, execution, before=True),
            next_id=self._beside(connection, execution, before=False),
            attempts=self._attempts(connection, execution),
        )

    def _beside(self, connection: Connection, execution: Execution, before: bool) -> str | None:
        table = self._executions
        time, the_id = table.c.scheduled_time, table.c.id
        here, this = execution.scheduled_time, execution.id
        if before:
            # `<=` and `>=` are what an index can begin at; it can not at an OR.
            beyond = and_(time <= here, or_(time < here, the_id < this))
            order = (time.desc(), the_id.desc())
        else:
            beyond = and_(time >= here, or_(time > here, the_id > this))
            order = (time.asc(), the_id.asc())
        query = select(the_id).where(table.c.job_id == execution.job_id, beyond)
        row = connection.execute(query.order_by(*order).limit(1)).first()
        return None if row is None else row.id

    def _attempts(self, connection: Connection, execution: Execution) -> list[BriefExecution]:
        # A new attempt has the scheduled time of the one before.
        table = self._executions
        query = select(*[table.c[name] for name in _BRIEF_COLUMNS]).where(
            table.c.job_id == execution.job_id,
            table.c.scheduled_time == execution.scheduled_time,
        )
        return _chain(execution.id, [brief_from(row) for row in connection.execute(query)])

    def _live(self, connection: Connection, job_ids: Iterable[str]) -> Counts:
        table = self._executions
        query = (
            select(table.c.job_id, table.c.state, func.count().label("live_count"))
            .where(table.c.live == 1, table.c.job_id.in_(list(job_ids)))
            .group_by(table.c.job_id, table.c.state)
        )
        found: Counts = defaultdict(dict)
        for row in connection.execute(query):
            found[row.job_id][state_of(row.state)] = row.live_count
        return dict(found)

    def _recent_statement(self) -> CompoundSelect[Any]:
        table = self._executions
        columns = [table.c[name] for name in _BRIEF_COLUMNS]
        parts: list[Select[Any]] = []
        for number in range(_JOBS_PER_STATEMENT):
            newest = (
                select(*columns)
                .where(table.c.job_id == bindparam(f"job_{number}"))
                .order_by(table.c.scheduled_time.desc(), table.c.id.desc())
                .limit(RECENT)
            )
            # SQLite takes an order in a part of a union only inside a FROM.
            parts.append(select(newest.subquery(f"newest_{number}")))
        return union_all(*parts)


# In the order of the fields of BriefExecution.
_BRIEF_COLUMNS = (
    "id",
    "job_id",
    "state",
    "scheduled_time",
    "started_time",
    "finished_time",
    "attempt",
    "retry_of",
    "count",
)


def _chain(execution_id: str, found: Sequence[BriefExecution]) -> list[BriefExecution]:
    """Those of `found` that are attempts of the same work as `execution_id`, the first first."""
    by_id = {execution.id: execution for execution in found}
    again = {execution.retry_of: execution for execution in found if execution.retry_of}
    current: BriefExecution | None = by_id.get(execution_id)
    first = current
    while current is not None:
        first = current
        current = by_id.pop(current.retry_of or "", None)
    chain: list[BriefExecution] = []
    while first is not None:
        chain.append(first)
        first = again.pop(first.id, None)
    return chain


def brief_from(row: Any) -> BriefExecution:
    """The execution that a row of the columns above tells of."""
    execution_id, job_id, state, *others = row
    return BriefExecution(execution_id, job_id, state_of(state), *others)
