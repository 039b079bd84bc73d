"""APScheduler's methods on jobs, carried out by our actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, ClassVar

from apscheduler.job import Job as SchedulerJob
from apscheduler.schedulers.base import BaseScheduler as ApschedulerBase
from apscheduler.util import undefined

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.constants import JOB_ARGS
from ndscheduler.corescheduler.core.acting import cron_spec, who_acts
from ndscheduler.corescheduler.core.apscheduler_view import (
    CRON_NAMES,
    scheduler_job,
    trigger_spec,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import JobFilter, PageRequest
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Job

PAGE = 1000


class JobApi(ApschedulerBase):  # type: ignore[misc]
    """`add_job`, `get_job` and the others; what they do is audited as who acts."""

    # How many arguments of `run_job` come before the user's.
    LEADING_ARGUMENTS: ClassVar[int] = JOB_ARGS

    datastore: DatastoreBase
    actions: JobActions

    def add_job(
        self,
        func: Any,
        trigger: Any = None,
        args: Sequence[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
        id: str | None = None,
        name: str | None = None,
        misfire_grace_time: Any = undefined,
        coalesce: Any = undefined,
        max_instances: Any = undefined,
        next_run_time: Any = undefined,
        jobstore: str = "default",
        executor: str = "default",
        replace_existing: bool = False,
        **trigger_args: Any,
    ) -> SchedulerJob:
        """Add a job whose `func` is `self.run_job`: args are (class, id, ..., *pub_args)."""
        if getattr(func, "__name__", "") != "run_job" or not args:
            raise InvalidInput("func", "must be run_job of the scheduler, with a job class")
        if next_run_time is not undefined:
            raise InvalidInput("next_run_time", "follows from the trigger and can not be given")
        spec, further = trigger_spec(trigger, trigger_args)
        options = {
            "misfire_grace_time": misfire_grace_time,
            "coalesce": coalesce,
            "max_instances": max_instances,
        }
        who = who_acts()
        given = replace(
            who.given,
            name=name or str(args[0]),
            job_class_string=str(args[0]),
            pub_args=list(args[self.LEADING_ARGUMENTS :]),
            kwargs=kwargs or {},
            trigger=spec,
            **further,
            **{key: value for key, value in options.items() if value is not undefined},
        )
        if replace_existing and id is not None and self.get_job(id) is not None:
            return self._view(self.actions.modify(id, given, who.actor))
        return self._view(self.actions.add(given, who.actor, job_id=id))

    def modify_job(self, job_id: str, jobstore: str | None = None, **changes: Any) -> SchedulerJob:
        """Change attributes of a job, by APScheduler's names."""
        if "args" in changes:
            args = list(changes.pop("args"))
            changes["job_class_string"] = str(args[0])
            changes["pub_args"] = args[self.LEADING_ARGUMENTS :]
        if "trigger" in changes:
            spec, further = trigger_spec(changes.pop("trigger"), {})
            changes |= {"trigger": spec, **further}
        # Not through modify_scheduler_job: users' overrides of that one call this method.
        self._modify(job_id, changes)
        return self.get_job(job_id)

    def reschedule_job(
        self, job_id: str, jobstore: str | None = None, trigger: Any = None, **trigger_args: Any
    ) -> SchedulerJob:
        """Give a job another trigger."""
        spec, further = trigger_spec(trigger, trigger_args)
        self.actions.modify(job_id, JobFields(trigger=spec, **further), who_acts().actor)
        return self.get_job(job_id)

    def pause_job(self, job_id: str, jobstore: str | None = None) -> SchedulerJob:
        """Pause a job."""
        return self._view(self.actions.pause(job_id, who_acts().actor))

    def resume_job(self, job_id: str, jobstore: str | None = None) -> SchedulerJob:
        """Let a paused job fire again."""
        return self._view(self.actions.resume(job_id, who_acts().actor))

    def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
        """Delete a job."""
        self.actions.remove(job_id, who_acts().actor)

    def remove_all_jobs(self, jobstore: str | None = None) -> None:
        """Delete every job."""
        for job in self._all_jobs():
            self.remove_job(job.id)

    def get_job(self, job_id: str, jobstore: str | None = None) -> SchedulerJob | None:
        """The job of this id, or None."""
        job = self.datastore.read(self.datastore.jobs.find, job_id)
        return None if job is None else self._view(job)

    def get_jobs(
        self, jobstore: str | None = None, pending: bool | None = None
    ) -> list[SchedulerJob]:
        """All jobs: the next to run first, paused ones last."""
        return [self._view(job) for job in self._all_jobs()]

    def _lookup_jobstore(self, alias: str) -> DatastoreBase:
        return self.datastore

    def _modify(self, job_id: str, changes: dict[str, Any]) -> None:
        who = who_acts()
        cron = {name: changes.pop(name) for name in CRON_NAMES if name in changes}
        known = {entry.name for entry in fields(JobFields)}
        for name in changes:
            if name not in known:
                raise InvalidInput(name, "is not a field of a job; pass it in kwargs={...}")
        given = replace(who.given, **changes)
        if cron:
            given = replace(given, trigger=cron_spec(cron, who.given))
        self.actions.modify(job_id, given, who.actor, who.expected_rev)

    def _view(self, job: Job) -> SchedulerJob:
        return scheduler_job(self, job, type(self).run_job, self.LEADING_ARGUMENTS)

    def _all_jobs(self) -> list[Job]:
        jobs: list[Job] = []
        cursor: str | None = None
        while True:
            request = PageRequest(PAGE, cursor)
            page = self.datastore.read(self.datastore.jobs.page, JobFilter(), request)
            jobs.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return jobs
