"""[compat] The scheduler class of release 0.3.0, whose hooks have shorter signatures.

`run_job` and `run_scheduler_job` take no database, so `job.args` is (class, id, *pub_args).
"""

from __future__ import annotations

from typing import Any, ClassVar

from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.run_hooks import Hooks
from ndscheduler.corescheduler.runner import Run


class ShortHooks(Hooks):
    """Calls the hooks with the signatures of release 0.3.0."""

    def run_job(self, run: Run) -> None:
        """Call `run_job` of the scheduler class."""
        execution = run.execution
        self.scheduler_class.run_job(
            execution.job_class_string, execution.job_id, *run.args, **run.kwargs
        )

    def run_scheduler_job(self, run: Run, *args: Any, **kwargs: Any) -> Any:
        """What `run_scheduler_job` of the scheduler class returns."""
        execution = run.execution
        return self.scheduler_class.run_scheduler_job(
            run.job_class, execution.job_id, execution.id, *args, **kwargs
        )


class SingletonScheduler(BaseScheduler):
    """What schedulers of users derive from that were written for release 0.3.0."""

    LEADING_ARGUMENTS: ClassVar[int] = 2

    @classmethod
    def hooks(cls) -> Hooks:
        """How the runner calls the class methods that a user's class overrides."""
        return ShortHooks.of(cls, SingletonScheduler)

    @classmethod
    def run_job(cls, job_class_path: str, job_id: str, *args: Any, **kwargs: Any) -> str | None:
        """Run one execution of a job; its id."""
        return super().run_job(job_class_path, job_id, None, None, None, *args, **kwargs)

    @classmethod
    def run_scheduler_job(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        """Run the code of `job_class` for an execution that is started."""
        datastore = DatastoreBase.get_instance()
        super().run_scheduler_job(job_class, job_id, execution_id, datastore, *args, **kwargs)
