"""Writes down what waits too long for the database, and finds what dead processes have left."""

from __future__ import annotations

import logging
import threading

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.core.finish_queue import FinishQueue
from ndscheduler.corescheduler.core.spill import Spill

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
# What has waited so long is not going to be stored within moments.
PATIENCE_SECONDS = 5.0
# More than this is not kept in memory, once it has waited for longer than a batch takes.
MAX_BYTES = 16 * 1024 * 1024
CROWDED_PATIENCE_SECONDS = 1.0
# So much is written, and synced, at once.
CHUNK_BYTES = 4 * 1024 * 1024
# Files of dead processes are looked for so often: well before a lease of theirs ends.
LOOK_SECONDS = 2.0


class Spiller:
    """A thread beside the one that stores: that one may hang in the database just then."""

    def __init__(self, queue: FinishQueue, spill: Spill) -> None:
        self._queue = queue
        self._spill = spill
        self._writing = threading.Lock()
        self._is_broken = False
        self._looked_at = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ndscheduler-spill", daemon=True)

    def start(self) -> None:
        """Put into the queue what dead processes have left, then start the thread."""
        self._look_around()
        self._thread.start()

    def write_down(self) -> bool:
        """Write all that is in memory alone to the file; False, and a line in the log, if not."""
        try:
            with self._writing:
                while self._write_some():
                    continue
        except OSError as error:
            self._complain(error)
            return False
        self._is_broken = False
        return True

    def close(self) -> None:
        """End the thread, and let the files go."""
        self._closing.set()
        with self._writing:
            self._spill.close()

    def _work(self) -> None:
        while not self._closing.wait(POLL_SECONDS):
            try:
                if self._is_due():
                    self.write_down()
                if uptime() - self._looked_at >= LOOK_SECONDS:
                    self._look_around()
            except Exception:
                logger.exception("Results could not be written down; going on.")

    def _is_due(self) -> bool:
        age = self._queue.unwritten_age()
        if age > PATIENCE_SECONDS:
            return True
        return age > CROWDED_PATIENCE_SECONDS and self._queue.unwritten_bytes() > MAX_BYTES

    def _write_some(self) -> bool:
        """Write down the oldest; False if there is nothing. Raises OSError."""
        chosen = [(p, p.finish) for p in self._queue.unwritten(CHUNK_BYTES)]
        # One that is being stored may be done, and gone, by now.
        kept = [(pending, finish) for pending, finish in chosen if finish is not None]
        if not chosen or self._closing.is_set():
            return False
        if not kept:
            return True
        places = self._spill.keep([finish for _, finish in kept])
        stored = self._queue.written([pending for pending, _ in kept], places)
        self._spill.done(stored)
        left = len(places) - len(stored)
        logger.warning("%d results wait for the database in %s.", left, self._spill.path)
        return True

    def _look_around(self) -> None:
        self._looked_at = uptime()
        found = self._spill.adopt()
        if found:
            self._queue.add_written(found)

    def _complain(self, error: OSError) -> None:
        if not self._is_broken:
            self._is_broken = True
            logger.error(
                "Results can not be written to %s (%s): until the database takes them they are in "
                "memory, and would be lost with this process.",
                self._spill.directory,
                error,
            )
