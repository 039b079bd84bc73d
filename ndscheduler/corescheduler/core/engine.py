"""The running parts of one scheduler process, started and stopped together."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from ndscheduler.corescheduler.clock import SteadyClock, new_id, utc_now
from ndscheduler.corescheduler.constants import DEFAULT_EXECUTOR
from ndscheduler.corescheduler.core.claim_loop import ClaimLoop
from ndscheduler.corescheduler.core.claiming import LoopParts
from ndscheduler.corescheduler.core.departure import Departure, Leaving, in_thread
from ndscheduler.corescheduler.core.finish_writer import FinishWriter
from ndscheduler.corescheduler.core.guard import Guard, log_stuck
from ndscheduler.corescheduler.core.heartbeat import Heartbeat
from ndscheduler.corescheduler.core.notifier import Notifier
from ndscheduler.corescheduler.core.probe import Probe
from ndscheduler.corescheduler.core.retention import RetentionThread
from ndscheduler.corescheduler.core.spill import spill_for
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.executors.threads import ThreadExecutor
from ndscheduler.corescheduler.keep_rules import KEEP_EVERYTHING, KeepRules
from ndscheduler.corescheduler.models import Execution, Finish, Instance
from ndscheduler.corescheduler.runner import Observer, Runner
from ndscheduler.version import __version__

logger = logging.getLogger(__name__)

# Results that a dead process has left are stored first: later its executions may be taken for dead.
REPLAY_SECONDS = 5.0
LAST_WORDS_SECONDS = 2.0
# A turn of the loop makes a few calls of at most 10 seconds each.
STALLED_SECONDS = 40.0
PROBE_STOP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class EngineHooks:
    """What the scheduler above is asked and told. The `on_` ones run in the notifier's thread."""

    is_okay_to_run: Callable[[], bool]
    resume_paused: Callable[[Connection, datetime], int]
    on_started: Callable[[Sequence[Execution]], None]
    on_not_run: Callable[[Sequence[Execution]], None]
    on_finished: Callable[[Sequence[Finish]], None]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the scheduler runs executions."""

    thread_pool_size: int
    result_max_bytes: int
    drain_seconds: float
    lease_seconds: float
    observers: Sequence[Observer] = ()
    keep: KeepRules = KEEP_EVERYTHING
    # Where results are written that the database does not take; None is the default place.
    spill_dir: str | None = None
    secrets_file: str | None = None
    # Told once, in a sentence, that this process can not go on.
    on_stuck: Callable[[str], None] = log_stuck


def this_instance(options: EngineOptions) -> Instance:
    """A new identity for this process as a scheduler."""
    now = utc_now()
    return Instance(
        id=new_id(),
        kind="scheduler",
        hostname=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        started_at=now,
        heartbeat_at=now,
        lease_seconds=options.lease_seconds,
        threads=options.thread_pool_size,
    )


class Engine:
    """Claim loop, worker threads, finish writer, heartbeat and notifier of one process."""

    def __init__(
        self,
        datastore: DatastoreBase,
        runner: Runner,
        clock: SteadyClock,
        hooks: EngineHooks,
        options: EngineOptions,
    ) -> None:
        self.instance = this_instance(options)
        self._datastore = datastore
        self._runner = runner
        self._clock = clock
        self._hooks = hooks
        self._observers = tuple(options.observers)
        self._on_stuck = options.on_stuck
        self._notifier = Notifier()
        spill = spill_for(datastore, options.spill_dir, self.instance.id)
        self._writer = FinishWriter(datastore, self._stored, spill)
        self._heartbeat = Heartbeat(datastore, self.instance, self._not_run)
        self._executor = ThreadExecutor(
            options.thread_pool_size,
            self._run,
            self.wake,
            # A process that was suspended may have been taken for dead, and its executions too.
            may_begin=lambda: not self._heartbeat.is_fenced(),
            on_given_back=lambda: self.loop.release_unheld(),
        )
        self._retention = RetentionThread(datastore, options.keep)
        self.loop = ClaimLoop(datastore, self._loop_parts())
        self._departure = Departure(self._leaving())
        self.probe = Probe(datastore, self.wake)
        threads = {
            "loop": lambda: self.loop.is_alive,
            "finish writer": lambda: self._writer.is_alive,
            "heartbeat": lambda: self._heartbeat.is_alive,
        }
        self._guard = Guard(threads, datastore.watchdog.overdue_seconds, self._stuck)

    def start(self) -> None:
        """Announce this instance and begin to claim and run."""
        self._notifier.start()
        self._writer.start()
        self._writer.flush(REPLAY_SECONDS)
        try:
            self._datastore.patiently(self._heartbeat.start)
        except BaseException:
            self._writer.close()
            self._notifier.stop(timeout_seconds=0.0)
            raise
        self._executor.start()
        self.loop.start()
        self._retention.start()
        self.probe.start()
        self._guard.start()

    def stop(self, drain_seconds: float) -> None:
        """Claim nothing more, let what runs end within `drain_seconds`, store every result.

        What still runs then is `interrupted` for all to see; its code goes on until the process
        ends, but its result is not stored any more.
        """
        self._guard.stop()
        self._departure.leave(drain_seconds)
        self.probe.stop(PROBE_STOP_SECONDS)

    def stop_at_once(self, reason: str) -> None:
        """Make what runs `interrupted`, with `reason`, and keep the results there are.

        For a process that ends then; takes less than two seconds, whatever the database does.
        """
        self._guard.stop()
        self._departure.leave_at_once(reason)

    def find_problem(self) -> str | None:
        """Why this process does no work now, in one sentence; None when it does. Never waits."""
        if not self.probe.is_answering:
            return "The database does not answer."
        if not self.loop.is_alive:
            return "The scheduler does not run."
        if self.loop.is_failing:
            return "The last turn of the scheduler's loop failed."
        if self._heartbeat.is_fenced():
            return "The last sign of life of this scheduler is too old: others may think it dead."
        if self._heartbeat.is_failing:
            return "The last sign of life of this scheduler could not be stored."
        if self.loop.seconds_since_round() > STALLED_SECONDS:
            return "The scheduler's loop has stopped coming round."
        return None

    def wake(self) -> None:
        """Look for due jobs and queued executions at once."""
        self.loop.wake()

    def running(self) -> list[Execution]:
        """The executions that run here now, or wait for a thread."""
        return self._executor.held()

    def _loop_parts(self) -> LoopParts:
        return LoopParts(
            instance=self.instance,
            executor=DEFAULT_EXECUTOR,
            clock=self._clock,
            is_okay_to_run=self._hooks.is_okay_to_run,
            is_fenced=self._heartbeat.is_fenced,
            capacity=self._executor.capacity,
            backlog=self._writer.backlog,
            held_ids=self._held_ids,
            submit=self._submit,
            on_ended=self._not_run,
            resume_paused=self._hooks.resume_paused,
        )

    def _leaving(self) -> Leaving:
        return Leaving(
            datastore=self._datastore,
            instance_id=self.instance.id,
            loop=self.loop,
            executor=self._executor,
            writer=self._writer,
            heartbeat=self._heartbeat,
            notifier=self._notifier,
            retention=self._retention,
            held_ids=self._held_ids,
            on_interrupted=self._not_run,
        )

    def _held_ids(self) -> list[str]:
        # In this order: a run leaves the executor only after the writer has its end.
        held = [execution.id for execution in self._executor.held()]
        return held + self._writer.pending_ids()

    def _submit(self, executions: Sequence[Execution]) -> None:
        # After the end began, they are queued again with all that has not begun.
        if executions and self._executor.submit(executions):
            self._notifier.publish(lambda: self._hooks.on_started(executions), len(executions))

    def _run(self, execution: Execution) -> None:
        finish = self._runner.run(execution)
        if finish is not None:
            self._writer.add(finish)

    def _not_run(self, executions: Sequence[Execution]) -> None:
        self._notifier.publish(lambda: self._hooks.on_not_run(executions), len(executions))
        self._tell_observers([_ended(execution) for execution in executions])

    def _stored(self, finishes: Sequence[Finish]) -> None:
        if any(finish.execution.series_id for finish in finishes):
            # The next of the series may start now.
            self.loop.look_for_queued()
        size = sum(_size(finish) for finish in finishes)
        self._notifier.publish(lambda: self._hooks.on_finished(finishes), len(finishes), size)
        self._tell_observers(finishes)

    def _stuck(self, problem: str) -> None:
        # What is told may end the process, and must: so no disk that hangs may prevent it.
        in_thread(self._writer.write_down, "ndscheduler-last-words").join(LAST_WORDS_SECONDS)
        self._on_stuck(problem)

    def _tell_observers(self, finishes: Sequence[Finish]) -> None:
        for observer in self._observers:
            for finish in finishes:
                self._notifier.publish(
                    partial(observer.execution_finished, finish), 1, _size(finish)
                )


def _size(finish: Finish) -> int:
    return len(finish.result or "") + len(finish.description or "")


def _ended(execution: Execution) -> Finish:
    """The end of an execution that no code of a job brought about."""
    return Finish(
        execution=execution,
        state=execution.state,
        finished_time=execution.finished_time or execution.updated_time,
        error_summary=execution.error_summary or execution.reason,
    )
