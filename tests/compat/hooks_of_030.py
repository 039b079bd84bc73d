"""Scheduler classes as users wrote them for release 0.3.0."""

from __future__ import annotations

import hashlib
from typing import Any

from ndscheduler import constants, utils
from ndscheduler.core.scheduler import base
from ndscheduler.core.scheduler_manager import SchedulerManager
from tests.compat.hooks import note

PUBLISHED = 100


class NotingScheduler(base.SingletonScheduler):
    """Overrides every hook, and calls what it overrides in the manner of Python 2."""

    @classmethod
    def is_okay_to_run(cls, database: Any) -> bool:
        note("is_okay_to_run", database)
        return True

    @classmethod
    def run_job(cls, job_class_path: str, job_id: str, *args: Any, **kwargs: Any) -> Any:
        note("run_job", job_class_path, job_id, *args, **kwargs)
        return super(NotingScheduler, cls).run_job(job_class_path, job_id, *args, **kwargs)  # noqa: UP008

    @classmethod
    def run_scheduler_job(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        note("run_scheduler_job", job_class, job_id, execution_id, *args, **kwargs)
        super().run_scheduler_job(job_class, job_id, execution_id, *args, **kwargs)


class PublishingScheduler(base.SingletonScheduler):
    """Hands executions to workers of its own, and stores a state of its own."""

    @classmethod
    def run_scheduler_job(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        constants.EXECUTION_STATUS_DICT[PUBLISHED] = "published"
        datastore = SchedulerManager.get_instance().get_datastore()
        datastore.update_execution(execution_id, state=PUBLISHED, task_id=f"task of {args[0]}")


class SelfRecordingScheduler(base.SingletonScheduler):
    """Its run_job records an execution of its own, as that of release 0.3.0 did."""

    @classmethod
    def run_job(cls, job_class_path: str, job_id: str, *args: Any, **kwargs: Any) -> Any:
        execution_id = utils.generate_uuid()
        datastore = utils.get_datastore_instance()
        state = constants.EXECUTION_STATUS_SCHEDULED
        datastore.add_execution(execution_id, job_id, state, description="own")
        job_class = utils.import_from_path(job_class_path)
        cls.run_scheduler_job(job_class, job_id, execution_id, *args, **kwargs)
        note("run_job", execution_id)
        return execution_id


class NamedByMd5Scheduler(base.SingletonScheduler):
    """The id of a job is the digest of its name."""

    def add_scheduler_job(  # type: ignore[override]
        self,
        job_class_string: str,
        name: str,
        pub_args: Any = None,
        month: Any = None,
        day_of_week: Any = None,
        day: Any = None,
        hour: Any = None,
        minute: Any = None,
        **kwargs: Any,
    ) -> str:
        job_id = hashlib.md5(name.encode()).hexdigest()
        arguments = [job_class_string, job_id]
        arguments.extend(pub_args or [])
        self.add_job(
            self.run_job,
            trigger="cron",
            month=month,
            day=day,
            day_of_week=day_of_week,
            hour=hour,
            minute=minute,
            args=arguments,
            kwargs=kwargs,
            name=name,
            id=job_id,
        )
        return job_id
