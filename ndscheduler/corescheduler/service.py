"""What users do, one method each: check, act, and give back what the domain knows.

Every method blocks on the database. What is done is done in one transaction with its audit entry,
by `SchedulerManager` and `JobActions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler.attention import Attention
from ndscheduler.corescheduler.broken_jobs import BrokenJobs
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import JobStatus
from ndscheduler.corescheduler.datastore.job_order import JOB_SORTS, NEXT_RUN
from ndscheduler.corescheduler.datastore.paging import (
    AuditFilter,
    ExecutionFilter,
    JobFilter,
    Page,
    PageRequest,
)
from ndscheduler.corescheduler.errors import ExecutionNotFound, InvalidInput, JobNotFound
from ndscheduler.corescheduler.models import Actor, AuditEntry, Execution, Instance, Job
from ndscheduler.corescheduler.overview import Overview
from ndscheduler.corescheduler.registry import JobClassInfo
from ndscheduler.corescheduler.schedule_warnings import ScheduleWarning, schedule_warnings
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service_requests import (
    JobRequest,
    PauseRequest,
    PreviewRequest,
    RunRequest,
    SkipNextRequest,
)
from ndscheduler.corescheduler.triggers import Trigger, make_trigger, zone_names
from ndscheduler.corescheduler.upcoming import Upcoming
from ndscheduler.corescheduler.views import ExecutionView, JobView, JobViewer, stored_json

__all__ = [
    "JOB_SORTS",
    "NEXT_RUN",
    "AuditFilter",
    "ExecutionFilter",
    "ExecutionView",
    "JobFilter",
    "JobService",
    "JobView",
    "Page",
    "PageRequest",
    "Preview",
    "stored_json",
]


@dataclass(frozen=True, slots=True)
class InstanceView:
    """A scheduler process as it is shown: whether it shows signs of life, and what it runs."""

    instance: Instance
    is_alive: bool
    running: int


@dataclass(frozen=True, slots=True)
class Preview:
    """When a schedule would fire, and what may surprise. `fire_times` is empty if it never does."""

    trigger: Trigger
    fire_times: list[datetime]
    warnings: list[ScheduleWarning]


class JobService:
    """The actions of REST on one scheduler. Safe to use from several threads."""

    def __init__(self, manager: SchedulerManager) -> None:
        self._manager = manager
        self._datastore = manager.get_datastore()
        self._viewer = JobViewer(manager.registry)
        self._broken = BrokenJobs(self._datastore, self._viewer)
        self.overview = Overview(self._datastore, self._broken)
        self.attention = Attention(self._datastore, self._broken)
        self.upcoming = Upcoming(self._datastore)

    def add_job(self, request: JobRequest, actor: Actor) -> Job:
        """Add a job. Raises InvalidInput."""
        self._manager.registry.allows(request.job_class_string)
        return self._manager.create_job(request.to_fields(), actor)

    def modify_job(
        self, job_id: str, request: JobRequest, actor: Actor, expected_rev: int | None = None
    ) -> Job:
        """Change a job, wholly or not at all. Raises InvalidInput, JobNotFound, StaleJob."""
        job = self._job(job_id)
        # A job whose class has vanished can still be renamed and rescheduled.
        if request.job_class_string != job.job_class_string:
            self._manager.registry.allows(request.job_class_string)
        return self._manager.change_job(job_id, request.to_fields(), actor, expected_rev)

    def remove_job(self, job_id: str, actor: Actor) -> Job:
        """Delete a job; its executions stay. Raises JobNotFound."""
        return self._manager.actions.remove(_known_job_id(job_id), actor)

    def pause_job(self, job_id: str, request: PauseRequest, actor: Actor) -> Job:
        """Fire the job no more, until it is resumed. Raises InvalidInput, JobNotFound."""
        return self._manager.actions.pause(
            _known_job_id(job_id), actor, until=request.until, reason=request.reason
        )

    def resume_job(self, job_id: str, actor: Actor) -> Job:
        """Fire the job again. Raises JobNotFound."""
        return self._manager.actions.resume(_known_job_id(job_id), actor)

    def skip_next_fire(self, job_id: str, request: SkipNextRequest, actor: Actor) -> Job:
        """Record the next fire as skipped, run the one after. Raises InvalidInput, JobNotFound."""
        return self._manager.actions.skip_next(_known_job_id(job_id), actor, reason=request.reason)

    def run_job(self, job_id: str, request: RunRequest, actor: Actor) -> str:
        """Queue one execution now and return its id. Raises InvalidInput, JobNotFound."""
        run = self._manager.actions.run
        known_id = _known_job_id(job_id)
        if request.arguments_of is None:
            return run(known_id, actor, request.given("pub_args"), request.given("kwargs"))
        again = self._execution_of(self._job(known_id), request.arguments_of)
        try:
            return run(known_id, actor, again.pub_args, again.kwargs)
        except ValueError as error:
            raise InvalidInput("arguments_of", "its arguments can not be read") from error

    def runs_as_defined(self, job_id: str, request: RunRequest) -> bool:
        """True if that would run the class and the arguments that the job has now.

        Raises JobNotFound, InvalidInput.
        """
        if request.arguments_of is None:
            return not request.model_fields_set
        job = self._job(job_id)
        again = self._execution_of(job, request.arguments_of)
        return all(
            getattr(again, name) == getattr(job, name)
            for name in ("job_class_string", "args_json", "kwargs_json")
        )

    def _execution_of(self, job: Job, execution_id: str) -> Execution:
        found = self._datastore.read(self._datastore.executions.find, execution_id)
        if found is None or found.job_id != job.id:
            raise InvalidInput("arguments_of", "names no execution of this job")
        return found

    def get_job(self, job_id: str, with_summary: bool = False) -> JobView:
        """The job of this id. Raises JobNotFound."""
        job = self._job(job_id)
        return self._views([job], with_summary)[0]

    def list_jobs(
        self,
        which: JobFilter,
        page: PageRequest,
        sort: str = NEXT_RUN,
        with_summary: bool = False,
    ) -> Page[JobView]:
        """A page of jobs, by default the next to fire first, those that never fire last."""
        if JobStatus.BROKEN in which.statuses:
            which = replace(which, broken=self._datastore.read(self._broken.find).which)
        found = self._datastore.read(self._datastore.jobs.page, which, page, sort)
        return replace_items(found, self._views(found.items, with_summary))

    def tags(self) -> list[tuple[str, int]]:
        """Every tag, and how many jobs have it, by tag."""
        return self._datastore.read(self._datastore.jobs.tag_counts)

    def get_execution(self, execution_id: str, with_neighbours: bool = False) -> ExecutionView:
        """The execution of this id. Raises ExecutionNotFound."""
        if "\x00" in execution_id:
            raise ExecutionNotFound(execution_id)
        execution = self._datastore.read(self._datastore.executions.get, execution_id)
        view = self._with_jobs([execution])[0]
        if not with_neighbours:
            return view
        beside = self._datastore.read(self._datastore.summaries.neighbours, execution)
        return replace(view, neighbours=beside)

    def list_executions(
        self, which: ExecutionFilter, page: PageRequest, order: str = "scheduled"
    ) -> Page[ExecutionView]:
        """A page of executions, the newest `scheduled_time` (or "updated" time) first."""
        found = self._datastore.read(self._datastore.executions.page, which, page, order)
        return replace_items(found, self._with_jobs(found.items))

    def list_executions_in_brief(
        self, which: ExecutionFilter, page: PageRequest, order: str = "scheduled"
    ) -> Page[ExecutionView]:
        """What `list_executions` gives, each with a short result in place of the whole."""
        found = self._datastore.read(self._datastore.executions.brief_page, which, page, order)
        views = self._with_jobs(execution for execution, _ in found.items)
        pairs = zip(views, found.items, strict=True)
        shown = [replace(view, short_result=short) for view, (_, short) in pairs]
        return replace_items(found, shown)

    def list_audit_logs(self, which: AuditFilter, page: PageRequest) -> Page[AuditEntry]:
        """A page of the audit log, the newest first."""
        return self._datastore.read(self._datastore.audit_logs.page, which, page)

    def job_classes(self) -> list[JobClassInfo]:
        """Every job class that REST may schedule, and the modules that do not import."""
        return self._manager.registry.job_classes()

    def timezones(self) -> list[str]:
        """The names of all time zones that a job may have, in order."""
        return list(zone_names())

    def preview_trigger(self, request: PreviewRequest) -> Preview:
        """When a job with this schedule would fire. Raises InvalidInput."""
        after = request.after or utc_now()
        trigger = make_trigger(
            request.schedule(),
            request.timezone or self._manager.timezone,
            request.start_date,
            request.end_date,
            after,
        )
        fire_times: list[datetime] = []
        upcoming = trigger.next_fire(after)
        while upcoming is not None and len(fire_times) < request.count:
            fire_times.append(upcoming)
            upcoming = trigger.next_fire(upcoming)
        return Preview(trigger, fire_times, schedule_warnings(trigger, after))

    def instances(self) -> list[InstanceView]:
        """Every scheduler process that the database knows, the newest first."""

        def read(connection: Any) -> list[InstanceView]:
            store = self._datastore
            now = store.dialect.now(connection)
            running = store.lifecycle.running_counts(connection)
            found = store.instances.list(connection)
            return [InstanceView(i, i.is_alive_at(now), running.get(i.id, 0)) for i in found]

        return self._datastore.read(read)

    def is_database_answering(self) -> bool:
        """False while the database is known not to answer. Never waits."""
        engine = self._manager.sched.engine
        return engine is None or engine.probe.is_answering

    def find_problem(self) -> str | None:
        """Why the scheduler does no work now, in one sentence; None when it does. Never waits."""
        engine = self._manager.sched.engine
        if engine is None or not self._manager.sched.running:
            return "The scheduler does not run."
        return engine.find_problem()

    def _job(self, job_id: str) -> Job:
        return self._datastore.read(self._datastore.jobs.get, _known_job_id(job_id))

    def _with_jobs(self, executions: Iterable[Execution]) -> list[ExecutionView]:
        found = list(executions)
        ids = {execution.job_id for execution in found}
        jobs = self._datastore.read(self._datastore.jobs.by_ids, ids) if ids else []
        views = {job.id: self._viewer.view(job) for job in jobs}
        marks_of = self._viewer.marks_of
        return [
            ExecutionView(each, views.get(each.job_id), secret=marks_of(each.job_class_string))
            for each in found
        ]

    def _views(self, jobs: list[Job], with_summary: bool) -> list[JobView]:
        if not with_summary:
            return [self._viewer.view(job) for job in jobs]
        ids = [job.id for job in jobs]
        summaries = self._datastore.read(self._datastore.summaries.of_jobs, ids)
        return [self._viewer.view(job, summaries[job.id]) for job in jobs]


def replace_items(page: Page[Any], items: list[Any]) -> Page[Any]:
    """`page` with other items, its cursors and total kept."""
    return replace(page, items=items)


def _known_job_id(job_id: str) -> str:
    """`job_id`, which a database can look up. Raises JobNotFound for one that none can hold."""
    if "\x00" in job_id:
        raise JobNotFound(job_id)
    return job_id
