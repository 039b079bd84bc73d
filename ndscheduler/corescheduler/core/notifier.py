"""Tells listeners and observers what happened, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

logger = logging.getLogger(__name__)


class Notifier:
    """Runs what it is handed, in order; what fails is logged and stops nothing."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="ndscheduler-notify", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def publish(self, tell: Callable[[], None]) -> None:
        """Call `tell()` soon, after all that was published before."""
        self._queue.put(tell)

    def stop(self, timeout_seconds: float) -> None:
        """Tell all that was published, then end; waits at most `timeout_seconds`."""
        self._queue.put(None)
        # A listener may stop the scheduler.
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        while (tell := self._queue.get()) is not None:
            try:
                tell()
            except BaseException:  # listeners are users' code: their exit must not end this
                logger.exception("A listener failed.")
