"""Scheduler classes as users write them, each hook of which notes what it was called with."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from ndscheduler.corescheduler.core.base import BaseScheduler


class Call(NamedTuple):
    """One call of a hook."""

    hook: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


CALLS: list[Call] = []


def note(hook: str, *args: Any, **kwargs: Any) -> None:
    """Remember a call."""
    CALLS.append(Call(hook, args, kwargs))


class NotingScheduler(BaseScheduler):
    """Overrides every hook of the master's signatures, and calls what it overrides."""

    gate = threading.Event()

    @classmethod
    def is_okay_to_run(cls, datastore: Any) -> bool:
        note("is_okay_to_run", datastore)
        return cls.gate.is_set()

    @classmethod
    def run_job(
        cls,
        job_class_path: str,
        job_id: str,
        db_class_path: Any,
        db_config: Any,
        db_tablenames: Any,
        *args: Any,
        **kwargs: Any,
    ) -> str | None:
        databases = (db_class_path, db_config, db_tablenames)
        note("run_job", job_class_path, job_id, *databases, *args, **kwargs)
        return super().run_job(job_class_path, job_id, *databases, *args, **kwargs)

    @classmethod
    def run_scheduler_job(
        cls,
        job_class: Any,
        job_id: str,
        execution_id: str,
        datastore: Any,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        ids = (job_id, execution_id)
        note("run_scheduler_job", job_class, *ids, datastore, *args, **kwargs)
        super().run_scheduler_job(job_class, *ids, datastore, *args, **kwargs)

    @classmethod
    def pre_run(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        note("pre_run", job_class, job_id, execution_id, *args, **kwargs)

    @classmethod
    def post_run(
        cls,
        job_class: Any,
        job_id: str,
        execution_id: str,
        result_json: str | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        note("post_run", job_class, job_id, execution_id, result_json, *args, **kwargs)

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
        note("add_scheduler_job", job_class_string, name, pub_args, minute, **kwargs)
        cron = (month, day_of_week, day, hour, minute)
        return super().add_scheduler_job(job_class_string, name.upper(), pub_args, *cron, **kwargs)

    def modify_scheduler_job(self, job_id: str, **kwargs: Any) -> None:
        note("modify_scheduler_job", job_id, **kwargs)
        super().modify_scheduler_job(job_id, **kwargs)


class BrokenGateScheduler(BaseScheduler):
    """Its gate is broken, and a method of the instance."""

    def is_okay_to_run(self, datastore: Any) -> bool:  # type: ignore[override]
        note("is_okay_to_run", datastore)
        raise LookupError("no lock service")


class RefusingScheduler(BaseScheduler):
    """Refuses every execution before it begins."""

    @classmethod
    def pre_run(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        raise SystemExit("not on a Friday")


class BrokenAfterScheduler(BaseScheduler):
    """Fails after every execution."""

    @classmethod
    def post_run(
        cls,
        job_class: Any,
        job_id: str,
        execution_id: str,
        result_json: str | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        raise LookupError("no log server")


class RedirectingScheduler(BaseScheduler):
    """Runs another class, with another argument, than the job says."""

    @classmethod
    def run_job(
        cls,
        job_class_path: str,
        job_id: str,
        db_class_path: Any = None,
        db_config: Any = None,
        db_tablenames: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> str | None:
        path = job_class_path.replace("Echo", "LoudEcho")
        return super().run_job(path, job_id, db_class_path, db_config, db_tablenames, "in place")


class NamedByMd5Scheduler(BaseScheduler):
    """Chooses the id of each job, and adds and changes jobs by APScheduler's own methods."""

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
        job_id = f"md5-of-{name}"
        datastore = self._lookup_jobstore("default")
        arguments = [job_class_string, job_id, self.datastore_class_path]
        arguments += [datastore.db_config, datastore.table_names, *(pub_args or [])]
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

    def modify_scheduler_job(self, job_id: str, **kwargs: Any) -> None:
        cron = {name: kwargs.pop(name) for name in ("hour", "minute") if name in kwargs}
        if cron:
            self.reschedule_job(job_id, trigger="cron", **cron)
        self.modify_job(job_id, **kwargs)


class BrokenAroundScheduler(BaseScheduler):
    """Fails when the job has ended already."""

    @classmethod
    def run_job(cls, *args: Any, **kwargs: Any) -> Any:
        super().run_job(*args, **kwargs)
        raise LookupError("no log server")
