"""States, events and defaults, with the numbers that old databases and old clients use."""

from __future__ import annotations

from enum import Enum, IntEnum


class ExecutionState(IntEnum):
    """What happened to an execution. The numbers are in databases: never renumber."""

    SCHEDULED = 0
    RUNNING = 1
    STOPPING = 2
    STOPPED = 3
    FAILED = 4
    SUCCEEDED = 5
    TIMEOUT = 6
    SCHEDULED_ERROR = 7
    INTERRUPTED = 8
    MISSED = 9
    SKIPPED = 10

    @classmethod
    def _missing_(cls, value: object) -> ExecutionState | None:
        """A state that users' code added to EXECUTION_STATUS_DICT; it counts as finished."""
        if not isinstance(value, int) or value not in EXECUTION_STATUS_DICT:
            return None
        member = int.__new__(cls, value)
        member._name_ = EXECUTION_STATUS_DICT[value].upper().replace(" ", "_")
        member._value_ = value
        return member

    @property
    def label(self) -> str:
        """The word that the REST API uses for this state ("scheduled error" has a space)."""
        return self.name.lower().replace("_", " ")

    @property
    def is_live(self) -> bool:
        """True while the execution may still change: queued, running or stopping."""
        return self in LIVE_STATES


LIVE_STATES = frozenset({ExecutionState.SCHEDULED, ExecutionState.RUNNING, ExecutionState.STOPPING})

# A job whose last execution ended so is failing.
FAILURE_STATES = frozenset(
    {
        ExecutionState.FAILED,
        ExecutionState.TIMEOUT,
        ExecutionState.SCHEDULED_ERROR,
        ExecutionState.INTERRUPTED,
        ExecutionState.MISSED,
    }
)
# What was not to run says nothing of how its job does, nor does what has not ended.
UNTELLING_STATES = LIVE_STATES | {ExecutionState.SKIPPED}

_RUN_ENDS = frozenset(
    {
        ExecutionState.STOPPED,
        ExecutionState.FAILED,
        ExecutionState.SUCCEEDED,
        ExecutionState.TIMEOUT,
        ExecutionState.SCHEDULED_ERROR,
        ExecutionState.INTERRUPTED,
    }
)

# The only moves a state may make. Rows that are born finished (missed, skipped) never move.
# From running back to scheduled goes only what was marked running and whose code never began.
ALLOWED_MOVES: dict[ExecutionState, frozenset[ExecutionState]] = {
    ExecutionState.SCHEDULED: frozenset(
        {
            ExecutionState.RUNNING,
            ExecutionState.SCHEDULED_ERROR,
            ExecutionState.STOPPED,
            ExecutionState.MISSED,
            ExecutionState.SKIPPED,
        }
    ),
    ExecutionState.RUNNING: _RUN_ENDS | {ExecutionState.STOPPING, ExecutionState.SCHEDULED},
    ExecutionState.STOPPING: _RUN_ENDS,
}


def state_of(number: int) -> ExecutionState:
    """The state of this number; a row may hold one that only another program knows."""
    try:
        return ExecutionState(number)
    except ValueError:
        stranger = int.__new__(ExecutionState, number)
        stranger._name_ = f"UNKNOWN_{number}"
        stranger._value_ = number
        return stranger


class TriggerKind(str, Enum):
    """What caused an execution."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    RETRY = "retry"
    CHAIN = "chain"


# What a pause or a new schedule takes out of the queue; what was asked for by hand stays.
BY_TRIGGER = (TriggerKind.SCHEDULE, TriggerKind.RETRY)


def kind_of(text: str) -> TriggerKind:
    """The trigger kind of this name; a row may hold one that only another program knows."""
    try:
        return TriggerKind(text)
    except ValueError:
        stranger = str.__new__(TriggerKind, text)
        stranger._name_ = text.upper()
        stranger._value_ = text
        return stranger


class JobStatus(str, Enum):
    """What lists of jobs are filtered by; a job may have several at once."""

    ACTIVE = "active"
    PAUSED = "paused"
    RUNNING = "running"
    FAILING = "failing"
    BROKEN = "broken"
    ENDED = "ended"


class AuditEvent(IntEnum):
    """What a user did. The numbers are in databases: never renumber.

    Up to 19 it is done to a job; the numbers below 100 are ours, save those that users' code has
    taken for events of its own.
    """

    ADDED = 0
    MODIFIED = 1
    DELETED = 2
    PAUSED = 3
    RESUMED = 4
    CUSTOM_RUN = 5
    SKIPPED_NEXT = 6
    LOGIN = 20
    LOGOUT = 21
    LOGIN_REFUSED = 22
    LOGIN_THROTTLED = 23
    USER_ADDED = 24
    USER_CHANGED = 25
    PASSWORD_CHANGED = 26
    TOKEN_ADDED = 27
    TOKEN_REVOKED = 28

    @property
    def label(self) -> str:
        """The word that the REST API uses for this event."""
        return self.name.lower()


# Names of old. Users' code reads them, and adds entries of its own to the two dictionaries.
EXECUTION_STATUS_SCHEDULED = 0
EXECUTION_STATUS_RUNNING = 1
EXECUTION_STATUS_STOPPING = 2
EXECUTION_STATUS_STOPPED = 3
EXECUTION_STATUS_FAILED = 4
EXECUTION_STATUS_SUCCEEDED = 5
EXECUTION_STATUS_TIMEOUT = 6
EXECUTION_STATUS_SCHEDULED_ERROR = 7
EXECUTION_STATUS_INTERRUPTED = 8
EXECUTION_STATUS_MISSED = 9
EXECUTION_STATUS_SKIPPED = 10
EXECUTION_STATUS_DICT: dict[int, str] = {int(state): state.label for state in ExecutionState}

AUDIT_LOG_ADDED = 0
AUDIT_LOG_MODIFIED = 1
AUDIT_LOG_DELETED = 2
AUDIT_LOG_PAUSED = 3
AUDIT_LOG_RESUMED = 4
AUDIT_LOG_CUSTOM_RUN = 5
AUDIT_LOG_SKIPPED_NEXT = 6
AUDIT_LOG_DICT: dict[int, str] = {int(event): event.label for event in AuditEvent}

# `job.args` of the Python API begins with this many arguments that are not the user's:
# (job class, job id, None, None, None, *pub_args).
JOB_ARGS = 5

DEFAULT_JOBS_TABLENAME = "scheduler_jobs"
DEFAULT_EXECUTIONS_TABLENAME = "scheduler_execution"
DEFAULT_AUDIT_LOGS_TABLENAME = "scheduler_jobauditlog"

DEFAULT_JOB_COALESCE = True
DEFAULT_JOB_MISFIRE_GRACE_SEC = 3600
DEFAULT_JOB_MAX_INSTANCES = 3
DEFAULT_THREAD_POOL_SIZE = 4
DEFAULT_TIMEZONE = "UTC"
DEFAULT_RESULT_MAX_BYTES = 1024 * 1024
DEFAULT_LEASE_SECONDS = 30.0
# A sign of life is written so many times within a lease.
HEARTBEATS_PER_LEASE = 6

# The one executor of this release; `processes` and `celery` are reserved.
DEFAULT_EXECUTOR = "threads"
