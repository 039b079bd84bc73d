"""[compat] `BaseScheduler.run_job(...)` called by users' code, outside of any execution.

It is a class method, so it can only find the scheduler of the process through this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.errors import SchedulerStateError
from ndscheduler.corescheduler.models import Actor

CODE = Actor("code")

_actions: list[JobActions] = []


def set_actions(actions: JobActions) -> None:
    """Let `run_directly` act through `actions`, those of the scheduler made last."""
    _actions[:] = [actions]


def run_directly(job_class_path: str, job_id: str, args: Sequence[Any], kwargs: Any) -> str:
    """Queue an execution of the job by hand, with these arguments; its id.

    Raises SchedulerStateError where no scheduler was made in this process.
    """
    if not _actions:
        raise SchedulerStateError(
            f"run_job() of {job_class_path} needs a SchedulerManager in this process."
        )
    return _actions[0].run(job_id, CODE, list(args), dict(kwargs))
