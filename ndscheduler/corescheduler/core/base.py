"""BaseScheduler: APScheduler's face before our own loop and store.

Users subclass it (`SCHEDULER_CLASS`) to override `is_okay_to_run`, `run_job`,
`run_scheduler_job`, `pre_run`, `post_run`, `add_scheduler_job` or `modify_scheduler_job`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from apscheduler import events
from apscheduler.schedulers.base import (
    STATE_PAUSED,
    STATE_RUNNING,
    STATE_STOPPED,
)

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.core import announce
from ndscheduler.corescheduler.core.acting import cron_spec, who_acts
from ndscheduler.corescheduler.core.direct_run import run_directly, set_actions
from ndscheduler.corescheduler.core.engine import Engine, EngineHooks, EngineOptions
from ndscheduler.corescheduler.core.job_api import JobApi
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import SchedulerStateError
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.run_hooks import Hooks
from ndscheduler.corescheduler.runner import Runner, RunRules, current_run
from ndscheduler.corescheduler.secrets_file import SecretsFile

logger = logging.getLogger(__name__)


class BaseScheduler(JobApi):
    """The scheduler of one process."""

    # How long a closed gate is left closed before it is asked again, at most.
    DEFAULT_WAIT_SECONDS: ClassVar[int] = 60

    state: int

    def __init__(self, datastore_class_path: str, *args: Any, **kwargs: Any) -> None:
        self.datastore_class_path = datastore_class_path
        stores = kwargs.pop("jobstores", {})
        kwargs.pop("executors", None)
        self.datastore: DatastoreBase = stores["default"]
        self.engine: Engine | None = None
        self._drain_seconds = 0.0
        self._was_started = False
        super().__init__(*args, **kwargs)

    def assemble(self, registry: Registry, actions: JobActions, options: EngineOptions) -> None:
        """Put the running parts together; `start` starts them."""
        clock = SteadyClock()
        rules = RunRules(options.result_max_bytes, SecretsFile(options.secrets_file))
        runner = Runner(self.datastore, registry, self.hooks(), clock, rules)
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
            options,
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
        who = who_acts()
        cron = {"month": month, "day_of_week": day_of_week, "day": day}
        cron |= {"hour": hour, "minute": minute}
        given = replace(
            who.given,
            name=name,
            job_class_string=job_class_string,
            pub_args=pub_args,
            kwargs=kwargs,
            trigger=cron_spec(cron, who.given),
        )
        return self.actions.add(given, who.actor).id

    def modify_scheduler_job(self, job_id: str, **kwargs: Any) -> None:
        """Change a job: name, job_class_string, pub_args, cron fields and further fields."""
        self._modify(job_id, kwargs)

    # -- APScheduler's API, beside JobApi ---------------------------------------------------

    def start(self, paused: bool = False) -> None:
        """Begin to claim and run jobs."""
        if self.engine is None:
            raise SchedulerStateError("The scheduler is built by SchedulerManager, not alone.")
        if self.state != STATE_STOPPED:
            raise SchedulerStateError("The scheduler runs already.")
        if self._was_started:
            raise SchedulerStateError("A scheduler is started once: make a new SchedulerManager.")
        self._was_started = True
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

    def _process_jobs(self) -> float:
        """[compat] Where APScheduler's own loop would claim; ours is woken."""
        self.wakeup()
        return float(self.DEFAULT_WAIT_SECONDS)

    def _hold(self, holding: bool, code: int) -> None:
        if self.engine is None or self.state == STATE_STOPPED:
            raise SchedulerStateError("The scheduler does not run.")
        self.engine.loop.hold(holding)
        self.state = STATE_PAUSED if holding else STATE_RUNNING
        self._dispatch_event(events.SchedulerEvent(code))

    def _is_gate_open(self) -> bool:
        try:
            return bool(self.is_okay_to_run(self.datastore))
        except BaseException:  # the gate is users' code: its exit must not end the loop
            logger.exception("is_okay_to_run() failed; nothing is claimed until it answers.")
            return False

    def _job_changed(self, event: AuditEvent, job_id: str) -> None:
        code = announce.JOB_EVENTS[event]
        self._dispatch_event(events.JobEvent(code, job_id, "default"))
        self.wakeup()
