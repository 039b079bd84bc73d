"""Whether the database answers: asked by a thread of its own, known to everybody at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from ndscheduler.corescheduler.datastore.base import DatastoreBase

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.4
# While the database is away, so that its return is noticed soon, and until what waited for it is
# given up.
RETRY_SECONDS = 0.25


class Probe:
    """A thread that pings the database.

    When it is lost, requests that wait are given up, since their clients are answered already.
    When it is back, what has waited since before then is given up soon: its connection may have
    been forgotten by the other side, and would be silent for ever.
    """

    def __init__(self, datastore: DatastoreBase, on_back: Callable[[], None]) -> None:
        self._datastore = datastore
        self._on_back = on_back
        self._is_lost = False
        self._back_at: float | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ndscheduler-probe", daemon=True)

    @property
    def is_answering(self) -> bool:
        """False while the database does not answer. Never waits."""
        return not (self._is_lost or self._datastore.is_ping_overdue())

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End the thread; waits at most `timeout_seconds`."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        while not self._closing.wait(self._pause()):
            try:
                self._turn()
            except Exception:
                logger.exception("A turn of the probe failed; going on.")

    def _pause(self) -> float:
        is_quiet = not self._is_lost and self._back_at is None
        return INTERVAL_SECONDS if is_quiet else RETRY_SECONDS

    def _turn(self) -> None:
        try:
            self._datastore.ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, there was no answer
            self._lose(error)
            return
        if self._is_lost:
            self._find_again()
        elif self._back_at is not None:
            count = self._datastore.give_up_calls_before(self._back_at)
            self._back_at = None
            self._on_back()
            if count:
                logger.warning("%d calls to the database were given up after its return.", count)

    def _lose(self, error: Exception) -> None:
        if not self._is_lost:
            logger.warning("Requests are refused until the database answers again: %s", error)
        self._is_lost = True
        self._back_at = None
        self._datastore.give_up_requests()

    def _find_again(self) -> None:
        logger.info("The database answers again.")
        self._back_at = time.monotonic()
        self._is_lost = False
        self._on_back()
