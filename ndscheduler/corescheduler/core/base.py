"""BaseScheduler: APScheduler's face before our own loop and store.

Users subclass it (`SCHEDULER_CLASS`) to override `is_okay_to_run`, `run_job`,
`run_scheduler_job`, `pre_run`, `post_run`, `add_scheduler_job` or `modify_scheduler_job`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from apscheduler import events
from apscheduler.job import Job as SchedulerJob
from apscheduler.schedulers.base import (
    STATE_PAUSED,
    STATE_RUNNING,
    STATE_STOPPED,
)
from apscheduler.schedulers.base import (
    BaseScheduler as ApschedulerBase,
)
from apscheduler.util import undefined

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.constants import JOB_ARGS, AuditEvent
from ndscheduler.corescheduler.core import announce
from ndscheduler.corescheduler.core.apscheduler_view import (
    CRON_NAMES,
    scheduler_job,
    trigger_spec,
)
from ndscheduler.corescheduler.core.direct_run import CODE, run_directly, set_actions
from ndscheduler.corescheduler.core.engine import Engine, EngineHooks
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import JobFilter, PageRequest
from ndscheduler.corescheduler.definitions import UNSET, JobFields
from ndscheduler.corescheduler.errors import InvalidInput, SchedulerStateError
from ndscheduler.corescheduler.models import Actor, Job
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.runner import Hooks, Observer, Runner, current_run

logger = logging.getLogger(__name__)

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts while an overridden hook runs, and the fields that its old signature lacks."""

    actor: Actor = CODE
    given: JobFields = field(default_factory=JobFields)
    expected_rev: int | None = None


_by_code = Acting()
_acting: ContextVar[Acting] = ContextVar("ndscheduler_acting", default=_by_code)


@contextmanager
def acting(who: Acting) -> Iterator[None]:
    """Within: what hooks do is done by `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the scheduler runs executions."""

    thread_pool_size: int
    result_max_bytes: int
    drain_seconds: float
    observers: Sequence[Observer] = ()


class BaseScheduler(ApschedulerBase):  # type: ignore[misc]
    """The scheduler of one process."""

    # How long a closed gate is left closed before it is asked again, at most.
    DEFAULT_WAIT_SECONDS: ClassVar[int] = 60
    # How many arguments of `run_job` come before the user's.
    LEADING_ARGUMENTS: ClassVar[int] = JOB_ARGS

    state: int

    def __init__(self, datastore_class_path: str, *args: Any, **kwargs: Any) -> None:
        self.datastore_class_path = datastore_class_path
        stores = kwargs.pop("jobstores", {})
        kwargs.pop("executors", None)
        self.datastore: DatastoreBase = stores["default"]
        self.engine: Engine | None = None
        self._drain_seconds = 0.0
        super().__init__(*args, **kwargs)

    def assemble(self, registry: Registry, actions: JobActions, options: EngineOptions) -> None:
        """Put the running parts together; `start` starts them."""
        clock = SteadyClock()
        runner = Runner(self.datastore, registry, self.hooks(), clock, options.result_max_bytes)
        told = announce.Announcer(self._dispatch_event, lambda: bool(self._listeners))
        self.actions = actions
        set_actions(actions)
        self._drain_seconds = options.drain_seconds
        self.engine = Engine(
            self.datastore,
            runner,
            clock,
            EngineHooks(
                is_okay_to_run=self._is_gate_open,
                resume_paused=actions.resume_due,
                on_started=told.started,
                on_not_run=told.not_run,
                on_finished=told.finished,
            ),
            options.thread_pool_size,
            options.observers,
        )
        actions.instance_id = self.engine.instance.id
        actions.on_change = self._job_changed
        actions.on_queued = self.engine.loop.add_queued

    @classmethod
    def hooks(cls) -> Hooks:
        """How the runner calls the class methods that a user's class overrides."""
        return Hooks.of(cls, BaseScheduler)

    # -- hooks of old ---------------------------------------------------------------------

    @classmethod
    def is_okay_to_run(cls, datastore: DatastoreBase) -> bool:
        """False keeps this process from claiming anything; asked before every claim."""
        return True

    @classmethod
    def run_job(
        cls,
        job_class_path: str,
        job_id: str,
        db_class_path: str | None = None,
        db_config: dict[str, Any] | None = None,
        db_tablenames: dict[str, str] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> str | None:
        """Run one execution of a job; its id. The database's settings are given as None."""
        run = current_run()
        if run is None:
            return run_directly(job_class_path, job_id, args, kwargs)
        return run.resolve_and_run(job_class_path, *args, **kwargs)

    @classmethod
    def run_scheduler_job(
        cls,
        job_class: Any,
        job_id: str,
        execution_id: str,
        datastore: DatastoreBase,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Run the code of `job_class` for an execution that is started."""
        run = current_run()
        if run is None:
            raise SchedulerStateError("run_scheduler_job() is called within an execution only.")
        run.perform(job_class, execution_id, *args, **kwargs)

    @classmethod
    def pre_run(
        cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kwargs: Any
    ) -> None:
        """Called before the job's code; an exception makes the execution `scheduled error`."""

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
        """Called after the job's code, with its result as text."""

    def add_scheduler_job(
        self,
        job_class_string: str,
        name: str,
        pub_args: Sequence[Any] | None = None,
        month: str | None = None,
        day_of_week: str | None = None,
        day: str | None = None,
        hour: str | None = None,
        minute: str | None = None,
        **kwargs: Any,
    ) -> str:
        """Add a job that fires by cron fields; its id. `kwargs` are keyword arguments of run()."""
        who = _acting.get()
        cron = {"month": month, "day_of_week": day_of_week, "day": day}
        cron |= {"hour": hour, "minute": minute}
        given = replace(
            who.given,
            name=name,
            job_class_string=job_class_string,
            pub_args=pub_args,
            kwargs=kwargs,
            trigger=_cron_spec(cron, who.given),
        )
        return self.actions.add(given, who.actor).id

    def modify_scheduler_job(self, job_id: str, **kwargs: Any) -> None:
        """Change a job: name, job_class_string, pub_args, cron fields and further fields."""
        self._modify(job_id, kwargs)

    # -- APScheduler's API ----------------------------------------------------------------

    def start(self, paused: bool = False) -> None:
        """Begin to claim and run jobs."""
        if self.engine is None:
            raise SchedulerStateError("The scheduler is built by SchedulerManager, not alone.")
        if self.state != STATE_STOPPED:
            raise SchedulerStateError("The scheduler runs already.")
        self.engine.loop.hold(paused)
        self.engine.start()
        self.state = STATE_PAUSED if paused else STATE_RUNNING
        self._dispatch_event(events.SchedulerEvent(events.EVENT_SCHEDULER_STARTED))

    def shutdown(self, wait: bool = True) -> None:
        """End; with `wait`, what runs may end within the drain time first."""
        if self.engine is None or self.state == STATE_STOPPED:
            raise SchedulerStateError("The scheduler does not run.")
        self.state = STATE_STOPPED
        self.engine.stop(self._drain_seconds if wait else 0.0)
        self._dispatch_event(events.SchedulerEvent(events.EVENT_SCHEDULER_SHUTDOWN))

    def pause(self) -> None:
        """Claim and start nothing until `resume()`."""
        self._hold(True, events.EVENT_SCHEDULER_PAUSED)

    def resume(self) -> None:
        """Claim and start again."""
        self._hold(False, events.EVENT_SCHEDULER_RESUMED)

    def wakeup(self) -> None:
        """Look for due jobs at once."""
        if self.engine is not None:
            self.engine.wake()

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
        who = _acting.get()
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
        self.actions.modify(job_id, JobFields(trigger=spec, **further), _acting.get().actor)
        return self.get_job(job_id)

    def pause_job(self, job_id: str, jobstore: str | None = None) -> SchedulerJob:
        """Pause a job."""
        return self._view(self.actions.pause(job_id, _acting.get().actor))

    def resume_job(self, job_id: str, jobstore: str | None = None) -> SchedulerJob:
        """Let a paused job fire again."""
        return self._view(self.actions.resume(job_id, _acting.get().actor))

    def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
        """Delete a job."""
        self.actions.remove(job_id, _acting.get().actor)

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

    def _process_jobs(self) -> float:
        """[compat] Where APScheduler's own loop would claim; ours is woken."""
        self.wakeup()
        return float(self.DEFAULT_WAIT_SECONDS)

    def _modify(self, job_id: str, changes: dict[str, Any]) -> None:
        who = _acting.get()
        cron = {name: changes.pop(name) for name in CRON_NAMES if name in changes}
        known = {entry.name for entry in fields(JobFields)}
        for name in changes:
            if name not in known:
                raise InvalidInput(name, "is not a field of a job; pass it in kwargs={...}")
        given = replace(who.given, **changes)
        if cron:
            given = replace(given, trigger=_cron_spec(cron, who.given))
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

    def _hold(self, holding: bool, code: int) -> None:
        if self.engine is None or self.state == STATE_STOPPED:
            raise SchedulerStateError("The scheduler does not run.")
        self.engine.loop.hold(holding)
        self.state = STATE_PAUSED if holding else STATE_RUNNING
        self._dispatch_event(events.SchedulerEvent(code))

    def _is_gate_open(self) -> bool:
        try:
            return bool(self.is_okay_to_run(self.datastore))
        except Exception:
            logger.exception("is_okay_to_run() failed; nothing is claimed until it answers.")
            return False

    def _job_changed(self, event: AuditEvent, job_id: str) -> None:
        code = announce.JOB_EVENTS[event]
        self._dispatch_event(events.JobEvent(code, job_id, "default"))
        self.wakeup()


def _cron_spec(cron: dict[str, Any], given: JobFields) -> dict[str, Any]:
    """The cron fields of the old signature, with those beside them that it can not carry."""
    beside = {} if given.trigger is UNSET else dict(given.trigger)
    return {**beside, **cron, "type": "cron"}
