"""Rows of the old executions table as executions of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.constants import (
    DEFAULT_EXECUTOR,
    LIVE_STATES,
    ExecutionState,
    TriggerKind,
)
from ndscheduler.corescheduler.datastore.legacy.old_values import (
    id_of,
    instant_of,
    text_of,
    whole_of,
)
from ndscheduler.corescheduler.errors import InvalidArgument

COLUMNS = (
    "eid",
    "hostname",
    "pid",
    "state",
    "scheduled_time",
    "updated_time",
    "description",
    "result",
    "job_id",
    "task_id",
)

MAX_SUMMARY = 500
_SMALLEST, _LARGEST = -(2**15), 2**15 - 1
# States whose code ran; 0.x wrote the row when the run began, and no time of the start beside.
_RAN = frozenset({1, 2, 3, 4, 5, 6, 8})
_FAILED = frozenset({4, 7})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of the job of an execution."""

    name: str = ""
    job_class_string: str = ""
    args_json: str = "[]"
    kwargs_json: str = "{}"
    rev: int = 0


def execution_row_of(old: dict[str, Any], job: Snapshot, number: int) -> dict[str, Any]:
    """The row of our executions table for the row `old`, the `number`-th, of a run of `job`."""
    state, reason = _state_of(old["state"])
    scheduled, updated, times_reason = _times_of(old)
    result = text_of(old["result"])
    ran = state in _RAN
    return {
        "id": id_of(old["eid"]) or f"0x-{number}",
        "job_id": id_of(old["job_id"]),
        "job_name": job.name,
        "job_class_string": job.job_class_string,
        "args": job.args_json,
        "kwargs": job.kwargs_json,
        "job_rev": job.rev,
        "count": 1,
        "trigger_kind": TriggerKind.SCHEDULE.value,
        "attempt": 1,
        "executor": DEFAULT_EXECUTOR,
        "priority": 0,
        "state": state,
        "hostname": text_of(old["hostname"]),
        "pid": whole_of(old["pid"]),
        "task_id": text_of(old["task_id"]),
        "scheduled_time": scheduled,
        "started_time": scheduled if ran and updated >= scheduled else None,
        "finished_time": updated,
        "updated_time": updated,
        "error_summary": _last_line(result) if state in _FAILED else None,
        "reason": " ".join(filter(None, (reason, times_reason))) or None,
        "description": text_of(old["description"]),
        "result": result,
    }


def snapshot_of_deleted(name: str, description: str | None) -> Snapshot:
    """What the audit entry of a deletion tells of the job: 0.x kept the job there as JSON."""
    try:
        shown = json.loads(description or "")
    except (ValueError, RecursionError):
        return Snapshot(name)
    if not isinstance(shown, Mapping):
        return Snapshot(name)
    return Snapshot(
        name=_text(shown.get("name")) or name,
        job_class_string=_text(shown.get("job_class_string")),
        args_json=_arguments(shown.get("pub_args")),
    )


def _state_of(value: Any) -> tuple[int, str | None]:
    """The state, and where it is not the old one, or is none of ours, a sentence on it."""
    number = whole_of(value)
    if number is None or not _SMALLEST <= number <= _LARGEST:
        sentence = f"ndscheduler 0.x had stored the state {text_of(value)!r}, which is none."
        return int(ExecutionState.INTERRUPTED), sentence
    if number in {int(state) for state in LIVE_STATES}:
        label = ExecutionState(number).label
        sentence = (
            f"It was {label} when the database was upgraded from ndscheduler 0.x: no scheduler "
            "that is known runs it."
        )
        return int(ExecutionState.INTERRUPTED), sentence
    if number > ExecutionState.INTERRUPTED or number < 0:
        return number, f"ndscheduler 0.x had stored the state {number}, which users' code defined."
    return number, None


def _times_of(old: dict[str, Any]) -> tuple[datetime, datetime, str | None]:
    """When it was scheduled and last updated; one stands in for the other where that is no time."""
    scheduled, updated = instant_of(old["scheduled_time"]), instant_of(old["updated_time"])
    broken = [
        f"{name} {text_of(old[name])!r}"
        for name, instant in (("scheduled_time", scheduled), ("updated_time", updated))
        if instant is None and (old[name] is not None or name == "scheduled_time")
    ]
    sentence = f"ndscheduler 0.x had stored {' and '.join(broken)}, which is no time."
    some = scheduled or updated or EPOCH
    return scheduled or some, updated or some, sentence if broken else None


def _last_line(result: str | None) -> str | None:
    lines = (result or "").rstrip().rsplit("\n", 1)
    return lines[-1].strip()[:MAX_SUMMARY] or None


def _text(value: Any) -> str:
    return (text_of(value) or "") if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    if not isinstance(value, list):
        return "[]"
    try:
        return codec.encode(value, "pub_args")
    except InvalidArgument:
        return "[]"
