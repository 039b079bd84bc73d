"""APScheduler's events for its listeners, dispatched by us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apscheduler import events

from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.models import Execution, Finish

JOB_EVENTS: dict[AuditEvent, int] = {
    AuditEvent.ADDED: events.EVENT_JOB_ADDED,
    AuditEvent.MODIFIED: events.EVENT_JOB_MODIFIED,
    AuditEvent.DELETED: events.EVENT_JOB_REMOVED,
    AuditEvent.PAUSED: events.EVENT_JOB_MODIFIED,
    AuditEvent.RESUMED: events.EVENT_JOB_MODIFIED,
    AuditEvent.SKIPPED_NEXT: events.EVENT_JOB_MODIFIED,
}


class ExecutionFailed(Exception):
    """What an EVENT_JOB_ERROR carries: the first line of what went wrong."""


class Announcer:
    """Turns what happened to executions into APScheduler's events."""

    def __init__(self, dispatch: Callable[[Any], None], is_heard: Callable[[], bool]) -> None:
        self._dispatch = dispatch
        self._is_heard = is_heard

    def started(self, executions: Sequence[Execution]) -> None:
        """EVENT_JOB_SUBMITTED for each."""
        if self._is_heard():
            for execution in executions:
                self._submission(events.EVENT_JOB_SUBMITTED, execution)

    def not_run(self, executions: Sequence[Execution]) -> None:
        """EVENT_JOB_MISSED, EVENT_JOB_MAX_INSTANCES or EVENT_JOB_ERROR for each."""
        if not self._is_heard():
            return
        for execution in executions:
            if execution.state is ExecutionState.SKIPPED:
                self._submission(events.EVENT_JOB_MAX_INSTANCES, execution)
            elif execution.state is ExecutionState.MISSED:
                self._execution(events.EVENT_JOB_MISSED, execution)
            else:
                failure = ExecutionFailed(execution.reason or execution.state.label)
                self._execution(events.EVENT_JOB_ERROR, execution, exception=failure)

    def finished(self, finishes: Sequence[Finish]) -> None:
        """EVENT_JOB_EXECUTED or EVENT_JOB_ERROR for each."""
        if not self._is_heard():
            return
        for finish in finishes:
            if finish.state is ExecutionState.SUCCEEDED:
                self._execution(events.EVENT_JOB_EXECUTED, finish.execution, retval=finish.result)
            else:
                failure = ExecutionFailed(finish.error_summary or finish.state.label)
                self._execution(
                    events.EVENT_JOB_ERROR,
                    finish.execution,
                    exception=failure,
                    traceback=finish.result,
                )

    def _submission(self, code: int, execution: Execution) -> None:
        times = [execution.scheduled_time]
        self._dispatch(events.JobSubmissionEvent(code, execution.job_id, "default", times))

    def _execution(self, code: int, execution: Execution, **details: Any) -> None:
        when = execution.scheduled_time
        self._dispatch(events.JobExecutionEvent(code, execution.job_id, "default", when, **details))
