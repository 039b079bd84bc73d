"""What a run of the harness measured."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler.constants import ExecutionState
from tests.chaos.history import History

# What is told of every fault: how its executions ended.
TOLD = (
    ExecutionState.SUCCEEDED,
    ExecutionState.INTERRUPTED,
    ExecutionState.MISSED,
    ExecutionState.SKIPPED,
)


def figures_of(history: History) -> dict[str, Any]:
    """Counts of fires, rows and ends, and how late the latest start was, in seconds."""
    states = Counter(row.state for row in history.rows)
    return {
        "fires": sum(len(schedule.expected_fires()) for schedule in history.schedules),
        "rows": len(history.rows),
        **{state.label: states[state] for state in TOLD},
        "starts": len(history.written("S")),
        "longest_lateness": round(longest_lateness(history), 3),
    }


def longest_lateness(history: History, after: datetime | None = None) -> float:
    """Seconds from a fire time (later than `after`) to its start, by the database's clock."""
    late = [
        (row.started_time - row.fire_time).total_seconds()
        for row in history.rows
        if row.started_time and row.fire_time and (after is None or row.fire_time > after)
    ]
    return max(late, default=0.0)
