"""Rows of the database as records of the domain, and back."""

from __future__ import annotations

import json
from typing import Any

from ndscheduler.corescheduler.constants import (
    DEFAULT_LEASE_SECONDS,
    AuditEvent,
    ExecutionState,
    kind_of,
    state_of,
)
from ndscheduler.corescheduler.models import AuditEntry, Execution, Instance, Job

ACTIVE = "active"
PAUSED = "paused"


def job_row(job: Job) -> dict[str, Any]:
    """The columns of the jobs table for `job`."""
    return {
        "id": job.id,
        "name": job.name,
        "job_class_string": job.job_class_string,
        "args": job.args_json,
        "kwargs": job.kwargs_json,
        "trigger": job.trigger_json,
        "timezone": job.timezone,
        "start_date": job.start_date,
        "end_date": job.end_date,
        "misfire_grace_seconds": job.misfire_grace_seconds,
        "coalesce": job.coalesce,
        "max_instances": job.max_instances,
        "overlap": job.overlap,
        "executor": job.executor,
        "priority": job.priority,
        "options": job.options_json,
        "description": job.description,
        "next_fire": job.next_fire,
        "rev": job.rev,
        "state": PAUSED if job.is_paused else ACTIVE,
        "paused_by": job.paused_by,
        "paused_at": job.paused_at,
        "paused_until": job.paused_until,
        "paused_reason": job.paused_reason,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def job_from(row: Any, tags: tuple[str, ...] = ()) -> Job:
    """The job that `row` of the jobs table holds: its columns in the order of the table."""
    # By position: ten thousand jobs that are due at once are read here.
    (
        job_id,
        name,
        job_class_string,
        args,
        kwargs,
        trigger,
        timezone,
        start_date,
        end_date,
        misfire_grace_seconds,
        coalesce,
        max_instances,
        overlap,
        executor,
        priority,
        options,
        description,
        next_fire,
        rev,
        state,
        paused_by,
        paused_at,
        paused_until,
        paused_reason,
        created_at,
        updated_at,
    ) = row
    return Job(
        job_id,
        name,
        job_class_string,
        args,
        kwargs,
        trigger,
        timezone,
        created_at,
        updated_at,
        start_date,
        end_date,
        misfire_grace_seconds,
        coalesce,
        max_instances,
        overlap,
        executor,
        priority,
        options,
        description,
        tags,
        next_fire,
        rev,
        state == PAUSED,
        paused_by,
        paused_at,
        paused_until,
        paused_reason,
    )


# Columns whose name, type and meaning are those of the record's field.
_EXECUTION_FIELDS = (
    "id",
    "job_id",
    "job_name",
    "job_class_string",
    "job_rev",
    "fire_time",
    "first_fire_time",
    "count",
    "requested_by",
    "parent_id",
    "retry_of",
    "attempt",
    "dedup_key",
    "series_id",
    "executor",
    "priority",
    "start_deadline",
    "claimed_by",
    "owner",
    "hostname",
    "pid",
    "task_id",
    "scheduled_time",
    "started_time",
    "finished_time",
    "updated_time",
    "timeout_at",
    "stop_requested_by",
    "stop_requested_at",
    "exit_code",
    "error_summary",
    "reason",
    "description",
    "result",
)


def execution_row(execution: Execution) -> dict[str, Any]:
    """The columns of the executions table for `execution`."""
    row: dict[str, Any] = {name: getattr(execution, name) for name in _EXECUTION_FIELDS}
    row["args"] = execution.args_json
    row["kwargs"] = execution.kwargs_json
    row["trigger_kind"] = execution.trigger_kind.value
    row["state"] = int(execution.state)
    row["live"] = live_flag(execution.state)
    return row


def execution_from(row: Any) -> Execution:
    """The execution that `row` of the executions table holds."""
    values = {name: getattr(row, name) for name in _EXECUTION_FIELDS if name != "count"}
    return Execution(
        **values,
        # `count` is also a method of every row.
        count=row._mapping["count"],
        args_json=row.args,
        kwargs_json=row.kwargs,
        trigger_kind=kind_of(row.trigger_kind),
        state=state_of(row.state),
    )


def live_flag(state: ExecutionState) -> int | None:
    """1 while an execution is unfinished, else None."""
    return 1 if state.is_live else None


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    """The columns of the audit log for `entry`."""
    changes = entry.changes
    return {
        "id": entry.id,
        "event": int(entry.event),
        "job_id": entry.job_id,
        "job_name": entry.job_name,
        "user": entry.user,
        "remote": entry.remote,
        "created_time": entry.created_time,
        "description": entry.description,
        "changes": None if changes is None else json.dumps(changes, ensure_ascii=False),
    }


def audit_from(row: Any) -> AuditEntry:
    """The entry that `row` of the audit log holds."""
    known = row.event in AuditEvent._value2member_map_
    return AuditEntry(
        id=row.id,
        event=AuditEvent(row.event) if known else row.event,
        job_id=row.job_id,
        job_name=row.job_name,
        user=row.user,
        created_time=row.created_time,
        remote=row.remote,
        description=row.description,
        changes=None if row.changes is None else json.loads(row.changes),
    )


def instance_row(instance: Instance) -> dict[str, Any]:
    """The columns of the instances table for `instance`."""
    return {
        "id": instance.id,
        "kind": instance.kind,
        "hostname": instance.hostname,
        "pid": instance.pid,
        "version": instance.version,
        "started_at": instance.started_at,
        "heartbeat_at": instance.heartbeat_at,
        "stopped_at": instance.stopped_at,
        "lease_microseconds": round(instance.lease_seconds * 1e6),
        "threads": instance.threads,
    }


def instance_from(row: Any) -> Instance:
    """The instance that `row` of the instances table holds."""
    lease = row.lease_microseconds
    return Instance(
        id=row.id,
        kind=row.kind,
        hostname=row.hostname,
        pid=row.pid,
        version=row.version,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        stopped_at=row.stopped_at,
        lease_seconds=DEFAULT_LEASE_SECONDS if lease is None else lease / 1e6,
        threads=row.threads,
    )
