"""Job classes as users write them."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from ndscheduler.corescheduler import job
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.job import JobBase
from tests.compat.hooks import note


class Echo(job.JobBase):
    """Returns what it was given."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return {"args": args, "kwargs": kwargs}


class LoudEcho(job.JobBase):
    """Another class than Echo."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return ["LOUD", *args]


class OwnRunJob(job.JobBase):
    """Overrides run_job, and calls what it overrides."""

    @classmethod
    def run_job(cls, job_id: Any, execution_id: Any, *args: Any, **kwargs: Any) -> Any:
        note("JobBase.run_job", job_id, execution_id, *args, **kwargs)
        return {"own": super().run_job(job_id, execution_id, *args, **kwargs)}

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return [self.job_id, self.execution_id, *args]


class SelfRecording(JobBase):
    """Stores how it ended by itself, as the base class of release 0.3.0 did."""

    @classmethod
    def run_job(cls, job_id: Any, execution_id: Any, *args: Any, **kwargs: Any) -> Any:
        datastore = SchedulerManager.get_instance().get_datastore()
        datastore.update_execution(execution_id, state=4, description="own end", result="own")


class Handed(JobBase):
    """Hands its work to a worker of its own, which has not begun yet."""

    @classmethod
    def run_job(cls, job_id: Any, execution_id: Any, *args: Any, **kwargs: Any) -> Any:
        note("JobBase.run_job", execution_id)
        datastore = SchedulerManager.get_instance().get_datastore()
        datastore.update_execution(execution_id, state=0, task_id="task 1")


class _Described(job.JobBase):
    """Says of each step what it knows of the failure."""

    @classmethod
    def get_scheduled_description(cls) -> str:
        note("get_scheduled_description")
        return "queued"

    @classmethod
    def get_running_description(cls) -> str:
        note("get_running_description")
        return "at work"

    @classmethod
    def get_succeeded_description(cls, result: Any = None) -> str:
        return f"done: {result}"

    @classmethod
    def get_failed_description(cls) -> str:
        return f"failed: {sys.exc_info()[1]!r}"

    @classmethod
    def get_failed_result(cls) -> str:
        return f"result: {sys.exc_info()[1]!r} {'run' in traceback.format_exc()}"

    @classmethod
    def get_scheduled_error_description(cls) -> str:
        return f"refused: {sys.exc_info()[1]!r}"

    @classmethod
    def get_scheduled_error_result(cls) -> str:
        return f"why: {sys.exc_info()[1]!r}"


class Succeeding(_Described):
    """Succeeds."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return 42


class Failing(_Described):
    """Raises what is no Exception."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt("stop it")


class InstanceDescription(job.JobBase):
    """Describes itself by methods of the job, which know what run() has found out."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        self.found = args[0]
        if self.found == "error":
            raise ValueError("found an error")
        return "result"

    def get_succeeded_description(self, result: Any = None) -> str:  # type: ignore[override]
        return f"{self.found} {result} {self.execution_id}"

    def get_failed_description(self) -> str:  # type: ignore[override]
        return f"{self.found}: {sys.exc_info()[1]}"


class NoResultParameter(job.JobBase):
    """Its description takes no result, as in release 0.3.0."""

    @classmethod
    def get_succeeded_description(cls) -> str:  # type: ignore[override]
        return "well done"

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return 1


class StaticDescription(job.JobBase):
    """Its description belongs to nothing."""

    @staticmethod
    def get_succeeded_description(result: Any = None) -> str:  # type: ignore[override]
        return f"static {result}"

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return 1


class BrokenDescription(job.JobBase):
    """Its description fails."""

    @classmethod
    def get_succeeded_description(cls, result: Any = None) -> str:
        raise TypeError("of its own")

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return 1


class OwnInit(job.JobBase):
    """Overrides __init__ with defaults and state of its own."""

    def __init__(self, job_id: Any = None, execution_id: Any = None) -> None:
        super().__init__(job_id, execution_id)
        self.steps = ["made"]

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return [*self.steps, self.job_id, self.execution_id]


class Python:
    """A mixin that knows nothing of jobs."""

    words = "mixed in"

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return self.words


class Mixed(Python, job.JobBase):
    """Its run() comes from a mixin."""
