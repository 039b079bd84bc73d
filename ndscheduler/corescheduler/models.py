"""What ndscheduler works with: jobs, executions, audit entries. Frozen, typed, aware UTC."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.constants import (
    DEFAULT_EXECUTOR,
    DEFAULT_LEASE_SECONDS,
    AuditEvent,
    ExecutionState,
    TriggerKind,
)

# Three centuries; whatever a row says, instants minus the grace stay instants.
MAX_GRACE_SECONDS = 10**10


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where."""

    user: str
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What runs and when.

    `args_json` and `kwargs_json` are text as `codec.encode` writes it; they are copied into
    executions as they stand. `trigger_json` is what `triggers.parse_trigger` reads.
    `next_fire` is None while the job is paused or when its trigger names no further instant.
    `rev` counts changes of the definition, not fires.
    """

    id: str
    name: str
    job_class_string: str
    args_json: str
    kwargs_json: str
    trigger_json: str
    timezone: str
    created_at: datetime
    updated_at: datetime
    start_date: datetime | None = None
    end_date: datetime | None = None
    misfire_grace_seconds: int | None = None
    coalesce: bool = True
    max_instances: int = 3
    overlap: str = "skip"
    executor: str = DEFAULT_EXECUTOR
    priority: int = 0
    options_json: str = "{}"
    description: str | None = None
    tags: tuple[str, ...] = ()
    next_fire: datetime | None = None
    rev: int = 1
    is_paused: bool = False
    paused_by: str | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    paused_reason: str | None = None

    @property
    def pub_args(self) -> list[Any]:
        """The positional arguments of `run()`."""
        args: list[Any] = codec.decode(self.args_json)
        return args

    @property
    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments of `run()`."""
        return codec.decode_keywords(self.kwargs_json)

    @property
    def options(self) -> dict[str, Any]:
        """Further options by name; empty where what is stored can not be read."""
        try:
            options = json.loads(self.options_json)
        except ValueError:
            return {}
        return options if isinstance(options, dict) else {}

    @property
    def retry_on_crash(self) -> bool:
        """True if an execution whose process dies is to be started again."""
        return self.options.get("retry_on_crash") is True

    @property
    def grace(self) -> timedelta | None:
        """How late a fire may start; None means however late."""
        seconds = self.misfire_grace_seconds
        return None if seconds is None else timedelta(seconds=min(seconds, MAX_GRACE_SECONDS))


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one job: the snapshot it runs with, and what happened to it.

    A row that stands for several fire times has `first_fire_time`, `fire_time` (the last) and
    `count`. `fire_time` is None where no trigger named the run.
    """

    id: str
    job_id: str
    job_name: str
    job_class_string: str
    args_json: str
    kwargs_json: str
    scheduled_time: datetime
    updated_time: datetime
    state: ExecutionState = ExecutionState.SCHEDULED
    job_rev: int = 1
    fire_time: datetime | None = None
    first_fire_time: datetime | None = None
    count: int = 1
    trigger_kind: TriggerKind = TriggerKind.SCHEDULE
    requested_by: str | None = None
    parent_id: str | None = None
    retry_of: str | None = None
    attempt: int = 1
    dedup_key: str | None = None
    series_id: str | None = None
    executor: str = DEFAULT_EXECUTOR
    priority: int = 0
    start_deadline: datetime | None = None
    claimed_by: str | None = None
    owner: str | None = None
    hostname: str | None = None
    pid: int | None = None
    task_id: str | None = None
    started_time: datetime | None = None
    finished_time: datetime | None = None
    timeout_at: datetime | None = None
    stop_requested_by: str | None = None
    stop_requested_at: datetime | None = None
    exit_code: int | None = None
    error_summary: str | None = None
    reason: str | None = None
    description: str | None = None
    result: str | None = None

    @property
    def duration(self) -> timedelta | None:
        """How long it ran; None while it is unfinished, and when it never started."""
        if self.started_time is None or self.finished_time is None:
            return None
        return self.finished_time - self.started_time

    @property
    def delay(self) -> timedelta | None:
        """How long after its scheduled time it started; None when it did not."""
        return None if self.started_time is None else self.started_time - self.scheduled_time

    @property
    def pub_args(self) -> list[Any]:
        """The positional arguments it runs with."""
        args: list[Any] = codec.decode(self.args_json)
        return args

    @property
    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments it runs with."""
        return codec.decode_keywords(self.kwargs_json)


@dataclass(frozen=True, slots=True)
class Finish:
    """How an execution ended: what the finish writer stores."""

    execution: Execution
    state: ExecutionState
    finished_time: datetime
    result: str | None = None
    description: str | None = None
    error_summary: str | None = None
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change that somebody made. `changes` maps a field to [old value, new value]."""

    id: str
    event: AuditEvent | int
    job_id: str
    job_name: str
    user: str
    created_time: datetime
    remote: str | None = None
    description: str | None = None
    changes: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One running scheduler process and its last sign of life."""

    id: str
    kind: str
    hostname: str
    pid: int
    version: str
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None = None
    # Silent for so long, it counts as dead. Each instance says so itself: settings may differ.
    lease_seconds: float = DEFAULT_LEASE_SECONDS
    # How many executions it runs at once; None for one of an earlier release.
    threads: int | None = None

    def is_alive_at(self, now: datetime) -> bool:
        """True if it has not ended, and its last sign of life is younger than its lease."""
        silence = (now - self.heartbeat_at) / timedelta(seconds=1)
        return self.stopped_at is None and silence < self.lease_seconds
