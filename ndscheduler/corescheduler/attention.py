"""What somebody should look at: jobs that fail, missed fires, fire no more, or can not run.

Each job is told of once, by the gravest that is wrong with it, and paused ones are not: whoever
paused a job knows of it. With 10,000 jobs and a million executions it is quick all the same:

- which jobs fail is one look-up per job in the index (job_id, scheduled_time, id), whose first row
  is mostly the one that tells;
- which missed fires is told by the statistics of the last day, by the index on hours;
- which fire no more, and which are broken, is told by the jobs themselves;
- and only the at most 100 items that are shown are looked into further, 30 executions each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ndscheduler.corescheduler.broken_jobs import BrokenJobs
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.datastore.troubles import TroubledJob
from ndscheduler.corescheduler.overview import start_of_hour
from ndscheduler.corescheduler.summary import BriefExecution, Words, failures_in_a_row

MAX_ITEMS = 100
MISSES_COUNT_FOR = timedelta(hours=24)
_MAX_WORDS = 300


class Kind(str, Enum):
    """What is wrong with a job, the gravest first."""

    BROKEN = "broken"
    FAILING = "failing"
    SCHEDULED_ERROR = "scheduled_error"
    INTERRUPTED = "interrupted"
    MISSED = "missed"
    ENDED = "ended"


_GRAVITY = {kind: number for number, kind in enumerate(Kind)}
_KINDS = {
    ExecutionState.FAILED: Kind.FAILING,
    ExecutionState.TIMEOUT: Kind.FAILING,
    ExecutionState.SCHEDULED_ERROR: Kind.SCHEDULED_ERROR,
    ExecutionState.INTERRUPTED: Kind.INTERRUPTED,
    ExecutionState.MISSED: Kind.MISSED,
}
_VERBS = {
    ExecutionState.FAILED: "Failed",
    ExecutionState.TIMEOUT: "Timed out",
    ExecutionState.SCHEDULED_ERROR: "Could not start",
    ExecutionState.INTERRUPTED: "Was interrupted",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One job and what is wrong with it, in a sentence.

    `since` is when that began, as far as its last 30 executions tell, and None where nobody knows;
    `last_time` is when it was seen last. `count` is how many executions went wrong in a row, or
    how many fires were missed. `execution_id` is the last of them, where there is one.
    """

    kind: Kind
    job_id: str
    job_name: str
    since: datetime | None
    last_time: datetime
    count: int
    execution_id: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """The items to show, at most 100, and how many there are in all."""

    items: list[Item]
    total: int


@dataclass(frozen=True, slots=True)
class _Trouble:
    kind: Kind
    job: TroubledJob
    problem: str = ""


class Attention:
    """Finds what needs attention. Safe to use from several threads."""

    def __init__(self, datastore: DatastoreBase, broken: BrokenJobs) -> None:
        self._datastore = datastore
        self._broken = broken

    def find(self, now: datetime) -> Found:
        """What needs attention at `now`: the gravest first, and of one kind the newest first."""
        return self._datastore.read(self._find, now)

    def _find(self, connection: Connection, now: datetime) -> Found:
        by_job: dict[str, _Trouble] = {}
        for trouble in self._troubles(connection, now):
            known = by_job.get(trouble.job.id)
            if known is None or _GRAVITY[trouble.kind] < _GRAVITY[known.kind]:
                by_job[trouble.job.id] = trouble
        # Twice sorted: the newest first, and what is as grave stays in that order.
        newest = sorted(by_job.values(), key=lambda trouble: trouble.job.at, reverse=True)
        gravest = sorted(newest, key=lambda trouble: _GRAVITY[trouble.kind])
        return Found(self._items(connection, gravest[:MAX_ITEMS]), len(gravest))

    def _troubles(self, connection: Connection, now: datetime) -> Iterable[_Trouble]:
        reads = self._datastore.troubles
        yield from self._broken_jobs(connection)
        # Before those that fail: what the statistics tell of misses is the better count.
        for job in reads.missing(connection, start_of_hour(now - MISSES_COUNT_FOR)):
            yield _Trouble(Kind.MISSED, job)
        for job in reads.failing(connection):
            yield _Trouble(_KINDS[job.state or ExecutionState.FAILED], job)
        for job in reads.ended(connection):
            yield _Trouble(Kind.ENDED, job)

    def _broken_jobs(self, connection: Connection) -> Iterable[_Trouble]:
        found = self._broken.find(connection)
        for job in self._datastore.troubles.broken(connection, found.which):
            of_class = found.by_class.get(job.job_class_string, "")
            yield _Trouble(Kind.BROKEN, job, found.by_job_id.get(job.id, of_class))

    def _items(self, connection: Connection, troubles: Sequence[_Trouble]) -> list[Item]:
        looked_into = [t.job.id for t in troubles if t.kind not in (Kind.BROKEN, Kind.ENDED)]
        recent = self._datastore.summaries.recent(connection, looked_into)
        rows = {t.job.id: _rows_of(t, recent.get(t.job.id, [])) for t in troubles}
        last_ids = [found[0].id for found in rows.values() if found]
        words = self._datastore.summaries.words(connection, last_ids)
        return [_item(trouble, rows[trouble.job.id], words) for trouble in troubles]


def _rows_of(trouble: _Trouble, recent: Sequence[BriefExecution]) -> list[BriefExecution]:
    """The executions that `trouble` is about, the newest first; empty where none is known."""
    if trouble.kind is Kind.MISSED:
        missed = [row for row in reversed(recent) if row.state is ExecutionState.MISSED]
        last_day = missed[0].scheduled_time - MISSES_COUNT_FOR if missed else None
        return [row for row in missed if last_day is None or row.scheduled_time >= last_day]
    return failures_in_a_row(recent)


def _item(trouble: _Trouble, rows: Sequence[BriefExecution], words: dict[str, Words]) -> Item:
    job = trouble.job
    said = words.get(rows[0].id, Words()) if rows else Words()
    since = None if trouble.kind is Kind.BROKEN else job.at
    return Item(
        kind=trouble.kind,
        job_id=job.id,
        job_name=job.name,
        since=rows[-1].scheduled_time if rows else since,
        last_time=rows[0].scheduled_time if rows else job.at,
        count=_count(trouble, rows),
        execution_id=rows[0].id if rows else None,
        sentence=_sentence(trouble, rows, said),
    )


def _count(trouble: _Trouble, rows: Sequence[BriefExecution]) -> int:
    if trouble.kind is Kind.MISSED:
        return max(trouble.job.count, rows[0].count if rows else 1)
    return max(1, len(rows))


def _sentence(trouble: _Trouble, rows: Sequence[BriefExecution], said: Words) -> str:
    if trouble.kind is Kind.BROKEN:
        return _ended_with_a_dot(trouble.problem)
    if trouble.kind is Kind.ENDED:
        return "Its schedule names no further time: it does not run again."
    reason = said.error_summary or said.reason
    is_missed = trouble.kind is Kind.MISSED
    what = _missed(_count(trouble, rows)) if is_missed else _failed(trouble, rows)
    return _ended_with_a_dot(f"{what}: {reason}" if reason else what)


def _missed(count: int) -> str:
    return "Missed a fire" if count == 1 else f"Missed {count:,} fires"


def _failed(trouble: _Trouble, rows: Sequence[BriefExecution]) -> str:
    verb = _VERBS.get(trouble.job.state or ExecutionState.FAILED, "Failed")
    return verb if len(rows) < 2 else f"{verb} {len(rows)} times in a row"


def _ended_with_a_dot(text: str) -> str:
    line = " ".join(text.split())
    if len(line) > _MAX_WORDS:
        return f"{line[:_MAX_WORDS]}..."
    return line if line.endswith((".", "!", "?")) else f"{line}."
