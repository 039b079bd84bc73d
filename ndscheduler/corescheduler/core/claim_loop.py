"""The loop: claim what is due, start what is queued, sleep until there is more."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from ndscheduler.corescheduler.clock import uptime, utc_now
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.core.claiming import (
    LoopParts,
    claim_due,
    endings_of,
    synced_now,
)
from ndscheduler.corescheduler.core.complaints import Complaints
from ndscheduler.corescheduler.core.requeue import requeue_unbegun
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import DatastoreUnavailable, InvalidTrigger
from ndscheduler.corescheduler.models import Execution
from ndscheduler.corescheduler.triggers import parse_trigger

logger = logging.getLogger(__name__)

CLAIM_CHUNK = 500
MIN_CHUNK = 10
# What this process remembers of its own claims; beyond that the database is asked.
MAX_READY = 5_000
POLL_SECONDS = 1.0
# A claim by another instance is over by then.
OTHERS_CLAIM_SECONDS = 0.1
MAX_WARM = 20_000
RETRY_SECONDS = 0.25
# Results that wait for the database hold up new starts, so that memory stays bounded.
MAX_BACKLOG = 10_000


class ClaimLoop:
    """A thread that goes round for ever: whatever fails is logged, counted and tried again."""

    def __init__(self, datastore: DatastoreBase, parts: LoopParts) -> None:
        self._datastore = datastore
        self._parts = parts
        self._ready: deque[Execution] = deque()
        # Queued rows may be in the database that are not in `_ready`.
        self._ask_database = True
        self._asked_at = 0.0
        # How many jobs one claim, and how many executions one start takes at most.
        self._chunk = CLAIM_CHUNK
        self._warmed_for: datetime | None = None
        self._wake = threading.Condition()
        self._woken = False
        self._closing = False
        self._holding = False
        # A start failed: whether rows are marked ours that we never ran is not known.
        self._start_in_doubt = False
        self._given_back = threading.Event()
        self.failures = 0
        # Whether the last turn that ended, ended in a failure.
        self.is_failing = False
        self._complaints = Complaints(logger)
        self._came_round_at = uptime()
        self._thread = threading.Thread(target=self._work, name="ndscheduler-loop", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Go round at once: a job was edited, a thread is free, an execution was asked for."""
        with self._wake:
            self._woken = True
            self._wake.notify_all()

    def add_queued(self, execution: Execution) -> None:
        """Start `execution`, whose queued row is in the database, as soon as there is room."""
        with self._wake:
            self._ready.append(execution)
        self.wake()

    def look_for_queued(self) -> None:
        """Ask the database at once for queued executions."""
        self._ask_database = True
        self.wake()

    def release_unheld(self) -> None:
        """Queue again, soon, what is marked ours and was given back without being run."""
        self._given_back.set()
        self.wake()

    def hold(self, holding: bool) -> None:
        """Claim and start nothing while `holding`."""
        self._holding = holding
        self.wake()

    def close(self) -> None:
        """Claim and start nothing any more, from now on. Does not wait."""
        self._closing = True
        self.wake()

    def stop(self, timeout_seconds: float) -> None:
        """Close, and wait for the end of the thread, at most `timeout_seconds`."""
        self.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    @property
    def is_alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def seconds_since_round(self) -> float:
        """How long ago the loop last came round, be it with a failure; seldom above a second."""
        return uptime() - self._came_round_at

    def _work(self) -> None:
        while not self._closing:
            try:
                pause = self._turn()
                self.is_failing = False
                self._chunk = min(CLAIM_CHUNK, 2 * self._chunk)
                self._complaints.end("The loop works again.")
            except DatastoreUnavailable as error:
                self._complaints.add("The loop goes on without the database: %s", error)
                pause = self._fail()
            except Exception:
                logger.exception("A turn of the loop failed; going on.")
                pause = self._fail()
            self._came_round_at = uptime()
            self._sleep(pause)

    def _fail(self) -> float:
        """After a failure only the database knows what is queued; how long to sleep then."""
        self.failures += 1
        self.is_failing = True
        # A database that is only slow must be able to do less in the same time.
        self._chunk = max(MIN_CHUNK, self._chunk // 4)
        with self._wake:
            self._ready.clear()
        self._ask_database = True
        return RETRY_SECONDS

    def _sleep(self, seconds: float) -> None:
        with self._wake:
            if not self._woken:
                self._wake.wait(seconds)
            self._woken = False

    def _turn(self) -> float:
        """Claim and start; how many seconds to sleep before the next turn."""
        if self._holding:
            return POLL_SECONDS
        if self._parts.is_fenced():
            return RETRY_SECONDS
        self._release_doubtful()
        may_claim = self._parts.is_okay_to_run()
        count = self._claim() if may_claim else None
        self._start(None if may_claim else (TriggerKind.MANUAL,))
        if count == 0:
            # Another instance claims what is due: what it has no threads for is queued soon.
            soon = uptime() + OTHERS_CLAIM_SECONDS - POLL_SECONDS
            self._asked_at = min(self._asked_at, soon)
        if count is not None and count >= self._chunk:
            return 0.0
        return self._seconds_to_next_wake() if may_claim else POLL_SECONDS

    def _seconds_to_next_wake(self) -> float:
        wake = self._datastore.loop.read(self._datastore.claims.next_wake)
        if wake is None:
            return POLL_SECONDS
        self._warm_up(wake)
        seconds = max(0.0, (wake - self._now()) / timedelta(seconds=1))
        return min(seconds, self._seconds_to_next_question())

    def _seconds_to_next_question(self) -> float:
        """How long until the database is to be asked again for what others have queued.

        Jobs that fire every second wake the loop a moment before that time, each time: were it to
        sleep until they fire again, it would ask every other second only.
        """
        seconds = self._asked_at + POLL_SECONDS - uptime()
        # Overdue, it was not asked for want of room: a thread that gets free wakes the loop.
        return min(POLL_SECONDS, seconds) if seconds > 0 else POLL_SECONDS

    def _warm_up(self, wake: datetime) -> None:
        """Read the triggers that are due at `wake` while there is time, not at the instant."""
        if wake == self._warmed_for or wake - self._now() > timedelta(seconds=2 * POLL_SECONDS):
            return
        self._warmed_for = wake
        claims = self._datastore.claims
        for stored in self._datastore.loop.read(claims.triggers_due, wake, MAX_WARM):
            try:
                parse_trigger(*stored)
            except InvalidTrigger:
                # The claim records it.
                continue

    def _now(self) -> datetime:
        """The database's time, which is this machine's on SQLite."""
        if self._datastore.dialect.name == "sqlite":
            return utc_now()
        return self._datastore.loop.read(self._datastore.dialect.now)

    def _claim(self) -> int | None:
        """Claim one chunk of due jobs; how many, or None if none was due."""
        wake = self._datastore.loop.read(self._datastore.claims.next_wake)
        if wake is None or wake > self._now():
            return None
        count, executions = self._datastore.loop.write(
            claim_due, self._datastore, self._parts, self._chunk
        )
        queued = [e for e in executions if e.state is ExecutionState.SCHEDULED]
        ended = [e for e in executions if e.state is not ExecutionState.SCHEDULED]
        self._remember(queued)
        if ended:
            self._parts.on_ended(ended)
        return count

    def _remember(self, queued: Sequence[Execution]) -> None:
        # Of a series only the first may start, which the database decides.
        alone = [execution for execution in queued if execution.series_id is None]
        with self._wake:
            fits = max(0, MAX_READY - len(self._ready))
            self._ready.extend(alone[:fits])
        if len(alone) > fits or len(alone) < len(queued):
            self._ask_database = True

    def _start(self, kinds: Sequence[TriggerKind] | None) -> None:
        """Start what is queued, as much as there is room for."""
        room = min(self._parts.capacity(), self._chunk)
        while room > 0 and not self._closing and self._parts.backlog() < MAX_BACKLOG:
            # Once a second the database comes first, so that what is not in memory does not
            # wait behind all that is.
            is_asked = uptime() >= self._asked_at + POLL_SECONDS and self._has_queued(kinds)
            candidates = [] if is_asked else self._next_ready(room, kinds)
            if not candidates and not is_asked and not self._has_queued(kinds):
                return
            self._start_in_doubt = True
            won, missed, asked = self._datastore.loop.write(self._start_in, candidates, room, kinds)
            self._start_in_doubt = False
            self._parts.submit(won)
            self._came_round_at = uptime()
            if missed:
                self._parts.on_ended(missed)
            if not won and not missed and not asked:
                return
            room = min(self._parts.capacity(), self._chunk)

    def _release_doubtful(self) -> None:
        """Queue again what is marked ours and that no thread holds: its code has not begun."""
        if not (self._start_in_doubt or self._given_back.is_set()):
            return
        # Before the held ones are read: what is given back from now on is another round's.
        self._given_back.clear()
        owner_id, held = self._parts.instance.id, self._parts.held_ids()
        count = self._datastore.loop.write(requeue_unbegun, self._datastore, owner_id, held)
        self._start_in_doubt = False
        if count:
            logger.warning("%d executions that had not begun were queued again.", count)

    def _has_queued(self, kinds: Sequence[TriggerKind] | None) -> bool:
        """True if the database holds queued executions; asked once a second unless we know."""
        if not self._ask_database and uptime() < self._asked_at + POLL_SECONDS:
            return False
        self._asked_at = uptime()
        queued = self._datastore.lifecycle.queued
        found = self._datastore.loop.read(queued, self._parts.executor, 1, kinds)
        self._ask_database = bool(found)
        return self._ask_database

    def _next_ready(self, room: int, kinds: Sequence[TriggerKind] | None) -> list[Execution]:
        with self._wake:
            if kinds is not None:
                fit = [execution for execution in self._ready if execution.trigger_kind in kinds]
                chosen = {execution.id for execution in fit[:room]}
                self._ready = deque(e for e in self._ready if e.id not in chosen)
                return fit[:room]
            return [self._ready.popleft() for _ in range(min(room, len(self._ready)))]

    def _start_in(
        self,
        connection: Connection,
        candidates: list[Execution],
        room: int,
        kinds: Sequence[TriggerKind] | None,
    ) -> tuple[list[Execution], list[Execution], bool]:
        lifecycle = self._datastore.lifecycle
        if not candidates:
            candidates = lifecycle.queued(connection, self._parts.executor, room, kinds)
        # Read last: another instance may have claimed them since this transaction began, and
        # nothing starts before it is due.
        now = synced_now(connection, self._datastore, self._parts.clock)
        won, missed = lifecycle.start(connection, candidates, self._parts.instance, now)
        self._datastore.stats.add(connection, endings_of(missed, now))
        return won, missed, bool(candidates)
