"""What is told of a job in one row of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ndscheduler.corescheduler.constants import FAILURE_STATES, UNTELLING_STATES, ExecutionState


@dataclass(frozen=True, slots=True)
class BriefExecution:
    """The times and the state of one execution."""

    id: str
    job_id: str
    state: ExecutionState
    scheduled_time: datetime
    started_time: datetime | None
    finished_time: datetime | None
    attempt: int = 1
    retry_of: str | None = None
    count: int = 1

    @property
    def duration(self) -> timedelta | None:
        """How long it ran; None while it is unfinished, and when it never started."""
        if self.started_time is None or self.finished_time is None:
            return None
        return self.finished_time - self.started_time


@dataclass(frozen=True, slots=True)
class ShortResult:
    """The beginning of a result, and how many characters the whole has; None where there is none.

    A list need not carry megabytes of results that nobody reads there.
    """

    text: str | None
    length: int | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The executions beside one of the same job by (scheduled time, id), and its attempts.

    `attempts` are that execution and all that were tried again because of each other, the first
    first.
    """

    previous_id: str | None
    next_id: str | None
    attempts: Sequence[BriefExecution]


@dataclass(frozen=True, slots=True)
class Words:
    """What an execution says of its end."""

    error_summary: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Endings:
    """How many executions ended in one state, and how long they ran in all."""

    count: int
    total: timedelta


@dataclass(frozen=True, slots=True)
class JobSummary:
    """How a job did.

    `recent` are its last executions by (scheduled time, id), at most 30, the oldest first;
    `last_words` are those of the newest. `ended` counts all that the statistics know.
    """

    recent: Sequence[BriefExecution] = ()
    last_words: Words = Words()
    running: int = 0
    queued: int = 0
    ended: dict[ExecutionState, Endings] = field(default_factory=dict)

    @property
    def last(self) -> BriefExecution | None:
        """The newest execution by (scheduled time, id)."""
        return self.recent[-1] if self.recent else None

    @property
    def usual_duration(self) -> timedelta | None:
        """The mean duration of all that succeeded; None when none did."""
        succeeded = self.ended.get(ExecutionState.SUCCEEDED)
        return succeeded.total / succeeded.count if succeeded and succeeded.count else None

    @property
    def failures_in_a_row(self) -> int:
        """How many of the last executions went wrong one after the other, as far as it is told."""
        return len(failures_in_a_row(self.recent))


def failures_in_a_row(recent: Sequence[BriefExecution]) -> list[BriefExecution]:
    """The last of `recent` (the oldest first) that went wrong in a row, the newest first.

    Those that have not ended, and those that were skipped, are passed over.
    """
    failures: list[BriefExecution] = []
    for execution in reversed(recent):
        if execution.state in FAILURE_STATES:
            failures.append(execution)
        elif execution.state not in UNTELLING_STATES:
            break
    return failures
