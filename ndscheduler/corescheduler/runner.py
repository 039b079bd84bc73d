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
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from ndscheduler.corescheduler import outcome
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.constants import DEFAULT_RESULT_MAX_BYTES, ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import (
    DatastoreUnavailable,
    InvalidArgument,
    SecretNotAvailable,
)
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.masking import NO_MASK, Mask, MaskingFilter, masking
from ndscheduler.corescheduler.models import Execution, Finish
from ndscheduler.corescheduler.outcome import MAX_SUMMARY, Outcome
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.run_arguments import arguments_of
from ndscheduler.corescheduler.run_hooks import Hooks, function_of
from ndscheduler.corescheduler.secrets_file import SecretsFile

logger = logging.getLogger(__name__)
logger.addFilter(MaskingFilter())


class Observer(Protocol):
    """Is told of executions, off the hot path, after their end is stored."""

    def execution_finished(self, finish: Finish) -> None:
        """`finish` is in the database now."""


@dataclass(slots=True)
class Run:
    """One execution while its code runs. Made by the runner, one per execution."""

    execution: Execution
    datastore: DatastoreBase
    registry: Registry
    hooks: Hooks
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    mask: Mask = NO_MASK
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
            self.outcome = outcome.not_started(self.job_class).masked(self.mask)
            return
        self._tell_that_it_runs()
        self.outcome = self._outcome_of_code(*args, **kwargs).masked(self.mask)
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
        if function_of(self.job_class, "run_job") != function_of(JobBase, "run_job"):
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
            if function_of(self.job_class, hook) in (None, function_of(JobBase, hook)):
                continue
            text = outcome.described(self.job_class, hook)
            columns = {"description": None if text is None else self.mask.text(text)}
            update = self.datastore.executions.update_columns
            try:
                self.datastore.write(update, self.execution_id, columns)
            except DatastoreUnavailable as error:
                logger.warning("%s() was not stored: %s", hook, error)


_current_run: ContextVar[Run | None] = ContextVar("ndscheduler_current_run", default=None)


def current_run() -> Run | None:
    """The run that the calling code is part of; None outside of one."""
    return _current_run.get()


@dataclass(frozen=True, slots=True)
class RunRules:
    """What is kept of a result, and where secrets come from."""

    result_max_bytes: int = DEFAULT_RESULT_MAX_BYTES
    secrets: SecretsFile = field(default_factory=SecretsFile)


class Runner:
    """Runs executions, one per call, in the thread of the caller."""

    def __init__(
        self,
        datastore: DatastoreBase,
        registry: Registry,
        hooks: Hooks,
        clock: SteadyClock,
        rules: RunRules,
    ) -> None:
        self._datastore = datastore
        self._registry = registry
        self._hooks = hooks
        self._clock = clock
        self._result_max_bytes = rules.result_max_bytes
        self._secrets = rules.secrets

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
        try:
            given = arguments_of(execution, self._secrets)
        except SecretNotAvailable as error:
            return outcome.refused(str(error))
        except (InvalidArgument, ValueError):
            return outcome.not_started(None)
        parts = (self._datastore, self._registry, self._hooks)
        run = Run(execution, *parts, given.args, given.kwargs, given.mask)
        with masking(run.mask):
            ended = self._outcome_of_run(run)
        return None if ended is None else ended.masked(run.mask)

    def _outcome_of_run(self, run: Run) -> Outcome | None:
        token = _current_run.set(run)
        try:
            self._call(run)
        except BaseException:  # an override or the import of the class failed
            if run.outcome is None:
                return outcome.not_started(run.job_class)
            logger.exception("The scheduler class failed after execution %s.", run.execution.id)
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
        summary = ended.error_summary
        return Finish(
            execution=execution,
            state=ended.state,
            finished_time=self._clock.now(),
            result=self._storable(ended.result),
            description=self._storable(ended.description),
            error_summary=self._storable(summary and summary[:MAX_SUMMARY]),
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


async def _awaited(result: Any) -> Any:
    return await result
