"""What has changed in the database since the last look, whichever process changed it.

A transaction may commit long after the times that its rows name. So every look goes back beyond
the last one, and what was told already is known by id. What is read is bounded, however much
happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.changes import Mark, mark_of
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import AuditEntry
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import (
    ExecutionFilter,
    ExecutionView,
    JobFilter,
    JobService,
    JobView,
    PageRequest,
)

T = TypeVar("T")

# Longer than transactions last: those of the loop are cut by then, and no lock is waited for so
# long.
OVERLAP = timedelta(seconds=10)
# Ids are made by the clocks of machines, which may be ahead of the database's.
AHEAD = timedelta(minutes=1)
# More changes of a kind than this are not listed.
MAX_CHANGES = 500
# Where so many executions are unfinished, or new, which of them have changed is not found out.
MAX_WATCHED = 2000
# Rows may be large.
PORTION = 100


@dataclass(slots=True)
class Changes:
    """What one look has found; the newest of a kind first."""

    executions: list[ExecutionView] = field(default_factory=list)
    jobs: list[JobView] = field(default_factory=list)
    deleted_job_ids: list[str] = field(default_factory=list)
    logs: list[AuditEntry] = field(default_factory=list)
    # Of these kinds ("executions", "jobs", "logs") there were too many to be listed.
    too_many: set[str] = field(default_factory=set)
    # So much goes on that the next look may wait.
    is_crowded: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a look has read in brief; None where there is too much of it."""

    now: datetime
    marks: dict[str, Mark] | None
    audit_ids: set[str] | None


class ChangeFeed:
    """Looks for changes, one look after another, in any thread. Every look blocks.

    A look that fails changes nothing: the next one finds what it would have found.
    """

    def __init__(self, manager: SchedulerManager, service: JobService) -> None:
        self._datastore = manager.get_datastore()
        self._service = service
        self._last: _Rows | None = None

    def look(self) -> Changes:
        """What has changed since the last look; nothing at the first one.

        Raises DatastoreUnavailable.
        """
        last = self._last
        rows = self._datastore.read(self._read, None if last is None else last.now)
        changes = Changes() if last is None else self._compare(last, rows)
        self._last = rows
        return changes

    def _read(self, connection: Connection, last: datetime | None) -> _Rows:
        reads = self._datastore.changes
        now = self._datastore.dialect.now(connection)
        # The database's clock may have been set back.
        since, until = min(now, last or now) - OVERLAP, now + AHEAD
        limit = MAX_WATCHED + 1
        # In this order: what leaves one before it is read, is found in the next.
        found = (
            reads.live(connection, limit),
            reads.scheduled_since(connection, since, until, limit),
            reads.made_between(connection, since, until, limit),
        )
        is_all = all(len(marks) < limit for marks in found)
        marks = {mark.id: mark for marks in found for mark in marks} if is_all else None
        audit_ids = reads.audit_ids_since(connection, since, limit)
        return _Rows(now, marks, audit_ids if len(audit_ids) < limit else None)

    def _compare(self, last: _Rows, rows: _Rows) -> Changes:
        changes = Changes(is_crowded=rows.marks is None or rows.audit_ids is None)
        job_ids = self._add_logs(changes, last.audit_ids, rows.audit_ids)
        if last.marks is None or rows.marks is None:
            # Nothing is known of what has become of those that were not read.
            changes.too_many |= {"executions", "jobs"}
            return changes
        self._add_executions(changes, last.marks, rows.marks)
        new = (mark for key, mark in rows.marks.items() if key not in last.marks)
        job_ids.update(mark.job_id for mark in new if mark.is_scheduled)
        self._add_jobs(changes, job_ids)
        return changes

    def _add_logs(
        self, changes: Changes, before: set[str] | None, after: set[str] | None
    ) -> set[str]:
        """Put new audit entries into `changes`; the ids of the jobs that they tell of."""
        if before is None or after is None or len(after - before) > MAX_CHANGES:
            changes.too_many |= {"logs", "jobs"}
            return set()
        entries = _in_portions(self._logs, after - before)
        changes.logs = sorted(entries, key=lambda e: (e.created_time, e.id), reverse=True)
        return {entry.job_id for entry in entries if entry.event != AuditEvent.CUSTOM_RUN}

    def _add_executions(
        self, changes: Changes, before: dict[str, Mark], after: dict[str, Mark]
    ) -> None:
        """Put executions that have changed into `changes`; `after` is brought up to date."""
        changed = [key for key, mark in after.items() if before.get(key) != mark]
        vanished = [key for key, mark in before.items() if mark.is_live and key not in after]
        if len(changed) + len(vanished) > MAX_CHANGES:
            changes.too_many.add("executions")
            return
        views = _in_portions(self._executions, changed + vanished)
        # They may have changed again since their marks were read.
        after.update((view.execution.id, mark_of(view.execution)) for view in views)
        changes.executions = sorted(views, key=_newest_first)

    def _add_jobs(self, changes: Changes, job_ids: set[str]) -> None:
        """Put jobs that may have changed into `changes`."""
        if len(job_ids) > MAX_CHANGES:
            changes.too_many.add("jobs")
        if "jobs" not in changes.too_many:
            changes.jobs = _in_portions(self._jobs, job_ids)
            found = {view.job.id for view in changes.jobs}
            changes.deleted_job_ids = sorted(job_ids - found)

    def _logs(self, ids: Sequence[str]) -> list[AuditEntry]:
        return self._datastore.read(self._datastore.audit_logs.by_ids, ids)

    def _executions(self, ids: Sequence[str]) -> list[ExecutionView]:
        page = PageRequest(limit=PORTION)
        return self._service.list_executions_in_brief(ExecutionFilter(ids=ids), page).items

    def _jobs(self, ids: Sequence[str]) -> list[JobView]:
        return self._service.list_jobs(JobFilter(job_ids=ids), PageRequest(limit=PORTION)).items


def _in_portions(read: Callable[[list[str]], list[T]], ids: Iterable[str]) -> list[T]:
    listed = list(ids)
    portions = (listed[start : start + PORTION] for start in range(0, len(listed), PORTION))
    return [row for portion in portions for row in read(portion)]


def _newest_first(view: ExecutionView) -> tuple[timedelta, str]:
    return EPOCH - view.execution.scheduled_time, view.execution.id
