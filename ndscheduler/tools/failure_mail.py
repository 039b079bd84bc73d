"""FailureMail: tells the administrators by mail when an execution did not succeed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from ndscheduler.corescheduler import utils
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.models import Finish
from ndscheduler.tools import smtp

logger = logging.getLogger(__name__)

MAX_RESULT_BYTES = 100 * 1024

_WHAT_HAPPENED = {
    ExecutionState.FAILED: "failed",
    ExecutionState.SCHEDULED_ERROR: "could not be started",
    ExecutionState.TIMEOUT: "timed out",
    ExecutionState.INTERRUPTED: "was interrupted",
}


class FailureMail:
    """An observer of the runner. Whatever is wrong with the mail, executions never feel it."""

    def __init__(
        self,
        recipients: Sequence[str],
        sender: str,
        servers: Sequence[str],
        website_title: str = "Scheduler",
        timeout_seconds: float = smtp.DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        self._recipients = list(recipients)
        self._sender = sender
        self._servers = list(servers)
        self._website_title = website_title
        self._timeout_seconds = timeout_seconds

    def execution_finished(self, finish: Finish) -> None:
        """Mail what happened, if it is a failure; a mail that can not be sent is logged."""
        if not self._recipients or finish.state not in _WHAT_HAPPENED:
            return
        try:
            self._send(finish)
        except Exception as error:  # noqa: BLE001 - a broken mail server harms nothing else
            logger.warning("The failure of execution %s was not mailed: %s", _id(finish), error)

    def _send(self, finish: Finish) -> None:
        message = smtp.compose(
            self._sender,
            self._recipients,
            f"[{self._website_title}] Job {finish.execution.job_name} "
            f"{_WHAT_HAPPENED[finish.state]}",
            failure_text(finish),
        )
        # RFC 3834: keeps out-of-office replies away.
        message["Auto-Submitted"] = "auto-generated"
        refused = smtp.deliver(message, self._servers, self._timeout_seconds)
        if refused:
            names = ", ".join(sorted(refused))
            logger.warning("The mail on execution %s was refused for %s.", _id(finish), names)


def failure_text(finish: Finish) -> str:
    """The text of the mail: which job, which execution, when, where, and the result."""
    execution = finish.execution
    rows = {
        "Job": execution.job_name,
        "Job id": execution.job_id,
        "Job class": execution.job_class_string,
        "Execution": execution.id,
        "State": finish.state.label,
        "Scheduled": _moment(execution.scheduled_time),
        "Started": _moment(execution.started_time),
        "Finished": _moment(finish.finished_time),
        "Host": execution.hostname or utils.get_hostname(),
        "Reason": finish.error_summary or execution.reason or "",
    }
    lines = {name: " ".join(value.split()) for name, value in rows.items()}
    table = "\n".join(f"{name + ':':<11}{line}" for name, line in lines.items() if line)
    return f"{table}\n\n{_end_of(finish.result or '')}\n"


def _end_of(result: str) -> str:
    """The last MAX_RESULT_BYTES of `result`: a traceback says at its end what went wrong."""
    encoded = result.encode("utf-8", errors="replace")
    cut = len(encoded) - MAX_RESULT_BYTES
    if cut <= 0:
        return result
    return f"[{cut} bytes before this are left out]\n{encoded[cut:].decode('utf-8', 'ignore')}"


def _moment(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat(sep=" ", timespec="seconds")


def _id(finish: Finish) -> str:
    return finish.execution.id
