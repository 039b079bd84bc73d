"""Tells listeners and observers what happened, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from ndscheduler.corescheduler.clock import uptime

logger = logging.getLogger(__name__)

# So many events wait at most, of so many bytes together, when a listener or a mail server hangs.
MAX_WAITING = 10_000
MAX_WAITING_BYTES = 64 * 1024 * 1024
REPORT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _News:
    """What is told in one call: of so many events, and about so many bytes are kept for it."""

    tell: Callable[[], None]
    events: int
    size: int


class Notifier:
    """Runs what it is handed, in order; what fails is logged and stops nothing.

    What finds too much waiting is dropped, counted, and logged once a minute: neither the loop nor
    the memory may hang on somebody's listener.
    """

    def __init__(self, clock: Callable[[], float] = uptime) -> None:
        self._clock = clock
        self._queue: SimpleQueue[_News | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._events = 0
        self._bytes = 0
        self._dropped = 0
        self._reported_at: float | None = None
        self._thread = threading.Thread(target=self._work, name="ndscheduler-notify", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def publish(self, tell: Callable[[], None], events: int = 1, size: int = 0) -> None:
        """Call `tell()` soon, after all that was published before; never waits.

        It tells of so many `events`, and keeps about `size` bytes until then.
        """
        with self._lock:
            if self._has_room(events, size):
                self._events += events
                self._bytes += size
                self._queue.put(_News(tell, events, size))
            else:
                self._dropped += events
        self._report()

    def stop(self, timeout_seconds: float) -> None:
        """Tell all that was published, then end; waits at most `timeout_seconds`."""
        self._queue.put(None)
        # A listener may stop the scheduler.
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)
        self._report(is_last=True)
        with self._lock:
            if self._events:
                logger.warning("At the end %d events were not told yet.", self._events)

    def _has_room(self, events: int, size: int) -> bool:
        if not self._events:
            return True
        return self._events + events <= MAX_WAITING and self._bytes + size <= MAX_WAITING_BYTES

    def _report(self, is_last: bool = False) -> None:
        """Log how many were dropped since that was logged last, if it is time."""
        with self._lock:
            dropped, waiting, now = self._dropped, self._events, self._clock()
            is_due = self._reported_at is None or now - self._reported_at >= REPORT_SECONDS
            if not dropped or not (is_due or is_last):
                return
            self._dropped, self._reported_at = 0, now
        logger.warning(
            "%d events were told to no listener and by no mail: %d are waiting already.",
            dropped,
            waiting,
        )

    def _work(self) -> None:
        while (news := self._queue.get()) is not None:
            try:
                news.tell()
            except BaseException:  # listeners are users' code: their exit must not end this
                logger.exception("A listener failed.")
            with self._lock:
                self._events -= news.events
                self._bytes -= news.size
            self._report()
