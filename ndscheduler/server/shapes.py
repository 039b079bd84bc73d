"""Jobs, executions and audit entries as REST shows them: the fields of old first, then the new."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from ndscheduler.corescheduler.changes import without_arguments
from ndscheduler.corescheduler.constants import AUDIT_LOG_DICT
from ndscheduler.corescheduler.models import AuditEntry, Execution, Job
from ndscheduler.corescheduler.registry import JobClassInfo
from ndscheduler.corescheduler.secret_arguments import SecretMarks
from ndscheduler.corescheduler.service import (
    ExecutionView,
    InstanceView,
    JobView,
    Page,
    Preview,
    stored_json,
)
from ndscheduler.server.json_out import Json, iso, seconds
from ndscheduler.server.summary_shapes import brief_json, state_label, summary_json

CRON_FIELDS = ("month", "day", "week", "day_of_week", "hour", "minute")


def job_json(view: JobView, zone: tzinfo, *, hides_secrets: bool) -> Json:
    """A job; `zone` is the scheduler's, in which `next_run_time` is written.

    With `hides_secrets`, here and below, arguments that a job class marks secret are hidden.
    """
    job = view.job
    pub_args, kwargs = _arguments(job, view.secret, hides_secrets)
    shown: Json = {
        "job_id": job.id,
        "name": job.name,
        "next_run_time": job.next_fire.astimezone(zone).isoformat() if job.next_fire else "",
        "job_class_string": job.job_class_string,
        "pub_args": pub_args,
        **_cron_strings(view),
        "trigger": view.trigger.to_json() if view.trigger else stored_json(job.trigger_json),
        "kwargs": kwargs,
        **_options(job),
        **_pause(job),
        "created_at": iso(job.created_at),
        "updated_at": iso(job.updated_at),
    }
    if view.error is not None:
        shown["error"] = view.error
    if view.summary is not None:
        shown["summary"] = summary_json(view.summary)
    return shown


def execution_json(view: ExecutionView, *, hides_secrets: bool) -> Json:
    """An execution; the key `job` is there only while the job exists, as of old."""
    execution = view.execution
    shown: Json = {
        "execution_id": execution.id,
        "state": state_label(execution.state),
        "hostname": execution.hostname,
        "pid": execution.pid,
        "task_id": execution.task_id,
        "description": execution.description,
        **_result(view),
        "scheduled_time": iso(execution.scheduled_time),
        "updated_time": iso(execution.updated_time),
        **_run(execution, *_arguments(execution, view.secret, hides_secrets)),
    }
    if view.short_result is not None:
        shown |= _lengths(execution)
    if view.job is not None:
        shown["job"] = _job_of_execution(view.job, hides_secrets)
    return shown


def whole_execution_json(view: ExecutionView, *, hides_secrets: bool) -> Json:
    """An execution that is shown alone."""
    shown = execution_json(view, hides_secrets=hides_secrets) | _lengths(view.execution)
    beside = view.neighbours
    if beside is None:
        return shown
    attempts = [
        {**brief_json(attempt), "attempt": attempt.attempt, "retry_of": attempt.retry_of}
        for attempt in beside.attempts
    ]
    return {
        **shown,
        "previous_id": beside.previous_id,
        "next_id": beside.next_id,
        "attempts": attempts,
    }


def audit_json(entry: AuditEntry, *, hides_secrets: bool) -> Json:
    """An entry of the audit log; with `hides_secrets`, all arguments of jobs are hidden."""
    entry = without_arguments(entry) if hides_secrets else entry
    return {
        "id": entry.id,
        "job_id": entry.job_id,
        "job_name": entry.job_name,
        "event": AUDIT_LOG_DICT.get(int(entry.event), str(int(entry.event))),
        "user": entry.user,
        "remote": entry.remote,
        "created_time": iso(entry.created_time),
        "description": entry.description,
        "changes": entry.changes,
    }


def page_json(key: str, page: Page[Any], items: list[Json]) -> Json:
    """One page of a list, whose items stand under `key`."""
    return {
        key: items,
        "next_cursor": page.next_cursor,
        "previous_cursor": page.previous_cursor,
        "total": page.total,
        "total_is_exact": page.total_is_exact,
    }


def meta_info_json(info: JobClassInfo, *, hides_secrets: bool) -> Json:
    """What `meta_info()` of a job class says."""
    meta = info.as_meta_info()
    if hides_secrets:
        meta["example_arguments"] = info.secret.hidden_example(info.example_arguments)
    return meta


def job_class_json(info: JobClassInfo, *, hides_secrets: bool) -> Json:
    """A job class, or a module that does not import; keys of the user's own meta_info() stay."""
    meta = meta_info_json(info, hides_secrets=hides_secrets)
    return {**meta, "package": info.package, "error": info.error}


def preview_json(preview: Preview) -> Json:
    """When a schedule fires, in UTC and in the zone of the schedule."""
    zone = ZoneInfo(preview.trigger.timezone)
    return {
        "description": preview.trigger.describe(),
        "trigger": preview.trigger.to_json(),
        "timezone": preview.trigger.timezone,
        "never_fires": not preview.fire_times,
        "fire_times": [
            {"utc": iso(fire), "local": fire.astimezone(zone).isoformat()}
            for fire in preview.fire_times
        ],
        "warnings": [
            {"code": warning.code.value, "sentence": warning.sentence}
            for warning in preview.warnings
        ],
    }


def instance_json(view: InstanceView) -> Json:
    """One scheduler process; `stopped_at` is null while it runs, and when it was killed."""
    instance = view.instance
    return {
        "id": instance.id,
        "kind": instance.kind,
        "hostname": instance.hostname,
        "pid": instance.pid,
        "version": instance.version,
        "started_at": iso(instance.started_at),
        "heartbeat_at": iso(instance.heartbeat_at),
        "stopped_at": iso(instance.stopped_at),
        "is_alive": view.is_alive,
        "lease_seconds": instance.lease_seconds,
        "load": {"running": view.running, "threads": instance.threads},
    }


def _cron_strings(view: JobView) -> dict[str, str]:
    strings = view.trigger.cron_strings() if view.trigger else {}
    return {name: strings.get(name, "") for name in CRON_FIELDS}


def _options(job: Job) -> Json:
    return {
        "timezone": job.timezone,
        "start_date": iso(job.start_date),
        "end_date": iso(job.end_date),
        "misfire_grace_time": job.misfire_grace_seconds,
        "coalesce": job.coalesce,
        "max_instances": job.max_instances,
        "overlap": job.overlap,
        "executor": job.executor,
        "retry_on_crash": job.retry_on_crash,
        "tags": list(job.tags),
        "description": job.description,
        "rev": job.rev,
    }


def _pause(job: Job) -> Json:
    return {
        "paused": job.is_paused,
        "paused_by": job.paused_by,
        "paused_at": iso(job.paused_at),
        "paused_until": iso(job.paused_until),
        "paused_reason": job.paused_reason,
    }


def _run(execution: Execution, pub_args: Json | None, kwargs: Json | None) -> Json:
    return {
        "job_id": execution.job_id,
        "job_name": execution.job_name,
        "job_class_string": execution.job_class_string,
        "pub_args": pub_args,
        "kwargs": kwargs,
        "fire_time": iso(execution.fire_time),
        "first_fire_time": iso(execution.first_fire_time),
        "count": execution.count,
        "started_time": iso(execution.started_time),
        "finished_time": iso(execution.finished_time),
        "trigger_kind": execution.trigger_kind.value,
        "requested_by": execution.requested_by,
        "attempt": execution.attempt,
        "retry_of": execution.retry_of,
        "reason": execution.reason,
        "error_summary": execution.error_summary,
        "exit_code": execution.exit_code,
    }


def _result(view: ExecutionView) -> Json:
    if view.short_result is None:
        return {"result": view.execution.result}
    return {"result_brief": view.short_result.text, "result_length": view.short_result.length}


def _lengths(execution: Execution) -> Json:
    return {"duration": seconds(execution.duration), "delay": seconds(execution.delay)}


def _arguments(
    owner: Job | Execution, marks: SecretMarks, hides_secrets: bool
) -> tuple[Json | None, Json | None]:
    """`pub_args` and `kwargs` of a job or an execution."""
    args, kwargs = stored_json(owner.args_json), stored_json(owner.kwargs_json)
    if not hides_secrets:
        return args, kwargs
    return marks.hidden_args(args), marks.hidden_kwargs(kwargs)


def _job_of_execution(view: JobView, hides_secrets: bool) -> Json:
    return {
        "job_id": view.job.id,
        "name": view.job.name,
        "task_name": view.job.job_class_string,
        "pub_args": _arguments(view.job, view.secret, hides_secrets)[0],
        "timezone": view.job.timezone,
        **_cron_strings(view),
    }
