"""What the audit log, copied already, tells of jobs: those that are there and those deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select

from ndscheduler.corescheduler.constants import AuditEvent, TriggerKind
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.legacy.old_executions import (
    Snapshot,
    snapshot_of_deleted,
)
from ndscheduler.corescheduler.datastore.legacy.old_jobs import AuditFacts
from ndscheduler.corescheduler.datastore.legacy.old_values import id_of
from ndscheduler.corescheduler.datastore.tables import Tables

_MAX_KEPT = 10_000
_LARGEST_KEPT = 4096
_FETCHED = 100


class History:
    """Looks up jobs by their ids, many at a time."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._jobs = tables.jobs
        self._audit_logs = tables.audit_logs
        self._snapshots: dict[str, Snapshot] = {}
        executions = tables.executions
        self._mark = (
            executions.update()
            .where(executions.c.id == bindparam("run_id"))
            .values(trigger_kind=TriggerKind.MANUAL.value, requested_by=bindparam("who"))
        )

    def facts(self, job_ids: Sequence[str]) -> dict[str, AuditFacts]:
        """When these jobs were made, changed and paused, and what they were called last."""
        facts = {job_id: AuditFacts() for job_id in job_ids}
        events = (AuditEvent.ADDED, AuditEvent.MODIFIED, AuditEvent.PAUSED, AuditEvent.RESUMED)
        for row in self._entries(job_ids, events):
            facts[row.job_id] = _with_entry(facts[row.job_id], row)
        return facts

    def snapshots(self, job_ids: Iterable[str]) -> dict[str, Snapshot]:
        """What executions of these jobs are shown with: of a deleted one what the log tells."""
        wanted = set(job_ids)
        found = {job_id: self._snapshots[job_id] for job_id in wanted & set(self._snapshots)}
        missing = wanted - set(found)
        if missing:
            read = self._existing(missing)
            read |= self._deleted(missing - set(read))
            self._keep(read)
            found |= read
        return found

    def runs_by_hand(self, source: Connection) -> Iterator[dict[str, Any]]:
        """The ids of executions that users started, with those users' names."""
        table = self._audit_logs
        query = select(table.c.description, table.c.user).where(
            table.c.event == int(AuditEvent.CUSTOM_RUN), table.c.description.is_not(None)
        )
        options = {"stream_results": True, "yield_per": _FETCHED}
        with source.execute(query, execution_options=options) as result:
            for row in result:
                yield {"run_id": id_of(row.description), "who": row.user}

    def mark_runs_by_hand(self, dialect: Dialect, runs: list[dict[str, Any]]) -> None:
        """Say of these executions that users started them."""
        dialect.execute_many(self._connection, self._mark, runs)

    def _existing(self, job_ids: Iterable[str]) -> dict[str, Snapshot]:
        table = self._jobs
        query = select(
            table.c.id,
            table.c.name,
            table.c.job_class_string,
            table.c.args,
            table.c.kwargs,
            table.c.rev,
        ).where(table.c.id.in_(list(job_ids)))
        return {row.id: Snapshot(*row[1:]) for row in self._connection.execute(query)}

    def _deleted(self, job_ids: Iterable[str]) -> dict[str, Snapshot]:
        found = {job_id: Snapshot() for job_id in job_ids}
        events = (AuditEvent.ADDED, AuditEvent.MODIFIED, AuditEvent.DELETED)
        for row in self._entries(list(found), events):
            if row.event == AuditEvent.DELETED:
                found[row.job_id] = snapshot_of_deleted(row.job_name, row.description)
            else:
                found[row.job_id] = Snapshot(row.job_name)
        nameless = [job_id for job_id, snapshot in found.items() if not snapshot.name]
        return found | self._named(nameless)

    def _named(self, job_ids: list[str]) -> dict[str, Snapshot]:
        """Jobs of which the log has runs, pauses or the like only."""
        table = self._audit_logs
        name = func.max(table.c.job_name)
        query = select(table.c.job_id, name).where(table.c.job_id.in_(job_ids))
        rows = self._connection.execute(query.group_by(table.c.job_id)) if job_ids else ()
        return {job_id: Snapshot(job_name) for job_id, job_name in rows}

    def _entries(self, job_ids: Sequence[str], events: Iterable[AuditEvent]) -> Iterator[Any]:
        """Entries on these jobs, the oldest first; descriptions of deletions only.

        They are fetched little by little: one job may have a million.
        """
        if not job_ids:
            return
        table = self._audit_logs
        is_deletion = table.c.event == int(AuditEvent.DELETED)
        columns = (table.c.job_id, table.c.job_name, table.c.event, table.c.user)
        description = case((is_deletion, table.c.description)).label("description")
        query = select(*columns, table.c.created_time, description).where(
            table.c.job_id.in_(list(job_ids)), table.c.event.in_([int(event) for event in events])
        )
        query = query.order_by(table.c.created_time, table.c.id)
        options = {"stream_results": True, "yield_per": _FETCHED}
        with self._connection.execute(query, execution_options=options) as result:
            yield from result

    def _keep(self, snapshots: dict[str, Snapshot]) -> None:
        if len(self._snapshots) > _MAX_KEPT:
            self._snapshots.clear()
        for job_id, snapshot in snapshots.items():
            if len(snapshot.args_json) + len(snapshot.kwargs_json) <= _LARGEST_KEPT:
                self._snapshots[job_id] = snapshot


def _with_entry(facts: AuditFacts, row: Any) -> AuditFacts:
    facts = replace(facts, name=row.job_name)
    if row.event == AuditEvent.ADDED:
        return replace(facts, added_at=row.created_time, modified_at=None)
    if row.event == AuditEvent.MODIFIED:
        return replace(facts, modified_at=row.created_time)
    if row.event == AuditEvent.PAUSED:
        return replace(facts, paused_at=row.created_time, paused_by=row.user)
    return replace(facts, paused_at=None, paused_by=None)
