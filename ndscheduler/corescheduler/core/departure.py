"""How an instance leaves: nothing of it is lost, and it takes no longer than it was given."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ndscheduler.corescheduler.core.claim_loop import ClaimLoop
from ndscheduler.corescheduler.core.finish_writer import FinishWriter
from ndscheduler.corescheduler.core.heartbeat import Heartbeat
from ndscheduler.corescheduler.core.interruption import interrupt_executions
from ndscheduler.corescheduler.core.notifier import Notifier
from ndscheduler.corescheduler.core.requeue import requeue_unbegun
from ndscheduler.corescheduler.core.retention import RetentionThread
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.executors.threads import ThreadExecutor
from ndscheduler.corescheduler.models import Execution

logger = logging.getLogger(__name__)

# After the drain: how long results may take into the database, and the instance to sign off.
FLUSH_SECONDS = 5.0
LAST_TURN_SECONDS = 4.0
# How long to wait for a database that has not taken the results already.
AWAY_SECONDS = 1.5
SIGN_OFF_SECONDS = 4.0
NOTIFY_SECONDS = 5.0
# The same when somebody does not want to wait. It all adds up to less than two seconds.
HASTY_LOOP_SECONDS = 0.3
HASTY_FLUSH_SECONDS = 0.4
HASTY_SIGN_OFF_SECONDS = 1.0

RETRY_SECONDS = 0.25
# A transaction of the loop that is under way ends by its own deadline.
LOOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Leaving:
    """The parts of an instance that end with it."""

    datastore: DatastoreBase
    instance_id: str
    loop: ClaimLoop
    executor: ThreadExecutor
    writer: FinishWriter
    heartbeat: Heartbeat
    notifier: Notifier
    retention: RetentionThread
    held_ids: Callable[[], list[str]]
    on_interrupted: Callable[[Sequence[Execution]], None]


class Departure:
    """Ends one instance, in good order or at once. Both may be asked for, from any thread."""

    def __init__(self, parts: Leaving) -> None:
        self._parts = parts
        self._is_over = threading.Event()

    def leave(self, drain_seconds: float) -> None:
        """Start nothing more, let what runs end within `drain_seconds`, store every result.

        Meanwhile the heartbeat goes on: what runs is not to be taken for dead.
        """
        parts = self._parts
        self._start_nothing_more()
        in_thread(self._release_until_done, "ndscheduler-release")
        parts.retention.stop()
        if not parts.executor.drain(drain_seconds):
            count = len(parts.executor.held())
            logger.warning("%d executions did not end within %g s.", count, drain_seconds)
        parts.executor.stop()
        answers = self._settle(FLUSH_SECONDS)
        # A start under way that took effect after the sign-off would belong to nobody.
        parts.loop.stop(LAST_TURN_SECONDS if answers else AWAY_SECONDS)
        reason = f"Its scheduler was stopped; it did not end within {drain_seconds:g} seconds."
        if self._sign_off_within(SIGN_OFF_SECONDS if answers else AWAY_SECONDS, reason):
            # The database answers again: what was only written down before may be stored now.
            parts.writer.flush(FLUSH_SECONDS)
        self._is_over.set()
        parts.writer.close()
        parts.heartbeat.close(timeout_seconds=0.5)
        parts.notifier.stop(NOTIFY_SECONDS)

    def leave_at_once(self, reason: str) -> None:
        """Make what runs `interrupted`, with `reason`, and keep what has ended; in two seconds."""
        self._start_nothing_more()
        self._parts.loop.stop(HASTY_LOOP_SECONDS)
        self._settle(HASTY_FLUSH_SECONDS)
        self._sign_off_within(HASTY_SIGN_OFF_SECONDS, reason)

    def _start_nothing_more(self) -> None:
        self._parts.loop.close()
        self._parts.executor.close()

    def _release_until_done(self) -> None:
        """Queue again what is marked ours and has not begun: others may take it."""
        # A start that is under way may mark more.
        self._parts.loop.stop(LOOP_SECONDS)
        level = logging.WARNING
        is_last = False
        while not is_last:
            is_last = self._is_over.is_set()
            try:
                self._parts.datastore.loop.write(self._release)
                return
            except Exception as error:  # noqa: BLE001 - tried again, and at the sign-off once more
                logger.log(level, "What has not begun could not be queued again yet: %s", error)
            level = logging.DEBUG
            self._is_over.wait(RETRY_SECONDS)

    def _settle(self, timeout_seconds: float) -> bool:
        """Store the results of what has ended; False where they had to be written down."""
        writer = self._parts.writer
        if writer.flush(timeout_seconds):
            return True
        path = writer.write_down()
        if path is not None:
            waiting = writer.backlog()
            logger.warning("%d results are not stored yet; %s keeps them.", waiting, path)
        lost = writer.unwritten_ids()
        if lost:
            logger.error("The results of %d executions are lost: %s", len(lost), ", ".join(lost))
        return False

    def _sign_off_within(self, seconds: float, reason: str) -> bool:
        """Say what became of the rest; False if the database is away: then a reaper will."""
        done, is_recorded = threading.Event(), threading.Event()

        def sign_off() -> None:
            try:
                interrupted = self._parts.datastore.loop.write(self._sign_off, reason)
            except Exception as error:  # noqa: BLE001 - the end must come, whatever fails
                logger.warning("The end of this instance could not be recorded: %s", error)
            else:
                is_recorded.set()
                self._tell(interrupted)
            done.set()

        in_thread(sign_off, "ndscheduler-sign-off")
        if not done.wait(seconds):
            logger.warning("The end of this instance is not recorded: the database is silent.")
        return is_recorded.is_set()

    def _sign_off(self, connection: Connection, reason: str) -> list[Execution]:
        """Release what has not begun, interrupt what still runs, say that we are gone."""
        parts = self._parts
        self._release(connection)
        pending = parts.writer.pending_ids()
        found = interrupt_executions(
            connection, parts.datastore, parts.instance_id, reason, pending
        )
        # Else the results that are not stored yet would at once be taken for those of a dead
        # process. Without it the lease must pass first, and they have that long.
        if not pending:
            parts.heartbeat.leave(connection)
        return found

    def _release(self, connection: Connection) -> None:
        parts = self._parts
        held = parts.held_ids()
        count = requeue_unbegun(connection, parts.datastore, parts.instance_id, held)
        if count:
            logger.info("%d executions that had not begun were queued again.", count)

    def _tell(self, interrupted: Sequence[Execution]) -> None:
        if interrupted:
            logger.warning(
                "%d executions were interrupted by the end of this scheduler: %s",
                len(interrupted),
                ", ".join(execution.id for execution in interrupted),
            )
            self._parts.on_interrupted(interrupted)


def in_thread(act: Callable[[], object], name: str) -> threading.Thread:
    """Do `act` in a thread that does not keep the process from ending."""
    thread = threading.Thread(target=act, name=name, daemon=True)
    thread.start()
    return thread
