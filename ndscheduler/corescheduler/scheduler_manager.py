"""SchedulerManager: builds, owns, starts and stops a scheduler; the Python API of old."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from apscheduler.job import Job as SchedulerJob

from ndscheduler.corescheduler import utils
from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.constants import (
    DEFAULT_JOB_COALESCE,
    DEFAULT_JOB_MAX_INSTANCES,
    DEFAULT_JOB_MISFIRE_GRACE_SEC,
    DEFAULT_LEASE_SECONDS,
    DEFAULT_RESULT_MAX_BYTES,
    DEFAULT_THREAD_POOL_SIZE,
    DEFAULT_TIMEZONE,
)
from ndscheduler.corescheduler.core.acting import Acting, acting, is_cron, job_after_hook
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.core.engine import EngineOptions
from ndscheduler.corescheduler.core.guard import log_stuck
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.definitions import UNSET, JobDefaults, JobFields, required
from ndscheduler.corescheduler.errors import ConfigError, InvalidInput
from ndscheduler.corescheduler.keep_rules import KEEP_EVERYTHING, KeepRules
from ndscheduler.corescheduler.models import Actor, Job
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.runner import Observer

logger = logging.getLogger(__name__)

DEFAULT_DRAIN_SECONDS = 30.0

# What the signature of `add_scheduler_job` can carry of a cron trigger.
_OLD_CRON_FIELDS = ("month", "day_of_week", "day", "hour", "minute")
_OLD_PARAMETERS = ("self", "job_class_string", "name", "pub_args", *_OLD_CRON_FIELDS)


class SchedulerManager:
    """One scheduler with its datastore, registry and actions."""

    # [compat] What get_instance() returns: the manager that was made last.
    _instance: ClassVar[SchedulerManager | None] = None

    def __init__(
        self,
        scheduler_class_path: str,
        datastore_class_path: str,
        db_config: Mapping[str, Any] | None = None,
        db_tablenames: Mapping[str, str] | None = None,
        job_coalesce: bool = DEFAULT_JOB_COALESCE,
        job_misfire_grace_sec: int | None = DEFAULT_JOB_MISFIRE_GRACE_SEC,
        job_max_instances: int = DEFAULT_JOB_MAX_INSTANCES,
        thread_pool_size: int = DEFAULT_THREAD_POOL_SIZE,
        timezone: str = DEFAULT_TIMEZONE,
        *,
        job_class_packages: Sequence[str] = (),
        observers: Sequence[Observer] = (),
        result_max_bytes: int = DEFAULT_RESULT_MAX_BYTES,
        drain_timeout_seconds: float = DEFAULT_DRAIN_SECONDS,
        lease_seconds: float = DEFAULT_LEASE_SECONDS,
        keep: KeepRules = KEEP_EVERYTHING,
        spill_dir: str | None = None,
        secrets_file: str | None = None,
        on_stuck: Callable[[str], None] = log_stuck,
    ) -> None:
        """Open the database and put the scheduler together; `start()` starts it.

        `on_stuck` is called at most once, with a sentence, when the scheduler can not go on and
        its process should be started again; without it that is logged.
        Raises ConfigError, SchemaMismatch or DatastoreUnavailable, one sentence each.
        """
        self.timezone = timezone
        self._stopping = threading.Lock()
        self.registry = Registry(job_class_packages)
        # What can be refused without the database, is refused before it is touched.
        scheduler_class = _scheduler_class(scheduler_class_path)
        self._datastore = open_datastore(datastore_class_path, db_config, db_tablenames)
        try:
            self._datastore.open()
            defaults = JobDefaults(timezone, job_misfire_grace_sec, job_coalesce, job_max_instances)
            self.actions = JobActions(self._datastore, defaults)
            self.sched = self._make_scheduler(scheduler_class, datastore_class_path, defaults)
        except BaseException:
            self._datastore.close()
            raise
        options = EngineOptions(
            thread_pool_size,
            result_max_bytes,
            drain_timeout_seconds,
            lease_seconds,
            observers,
            keep,
            spill_dir,
            secrets_file,
            on_stuck,
        )
        self.sched.assemble(self.registry, self.actions, options)
        DatastoreBase.instance = self._datastore
        SchedulerManager._instance = self

    @classmethod
    def get_instance(cls) -> SchedulerManager:
        """[compat] The manager of this process. Raises ConfigError if none was made."""
        if SchedulerManager._instance is None:
            raise ConfigError("No SchedulerManager was made in this process.")
        return SchedulerManager._instance

    def get_datastore(self) -> DatastoreBase:
        """The datastore of this scheduler."""
        return self._datastore

    def start(self) -> None:
        """Begin to claim and run jobs."""
        self._datastore.patiently(self.actions.repair_next_fires)
        self.sched.start()

    def stop(self) -> None:
        """End: drain what runs, store every result, close the database. From any thread."""
        with self._stopping:
            if self.sched.running:
                self.sched.shutdown()
        self._datastore.close()
        if DatastoreBase.instance is self._datastore:
            DatastoreBase.instance = None
        if SchedulerManager._instance is self:
            SchedulerManager._instance = None

    def stop_at_once(self, reason: str) -> None:
        """Make what runs `interrupted`, with `reason`, for a process that ends right then."""
        if self.sched.engine is not None:
            self.sched.engine.stop_at_once(reason)

    def create_job(self, given: JobFields, actor: Actor) -> Job:
        """Add a job of any trigger; a user's `add_scheduler_job` is called where it can carry it.

        Raises InvalidInput that names the first bad field.
        """
        if not (self._overrides("add_scheduler_job") and is_cron(given)):
            return self.actions.add(given, actor)
        keywords = {} if given.kwargs is UNSET or given.kwargs is None else dict(given.kwargs)
        _refuse_parameters(keywords)
        cron = {} if given.trigger is UNSET else given.trigger
        with acting(Acting(actor, given)):
            job_id = self.sched.add_scheduler_job(
                job_class_string=required(given.job_class_string, "job_class_string"),
                name=required(given.name, "name"),
                pub_args=None if given.pub_args is UNSET else given.pub_args,
                **{name: cron[name] for name in _OLD_CRON_FIELDS if name in cron},
                **keywords,
            )
        return job_after_hook(self._datastore, job_id)

    def change_job(
        self, job_id: str, given: JobFields, actor: Actor, expected_rev: int | None = None
    ) -> Job:
        """Change a job, all or nothing; a user's `modify_scheduler_job` is called if there is one.

        Raises JobNotFound, InvalidInput, StaleJob.
        """
        if not (self._overrides("modify_scheduler_job") and is_cron(given)):
            return self.actions.modify(job_id, given, actor, expected_rev)
        with acting(Acting(actor, given, expected_rev)):
            changes = given.given()
            cron = changes.pop("trigger", {})
            self.sched.modify_scheduler_job(
                job_id, **changes, **{name: cron[name] for name in cron if name != "type"}
            )
        return job_after_hook(self._datastore, job_id)

    # -- the Python API of old; what it does is audited with the user `code` -----------------

    def add_job(
        self,
        job_class_string: str,
        name: str,
        pub_args: Sequence[Any] | None = None,
        month: str | None = None,
        day_of_week: str | None = None,
        day: str | None = None,
        hour: str | None = None,
        minute: str | None = None,
        *,
        options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> str:
        """Add a job; its id. `kwargs` are keyword arguments of run().

        `options` are the further fields of a job: trigger, timezone, tags, max_instances ...
        Raises InvalidInput that names the first bad field.
        """
        given = fields_of(options or {})
        if given.trigger is UNSET:
            given = fields_of(options or {}, trigger={"type": "cron"})
        beside = dict(given.trigger) if given.trigger is not UNSET else {}
        cron = {"month": month, "day_of_week": day_of_week, "day": day}
        cron |= {"hour": hour, "minute": minute}
        if beside.get("type") == "cron":
            beside |= {field: value for field, value in cron.items() if value is not None}
        elif any(value is not None for value in cron.values()):
            raise ConfigError("Give cron fields or a trigger in options=, not both.")
        merged = fields_of(
            {**(options or {}), "trigger": beside},
            name=name,
            job_class_string=job_class_string,
            pub_args=pub_args,
            kwargs=kwargs,
        )
        return self.create_job(merged, Actor("code")).id

    def modify_job(self, job_id: str, **kwargs: Any) -> None:
        """Change a job: name, job_class_string, pub_args, cron fields and further fields."""
        self.sched.modify_scheduler_job(job_id, **kwargs)

    def pause_job(self, job_id: str) -> None:
        """Pause a job. Raises JobNotFound."""
        self.actions.pause(job_id, Actor("code"))

    def resume_job(self, job_id: str) -> None:
        """Let a paused job fire again. Raises JobNotFound."""
        self.actions.resume(job_id, Actor("code"))

    def remove_job(self, job_id: str) -> None:
        """Delete a job. Raises JobNotFound."""
        self.actions.remove(job_id, Actor("code"))

    def get_job(self, job_id: str) -> SchedulerJob | None:
        """The job of this id as APScheduler's Job, or None."""
        return self.sched.get_job(job_id)

    def get_jobs(self) -> list[SchedulerJob]:
        """All jobs as APScheduler's Jobs: the next to run first, paused ones last."""
        return self.sched.get_jobs()

    def get_job_task_class(self, job: SchedulerJob) -> str:
        """The dotted path of the job class of `job`."""
        return str(job.args[0])

    def _overrides(self, hook: str) -> bool:
        return getattr(type(self.sched), hook) is not getattr(BaseScheduler, hook)

    def _make_scheduler(
        self, scheduler_class: type[BaseScheduler], datastore_path: str, defaults: JobDefaults
    ) -> BaseScheduler:
        return scheduler_class(
            datastore_path,
            jobstores={"default": self._datastore},
            executors={},
            job_defaults={
                "coalesce": defaults.coalesce,
                "misfire_grace_time": defaults.misfire_grace_seconds,
                "max_instances": defaults.max_instances,
            },
            timezone=self.timezone,
        )


def open_datastore(
    datastore_class_path: str,
    db_config: Mapping[str, Any] | None = None,
    db_tablenames: Mapping[str, str] | None = None,
) -> DatastoreBase:
    """The datastore of a provider class; its tables are not looked at yet. Raises ConfigError."""
    provider = utils.import_class(datastore_class_path, "DATABASE_CLASS")
    if not issubclass(provider, DatastoreBase):
        raise ConfigError(f"DATABASE_CLASS {datastore_class_path} is no DatastoreBase.")
    datastore: DatastoreBase = provider(db_config, db_tablenames)
    return datastore


def fields_of(values: Mapping[str, Any], **more: Any) -> JobFields:
    """JobFields of `values` and `more`. Raises ConfigError for a name that is no field."""
    known = set(JobFields.__dataclass_fields__)
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(f"options: {unknown[0]!r} is no field of a job.")
    return JobFields(**{**values, **more})


def _refuse_parameters(keywords: Iterable[str]) -> None:
    """The old signature takes keyword arguments of run() beside parameters of its own."""
    for name in keywords:
        if name in _OLD_PARAMETERS:
            reason = f"{name!r} is a parameter of add_scheduler_job(), which is overridden here"
            raise InvalidInput("kwargs", reason)


def _scheduler_class(path: str) -> type[BaseScheduler]:
    found = utils.import_class(path, "SCHEDULER_CLASS")
    if not issubclass(found, BaseScheduler):
        raise ConfigError(f"SCHEDULER_CLASS {path} is no BaseScheduler.")
    return found
