"""Jobs and executions as they are shown, with what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.definitions import trigger_of
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.models import Execution, Job
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.secret_arguments import ALL_MARKS, SecretMarks
from ndscheduler.corescheduler.summary import JobSummary, Neighbours, ShortResult
from ndscheduler.corescheduler.triggers import Trigger


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it is shown. `error` says in a sentence why it can not run; then it is still shown.

    `trigger` is None when what is stored can not be read. `summary` is there when asked for.
    `secret` marks the arguments that only editors see.
    """

    job: Job
    trigger: Trigger | None
    error: str | None = None
    summary: JobSummary | None = None
    secret: SecretMarks = ALL_MARKS


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """An execution, and its job as long as that exists.

    With a `short_result`, the execution itself was read without its result. `secret` marks its
    own arguments that only editors see; those of its job are marked by the view of that.
    """

    execution: Execution
    job: JobView | None
    short_result: ShortResult | None = None
    neighbours: Neighbours | None = None
    secret: SecretMarks = ALL_MARKS


class JobViewer:
    """Makes views of jobs."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def view(self, job: Job, summary: JobSummary | None = None) -> JobView:
        """`job` as it is shown."""
        marks = self.marks_of(job.job_class_string)
        try:
            trigger = trigger_of(job)
        except InvalidTrigger as error:
            return JobView(job, None, str(error), summary, marks)
        problem = self._argument_problem(job) or self.class_problem(job.job_class_string)
        return JobView(job, trigger, problem, summary, marks)

    def marks_of(self, job_class_string: str) -> SecretMarks:
        """Which arguments of a job of this class are secret."""
        return self._registry.marks_of(job_class_string)

    def class_problem(self, job_class_string: str) -> str | None:
        """Why no job of this class can run, in a sentence; None when nothing speaks against it."""
        return self._registry.find_problem(job_class_string)

    def row_problem(self, job: Job) -> str | None:
        """Why this job can not run whatever its class is: its schedule, its arguments."""
        try:
            trigger_of(job)
        except InvalidTrigger as error:
            return str(error)
        return self._argument_problem(job)

    def _argument_problem(self, job: Job) -> str | None:
        if stored_json(job.args_json) is None or stored_json(job.kwargs_json) is None:
            return "The stored arguments are not JSON."
        for field, text in (("pub_args", job.args_json), ("kwargs", job.kwargs_json)):
            if codec.find_unreadable(text) is not None:
                return f"A value in {field} could not be kept from 0.x."
        return None


def stored_json(text: str) -> Any:
    """JSON text of the database as REST shows it; None for a broken one: its row is still shown."""
    try:
        return codec.plain(text)
    except ValueError:
        return None
