"""What an audit entry says: which fields changed, from what to what. Never HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.codec import HIDDEN
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.models import Actor, AuditEntry, Job

_ARGUMENTS = ("pub_args", "kwargs")
_PLAIN = (
    "name",
    "job_class_string",
    "timezone",
    "start_date",
    "end_date",
    "coalesce",
    "max_instances",
    "overlap",
    "executor",
    "priority",
    "retry_on_crash",
    "description",
    "is_paused",
    "paused_until",
    "paused_reason",
)


def shown_fields(job: Job) -> dict[str, Any]:
    """The fields of `job` that users set, as JSON, under the names of the REST API."""
    shown: dict[str, Any] = {name: _plain(getattr(job, name)) for name in _PLAIN}
    shown["pub_args"] = codec.plain_or_text(job.args_json)
    shown["kwargs"] = codec.plain_or_text(job.kwargs_json)
    shown["trigger"] = codec.plain_or_text(job.trigger_json)
    shown["misfire_grace_time"] = job.misfire_grace_seconds
    shown["tags"] = list(job.tags)
    return shown


def changes_between(old: Job, new: Job) -> dict[str, list[Any]]:
    """The fields in which the two differ, as {"field": [old value, new value]}."""
    before, after = shown_fields(old), shown_fields(new)
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def job_as_json(job: Job) -> str:
    """The whole of a deleted job as JSON text."""
    shown = {"job_id": job.id, **shown_fields(job), "rev": job.rev}
    return json.dumps(shown, ensure_ascii=False)


def without_arguments(entry: AuditEntry) -> AuditEntry:
    """`entry` with the arguments of jobs hidden: it does not say which class they were for."""
    changes = entry.changes
    if changes is not None:
        changes = {n: [HIDDEN, HIDDEN] if n in _ARGUMENTS else c for n, c in changes.items()}
    description = entry.description
    if entry.event == AuditEvent.DELETED:
        description = _without_arguments(description)
    elif entry.event == AuditEvent.MODIFIED and changes != entry.changes:
        description = _sentence(changes or {})
    elif entry.event == AuditEvent.MODIFIED and changes is None:
        # A text of 0.x that could not be read.
        description = None
    return replace(entry, changes=changes, description=description)


def _without_arguments(job_text: str | None) -> str | None:
    """The JSON text of a deleted job with its arguments hidden; None for what is none."""
    shown = codec.plain_or_text(job_text or "")
    if not isinstance(shown, dict):
        return None
    hidden = {name: HIDDEN if name in _ARGUMENTS else value for name, value in shown.items()}
    return json.dumps(hidden, ensure_ascii=False)


def audit_entry(
    event: AuditEvent,
    job: Job,
    actor: Actor,
    now: datetime,
    description: str | None = None,
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """The entry that tells of `event`; a modification without description gets a sentence."""
    if event is AuditEvent.MODIFIED and description is None:
        description = _sentence(changes or {})
    return AuditEntry(
        id=new_id(),
        event=event,
        job_id=job.id,
        job_name=job.name,
        user=actor.user,
        created_time=now,
        remote=actor.remote,
        description=description,
        changes=changes,
    )


def _sentence(changes: dict[str, Any]) -> str:
    if not changes:
        return "Nothing was changed."
    parts = (f"{name}: {_brief(old)} => {_brief(new)}" for name, (old, new) in changes.items())
    return "; ".join(parts)


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
