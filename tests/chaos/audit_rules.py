"""A change and its audit entry are there together, or neither is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from ndscheduler.corescheduler.changes import shown_fields
from ndscheduler.corescheduler.constants import AuditEvent, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.rows import audit_from, execution_from, job_from
from ndscheduler.corescheduler.models import AuditEntry, Job
from tests.chaos.checker import Problem


@dataclass(frozen=True)
class Change:
    """A change that a client asked for.

    `token` tells its entry from others: the new name, the reason, the id of the run or of the job.
    """

    event: AuditEvent
    token: str
    # False: the server was killed, so whether it took effect is not known.
    is_answered: bool


@dataclass(frozen=True)
class Ledger:
    """Jobs, runs by hand and audit entries as the database holds them, and what was asked for."""

    jobs: Sequence[Job]
    run_ids: Sequence[str]
    entries: Sequence[AuditEntry]
    changes: Sequence[Change] = field(default_factory=tuple)

    @cached_property
    def by_job(self) -> dict[str, list[AuditEntry]]:
        """The entries about each job, the oldest first."""
        found: dict[str, list[AuditEntry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda entry: (entry.created_time, entry.id)):
            found[entry.job_id].append(entry)
        return found


def read_ledger(datastore: DatastoreBase, changes: Sequence[Change]) -> Ledger:
    """What the database holds."""
    tables = datastore.tables

    def read(connection: Connection) -> Ledger:
        jobs = [job_from(row) for row in connection.execute(select(tables.jobs))]
        runs = [execution_from(row) for row in connection.execute(select(tables.executions))]
        entries = [audit_from(row) for row in connection.execute(select(tables.audit_logs))]
        by_hand = [run.id for run in runs if run.trigger_kind is TriggerKind.MANUAL]
        return Ledger(jobs, by_hand, entries, changes)

    return datastore.read(read)


def find_audit_problems(ledger: Ledger) -> list[Problem]:
    """Every change without its entry, and every entry without its change."""
    return [problem for rule in RULES for problem in rule(ledger)]


def entries_lead_from_change_to_change(ledger: Ledger) -> Iterator[Problem]:
    """Each entry begins where the one before ended, and the last ends at what the job is."""
    jobs = {job.id: job for job in ledger.jobs}
    for job_id in {*jobs, *ledger.by_job}:
        entries = ledger.by_job.get(job_id, [])
        if [entry.event for entry in entries].count(AuditEvent.ADDED) != 1:
            yield Problem("UNAUDITED", "it has not one entry that it was added", job_id)
            continue
        values, gaps = _followed(entries)
        yield from gaps
        yield from _differences(job_id, jobs.get(job_id), entries, values)


def _followed(entries: Sequence[AuditEntry]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of fields after all entries, and where an entry did not begin at the last."""
    values: dict[str, Any] = {"name": entries[0].job_name}
    gaps = []
    for entry in entries:
        for name, (old, new) in (entry.changes or {}).items():
            if values.get(name, old) != old:
                sentence = f"{name} was {values[name]!r}; entry {entry.id} says {old!r}"
                gaps.append(Problem("GAP", sentence, entry.job_id))
            values[name] = new
    return values, gaps


def _differences(
    job_id: str, job: Job | None, entries: Sequence[AuditEntry], values: dict[str, Any]
) -> Iterator[Problem]:
    deletions = [entry for entry in entries if entry.event is AuditEvent.DELETED]
    if job is None:
        if len(deletions) != 1:
            yield Problem("UNAUDITED", f"it is gone, with {len(deletions)} entries", job_id)
        return
    if deletions:
        yield Problem("UNDONE", "it is there, and an entry says that it was deleted", job_id)
    shown = shown_fields(job)
    for name, value in values.items():
        if shown[name] != value:
            sentence = f"{name} is {shown[name]!r}; the entries end at {value!r}"
            yield Problem("UNAUDITED", sentence, job_id)
    edits = sum(entry.event is AuditEvent.MODIFIED for entry in entries)
    if job.rev != 1 + edits:
        yield Problem("UNAUDITED", f"its rev is {job.rev}, after {edits} edits", job_id)


def runs_by_hand_have_their_entries(ledger: Ledger) -> Iterator[Problem]:
    """Each run by hand has one entry, and each entry its run."""
    told = [e.description or "" for e in ledger.entries if e.event is AuditEvent.CUSTOM_RUN]
    for execution_id in sorted({*told, *ledger.run_ids}):
        counts = (told.count(execution_id), list(ledger.run_ids).count(execution_id))
        if counts != (1, 1):
            sentence = f"execution {execution_id} has {counts[0]} entries and {counts[1]} rows"
            yield Problem("RUN", sentence)


def what_was_answered_is_there(ledger: Ledger) -> Iterator[Problem]:
    """An answered change has one entry; one without an answer has one or none."""
    for event in AuditEvent:
        changes = [change for change in ledger.changes if change.event is event]
        entries = [entry for entry in ledger.entries if entry.event == event]
        answered = sum(change.is_answered for change in changes)
        if not answered <= len(entries) <= len(changes):
            sentence = f"{answered} to {len(changes)} asked for, {len(entries)} entries"
            yield Problem("ANSWERED", f"{event.label}: {sentence}")
        for change in changes:
            found = sum(change.token in _tokens(entry) for entry in entries)
            # Many may resume the same job.
            several = found > 1 and event is not AuditEvent.RESUMED
            if several or (change.is_answered and found == 0):
                yield Problem("ANSWERED", f"{change} has {found} entries")


def _tokens(entry: AuditEntry) -> set[Any]:
    """What an entry may be known by: its job, its run, the new name or the new reason."""
    changes = entry.changes or {}
    new = {changes[name][1] for name in ("name", "paused_reason") if name in changes}
    added = {entry.job_name} if entry.event is AuditEvent.ADDED else set()
    return {entry.job_id, entry.description, *new, *added}


RULES = (
    entries_lead_from_change_to_change,
    runs_by_hand_have_their_entries,
    what_was_answered_is_there,
)
