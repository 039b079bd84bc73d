"""Copies the rows of the old tables into those of this release: audit log, jobs, executions."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.legacy import old_tables
from ndscheduler.corescheduler.datastore.legacy.history import History
from ndscheduler.corescheduler.datastore.legacy.old_audit import audit_row_of
from ndscheduler.corescheduler.datastore.legacy.old_executions import execution_row_of
from ndscheduler.corescheduler.datastore.legacy.old_jobs import UPGRADE_USER, OldJob, job_of
from ndscheduler.corescheduler.datastore.legacy.old_values import id_of, whole_of
from ndscheduler.corescheduler.datastore.legacy.sums import EndSums
from ndscheduler.corescheduler.datastore.legacy.writer import Writer
from ndscheduler.corescheduler.datastore.rows import audit_row, job_row
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import AuditEntry, Job

logger = logging.getLogger(__name__)

Row = dict[str, Any]

CHUNK = 100
PROGRESS_ROWS = 100_000
MAX_TOLD = 20


@dataclass
class Counts:
    """What was copied. `told` are sentences about jobs that could not be kept as they were."""

    jobs: int = 0
    executions: int = 0
    audit_logs: int = 0
    interrupted: int = 0
    paused: int = 0
    told: list[str] = field(default_factory=list)


class Import:
    """One import. `kept` names the old tables by kind, as they are called now."""

    def __init__(
        self,
        connection: Connection,
        source: Connection,
        dialect: Dialect,
        tables: Tables,
        kept: dict[str, str],
        after_batch: Callable[[], None],
    ) -> None:
        """`source` reads the old tables while `connection` writes; it may be the same."""
        self._connection = connection
        self._source = source
        self._dialect = dialect
        self._tables = tables
        self._kept = kept
        self._after_batch = after_batch
        self._history = History(connection, tables)
        self._now = dialect.now(connection)
        self.counts = Counts()

    def run(self) -> Counts:
        """Copy everything; what was copied."""
        # The audit log first: it knows when jobs were made, and what those were that are deleted.
        with old_tables.any_text(self._source):
            self._copy_audit_log()
            self._copy_jobs()
            self._copy_executions()
            self._mark_runs_by_hand()
        return self.counts

    def _copy_audit_log(self) -> None:
        writer = self._writer(self._tables.audit_logs)
        for number, old in enumerate(self._old_rows(old_tables.AUDIT_LOGS), 1):
            writer.add(audit_row_of(old, number))
        writer.flush()
        self.counts.audit_logs = writer.count

    def _copy_jobs(self) -> None:
        jobs, entries = self._writer(self._tables.jobs), self._writer(self._tables.audit_logs)
        for chunk in _chunks(self._old_rows(old_tables.JOBS)):
            facts = self._history.facts([id_of(old["id"]) for old in chunk])
            for old in chunk:
                read = job_of(old, facts[id_of(old["id"])], self._now)
                jobs.add(job_row(read.job))
                for entry in self._entries(read):
                    entries.add(audit_row(entry))
        jobs.flush()
        entries.flush()
        self.counts.jobs = jobs.count

    def _entries(self, read: OldJob) -> Iterator[AuditEntry]:
        """What the audit log is told of a job that could not be kept as it was."""
        job = read.job
        if read.problems:
            self.counts.paused += 1
            yield self._entry(job, AuditEvent.PAUSED, job.paused_reason or "")
        for note in read.notes:
            yield self._entry(job, AuditEvent.MODIFIED, f"By the upgrade from 0.x {note}.")

    def _entry(self, job: Job, event: AuditEvent, description: str) -> AuditEntry:
        if len(self.counts.told) < MAX_TOLD:
            self.counts.told.append(f"Job {job.id} ({job.name}): {description}")
        return AuditEntry(
            id=new_id(),
            event=event,
            job_id=job.id,
            job_name=job.name,
            user=UPGRADE_USER,
            created_time=self._now,
            description=description,
        )

    def _copy_executions(self) -> None:
        writer = self._writer(self._tables.executions)
        sums = EndSums(self._connection, self._dialect, self._tables.job_stats)
        numbers = itertools.count(1)
        for chunk in _chunks(self._old_rows(old_tables.EXECUTIONS)):
            jobs = self._history.snapshots([id_of(old["job_id"]) for old in chunk])
            for old in chunk:
                row = execution_row_of(old, jobs[id_of(old["job_id"])], next(numbers))
                self.counts.interrupted += _was_unfinished(old, row)
                writer.add(row)
                sums.add(row)
        writer.flush()
        sums.flush()
        self.counts.executions = writer.count

    def _mark_runs_by_hand(self) -> None:
        """0.x told a run by hand from others in the audit log only, by the execution's id."""
        for chunk in _chunks(self._history.runs_by_hand(self._source)):
            self._history.mark_runs_by_hand(self._dialect, chunk)
            self._after_batch()

    def _writer(self, table: Any) -> Writer:
        return Writer(self._connection, self._dialect, table, self._after_batch)

    def _old_rows(self, kind: str) -> Iterator[Row]:
        name = self._kept.get(kind)
        if name is None:
            return
        for number, row in enumerate(old_tables.rows(self._source, kind, name), 1):
            if number % PROGRESS_ROWS == 0:
                logger.info("Upgrade from 0.x: %s rows of %s are copied.", f"{number:,}", name)
            yield row


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(itertools.islice(rows, CHUNK)):
        yield chunk


def _was_unfinished(old: Row, row: Row) -> bool:
    ended_here = row["state"] == ExecutionState.INTERRUPTED
    return ended_here and whole_of(old["state"]) != ExecutionState.INTERRUPTED
