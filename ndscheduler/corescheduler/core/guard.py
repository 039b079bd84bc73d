"""Notices what a process can not mend by itself, so that a supervisor can start it again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
# So long after its deadline a call to the database that the watchdog has cut goes on: nothing
# will end it, and what it holds is never given back.
STUCK_CALL_SECONDS = 30.0


class Guard:
    """A thread that calls `on_stuck(sentence)` once: a thread has died, or a call never ends.

    `threads` says of each thread, by name, whether it is alive; `overdue_seconds` for how long
    some call to the database has outlived its deadline.
    """

    def __init__(
        self,
        threads: Mapping[str, Callable[[], bool]],
        overdue_seconds: Callable[[], float],
        on_stuck: Callable[[str], None],
        stuck_call_seconds: float = STUCK_CALL_SECONDS,
    ) -> None:
        self._threads = dict(threads)
        self._overdue_seconds = overdue_seconds
        self._on_stuck = on_stuck
        self._stuck_call_seconds = stuck_call_seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ndscheduler-guard", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more: from now on threads end on purpose. Does not wait."""
        self._closing.set()

    def _work(self) -> None:
        while not self._closing.wait(INTERVAL_SECONDS):
            problem = self._find_problem()
            # Asked again: who stops everything says so first.
            if problem is not None and not self._closing.is_set():
                self._on_stuck(problem)
                return

    def _find_problem(self) -> str | None:
        for name, is_alive in self._threads.items():
            if not is_alive():
                return f"The thread of the {name} has died."
        if self._overdue_seconds() > self._stuck_call_seconds:
            return (
                "A call to the database goes on "
                f"{self._stuck_call_seconds:g} s after its deadline, and nothing ends it."
            )
        return None


def log_stuck(problem: str) -> None:
    """What is done where nobody else wants to know."""
    logger.critical("The scheduler can not go on: %s Start its process again.", problem)
