"""Runs one execution: resolve the class, run its code, say how it ended.

The runner knows no APScheduler and no web server. Where a user's scheduler class overrides
`run_job`, `run_scheduler_job`, `pre_run` or `post_run`, or a job class overrides `run_job`, the
overriding code is called with the signature of old, and what it leaves to `super()` comes back
here through `current_run()`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from ndscheduler.corescheduler import codec, outcome
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.constants import DEFAULT_RESULT_MAX_BYTES, ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import DatastoreUnavailable, InvalidArgument
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Execution, Finish
from ndscheduler.corescheduler.outcome import Outcome
from ndscheduler.corescheduler.registry import Registry

logger = logging.getLogger(__name__)

HOOK_NAMES = ("run_job", "run_scheduler_job", "pre_run", "post_run")


class Observer(Protocol):
    """Is told of executions, off the hot path, after their end is stored."""

    def execution_finished(self, finish: Finish) -> None:
        """`finish` is in the database now."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The class methods of a user's scheduler class, and the names of those that it overrides."""

    scheduler_class: Any
    overridden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scheduler_class: Any, base: Any) -> Hooks:
        """The hooks in which `scheduler_class` differs from `base`."""
        changed = (
            name for name in HOOK_NAMES if _function(scheduler_class, name) != _function(base, name)
        )
        return cls(scheduler_class, frozenset(changed))

    def run_job(self, run: Run) -> None:
        """Call `run_job` of the scheduler class."""
        execution = run.execution
        # The place of the database's configuration is kept, its content is not given out.
        blanks = (None, None, None)
        self.scheduler_class.run_job(
            execution.job_class_string, execution.job_id, *blanks, *run.args, **run.kwargs
        )

    def run_scheduler_job(self, run: Run, *args: Any, **kwargs: Any) -> Any:
        """What `run_scheduler_job` of the scheduler class returns."""
        execution = run.execution
        return self.scheduler_class.run_scheduler_job(
            run.job_class, execution.job_id, execution.id, run.datastore, *args, **kwargs
        )


@dataclass(slots=True)
class Run:
    """One execution while its code runs. Made by the runner, one per execution."""

    execution: Execution
    datastore: DatastoreBase
    registry: Registry
    hooks: Hooks
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outcome: Outcome | None = None
    job_class: Any = None
    # The instance of the job class, where ours made it.
    job: Any = None
    # The job class overrides JobBase.run_job.
    has_own_run_job: bool = False
    # The id that the job's code sees.
    execution_id: str = ""
    answer: Any = None

    def resolve_and_run(self, job_class_path: str, *args: Any, **kwargs: Any) -> str:
        """What `run_job` of a scheduler class does: find the class, then run it; its id."""
        self.job_class = self.registry.resolve(job_class_path)
        if "run_scheduler_job" in self.hooks.overridden:
            self.answer = self.hooks.run_scheduler_job(self, *args, **kwargs)
        else:
            self.perform(self.job_class, self.execution.id, *args, **kwargs)
        return self.execution.id

    def perform(self, job_class: Any, execution_id: str, *args: Any, **kwargs: Any) -> None:
        """What `run_scheduler_job` does: pre_run, the job's code, post_run.

        A `run_job` of old records an execution of its own beside ours and names its id here:
        both end alike.
        """
        self.job_class, self.execution_id = job_class, execution_id
        self._perform(*args, **kwargs)
        if execution_id != self.execution.id and self.outcome is not None:
            self.datastore.update_execution(
                execution_id,
                state=self.outcome.state,
                result=self.outcome.result,
                description=self.outcome.description,
            )

    def _perform(self, *args: Any, **kwargs: Any) -> None:
        try:
            self._call_hook("pre_run", *args, **kwargs)
        except BaseException:  # noqa: BLE001 - a hook is the user's code: its exit ends this execution only
            self.outcome = outcome.not_started(self.job_class)
            return
        self._tell_that_it_runs()
        self.outcome = self._outcome_of_code(*args, **kwargs)
        try:
            self._call_hook("post_run", self.outcome.result, *args, **kwargs)
        except BaseException:  # the job has ended; its own outcome stays what it was
            logger.exception("post_run() failed after execution %s.", self.execution.id)

    def _outcome_of_code(self, *args: Any, **kwargs: Any) -> Outcome:
        try:
            result = self._call_code(*args, **kwargs)
            if inspect.isawaitable(result):
                result = asyncio.run(_awaited(result))
            return outcome.returned(self._subject(), result)
        except BaseException:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of a job end that job only
            return outcome.failed(self._subject())

    def _call_code(self, *args: Any, **kwargs: Any) -> Any:
        ids = (self.execution.job_id, self.execution_id)
        if _function(self.job_class, "run_job") != _function(JobBase, "run_job"):
            self.has_own_run_job = True
            return self.job_class.run_job(*ids, *args, **kwargs)
        # What JobBase.run_job does, but the job is kept: its describing methods may be its own.
        self.job = self.job_class(*ids)
        return self.job.run(*args, **kwargs)

    def _subject(self) -> Any:
        """What is asked for descriptions: the job, or its class where ours did not make the job."""
        return self.job_class if self.job is None else self.job

    def _call_hook(self, name: str, *args: Any, **kwargs: Any) -> None:
        if name in self.hooks.overridden:
            hook = getattr(self.hooks.scheduler_class, name)
            hook(self.job_class, self.execution.job_id, self.execution_id, *args, **kwargs)

    def _tell_that_it_runs(self) -> None:
        """Store what a job class that overrides the describing hooks says before its code runs."""
        for hook in ("get_scheduled_description", "get_running_description"):
            if _function(self.job_class, hook) in (None, _function(JobBase, hook)):
                continue
            text = outcome.described(self.job_class, hook)
            columns = {"description": text}
            update = self.datastore.executions.update_columns
            try:
                self.datastore.write(update, self.execution_id, columns)
            except DatastoreUnavailable as error:
                logger.warning("%s() was not stored: %s", hook, error)


_current_run: ContextVar[Run | None] = ContextVar("ndscheduler_current_run", default=None)


def current_run() -> Run | None:
    """The run that the calling code is part of; None outside of one."""
    return _current_run.get()


class Runner:
    """Runs executions, one per call, in the thread of the caller."""

    def __init__(
        self,
        datastore: DatastoreBase,
        registry: Registry,
        hooks: Hooks,
        clock: SteadyClock,
        result_max_bytes: int = DEFAULT_RESULT_MAX_BYTES,
    ) -> None:
        self._datastore = datastore
        self._registry = registry
        self._hooks = hooks
        self._clock = clock
        self._result_max_bytes = result_max_bytes

    def run(self, execution: Execution) -> Finish | None:
        """Run `execution`, which is started and ours; how it ended. Never raises.

        None where overriding code has stored the end itself.
        """
        try:
            ended = self._outcome_of(execution)
        except BaseException as error:  # noqa: BLE001 - no job may end the thread that runs it
            summary = f"The run ended with {type(error).__name__}."
            ended = Outcome(ExecutionState.FAILED, summary, error_summary=summary)
        return None if ended is None else self._finish(execution, ended)

    def _outcome_of(self, execution: Execution) -> Outcome | None:
        run = Run(
            execution,
            self._datastore,
            self._registry,
            self._hooks,
            tuple(execution.pub_args),
            execution.kwargs,
        )
        token = _current_run.set(run)
        try:
            _refuse_unreadable(execution)
            self._call(run)
        except BaseException:  # an override or the import of the class failed
            if run.outcome is None:
                return outcome.not_started(run.job_class)
            logger.exception("The scheduler class failed after execution %s.", execution.id)
        finally:
            _current_run.reset(token)
        if run.outcome is not None and not run.has_own_run_job:
            return run.outcome
        return self._left_to_override(run)

    def _call(self, run: Run) -> None:
        if "run_job" not in self._hooks.overridden:
            run.resolve_and_run(run.execution.job_class_string, *run.args, **run.kwargs)
        else:
            self._hooks.run_job(run)

    def _left_to_override(self, run: Run) -> Outcome | None:
        """The outcome where overriding code may have stored one itself: then None."""
        try:
            state = self._datastore.read(self._datastore.executions.state_of, run.execution.id)
        except DatastoreUnavailable:
            # An end that overriding code has stored is not overwritten: the row tells them apart.
            state = ExecutionState.RUNNING
        if state not in (ExecutionState.RUNNING, ExecutionState.STOPPING):
            return None
        if run.outcome is not None:
            return run.outcome
        try:
            return outcome.returned(run.job_class, run.answer)
        except TypeError:
            return Outcome(ExecutionState.SUCCEEDED, "null")

    def _finish(self, execution: Execution, ended: Outcome) -> Finish:
        return Finish(
            execution=execution,
            state=ended.state,
            finished_time=self._clock.now(),
            result=self._storable(ended.result),
            description=self._storable(ended.description),
            error_summary=self._storable(ended.error_summary),
            exit_code=ended.exit_code,
        )

    def _storable(self, text: str | None) -> str | None:
        return None if text is None else storable(text, self._result_max_bytes)


def storable(text: str, max_bytes: int) -> str:
    """`text` as databases take it: no NUL, no lone surrogate, at most `max_bytes` of UTF-8."""
    clean = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    raw = clean.encode("utf-8", "replace")
    if len(raw) <= max_bytes:
        return raw.decode("utf-8")
    kept = raw[:max_bytes].decode("utf-8", "ignore")
    return f"{kept}\n... cut: {len(raw)} bytes, of which RESULT_MAX_BYTES keeps {max_bytes}"


def _refuse_unreadable(execution: Execution) -> None:
    """Raise InvalidArgument for an argument that the upgrade from 0.x could not keep."""
    for field, text in (("pub_args", execution.args_json), ("kwargs", execution.kwargs_json)):
        shown = codec.find_unreadable(text)
        if shown is not None:
            raise InvalidArgument(field, f"{shown} could not be kept: give the job another value")


async def _awaited(result: Any) -> Any:
    return await result


def _function(owner: Any, name: str) -> Callable[..., Any] | None:
    method = getattr(owner, name, None)
    return getattr(method, "__func__", method)
