"""How jobs did, as REST shows it."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler.constants import EXECUTION_STATUS_DICT
from ndscheduler.corescheduler.summary import BriefExecution, JobSummary
from ndscheduler.server.json_out import Json, iso, seconds


def summary_json(summary: JobSummary) -> Json:
    """How a job did; `recent` is short, since a list shows it for every job."""
    ended = sorted(summary.ended.items())
    return {
        "recent": [_bar(execution) for execution in summary.recent],
        "last": _last(summary),
        "running": summary.running,
        "queued": summary.queued,
        "usual_duration": seconds(summary.usual_duration),
        "ended": {state_label(state): found.count for state, found in ended},
        "failures_in_a_row": summary.failures_in_a_row,
    }


def brief_json(execution: BriefExecution) -> Json:
    """The times and the state of one execution."""
    return {
        "execution_id": execution.id,
        "state": state_label(execution.state),
        "scheduled_time": iso(execution.scheduled_time),
        "started_time": iso(execution.started_time),
        "finished_time": iso(execution.finished_time),
        "duration": seconds(execution.duration),
    }


def state_label(state: int) -> str:
    """The word for a state; its number where no word is known."""
    return EXECUTION_STATUS_DICT.get(int(state), str(int(state)))


def _bar(execution: BriefExecution) -> list[Any]:
    return [
        execution.id,
        state_label(execution.state),
        iso(execution.scheduled_time),
        seconds(execution.duration),
    ]


def _last(summary: JobSummary) -> Json | None:
    if summary.last is None:
        return None
    words = summary.last_words
    return {
        **brief_json(summary.last),
        "error_summary": words.error_summary,
        "reason": words.reason,
    }
