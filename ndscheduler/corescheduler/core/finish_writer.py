"""Stores how executions ended, in batches that the threads of jobs do not wait for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ndscheduler.corescheduler.core.finish_queue import FinishQueue, Pending
from ndscheduler.corescheduler.core.finish_store import FinishStore
from ndscheduler.corescheduler.core.spill import Spill
from ndscheduler.corescheduler.core.spiller import Spiller
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import DatastoreUnavailable
from ndscheduler.corescheduler.models import Finish

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
# After so many failures a batch goes one by one.
MAX_FAILURES = 3
CLOSE_SECONDS = 1.0
# A failure is logged when it is the first, and then about twice a minute.
LOG_EVERY = 60


class FinishWriter:
    """A thread that stores finishes. It keeps them until the database has taken them.

    What that does not take for some seconds is written to a file, where it outlives this process.
    """

    def __init__(
        self,
        datastore: DatastoreBase,
        on_stored: Callable[[Sequence[Finish]], None],
        spill: Spill | None = None,
    ) -> None:
        """Without a `spill`, finishes are kept in memory only."""
        self._queue = FinishQueue()
        self._store = FinishStore(datastore, on_stored)
        # Their rows go on to say running: that is no sign that their code has not begun.
        self._unreadable: set[str] = set()
        self._spill = spill
        self._spiller = None if spill is None else Spiller(self._queue, spill)
        self._thread = threading.Thread(target=self._work, name="ndscheduler-finish", daemon=True)

    def start(self) -> None:
        """Start the thread. It begins with what dead processes have left in files."""
        if self._spiller is not None:
            self._spiller.start()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def add(self, finish: Finish) -> None:
        """Take over `finish`; it will be stored."""
        self._queue.add(finish)

    def backlog(self) -> int:
        """How many finishes are not stored yet."""
        return len(self._queue)

    def pending_ids(self) -> list[str]:
        """The executions whose end is not stored, those in files or lost with one included."""
        return [*self._queue.ids(), *self._unreadable]

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all is stored; False if that took longer than `timeout_seconds`."""
        return self._queue.wait_until_empty(timeout_seconds)

    def write_down(self) -> Path | None:
        """Write to the file what is not stored; the file, or None where that did not work."""
        if self._spiller is None or self._spill is None:
            return None
        return self._spill.path if self._spiller.write_down() else None

    def unwritten_ids(self) -> list[str]:
        """The executions whose end would be lost with this process."""
        return self._queue.unwritten_ids()

    def close(self) -> None:
        """End the thread once all is stored or in a file; waits for that only shortly."""
        self._queue.close()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)
        else:
            self._let_go()

    def _work(self) -> None:
        try:
            while batch := self._queue.next_batch():
                if not self._store_until_done(self._loaded(batch)):
                    return
                self._forget_places()
        finally:
            self._let_go()

    def _store_until_done(self, batch: Sequence[Finish]) -> bool:
        """True once `batch` is stored, or what is refused of it put back.

        False if it is left in its file for another process.
        """
        failures = MAX_FAILURES if self._store.has_refused(batch) else 0
        while batch:
            try:
                if failures < MAX_FAILURES:
                    self._store.store(batch)
                    return True
                # Perhaps it answers, and one of these rows is at fault; the others need not wait.
                batch = self._store_each(batch)
                if not batch:
                    return True
                if failures % LOG_EVERY == 0:
                    logger.warning("%d results still wait for the database.", len(batch))
            except DatastoreUnavailable as error:
                if failures % LOG_EVERY == 0:
                    logger.warning("%d results wait for the database: %s", len(batch), error)
            except Exception:
                logger.exception("%d results could not be stored; trying again.", len(batch))
            failures += 1
            if self._queue.may_be_left() or self._pause():
                return False
        return True

    def _store_each(self, batch: Sequence[Finish]) -> Sequence[Finish]:
        """Store `batch` one by one; all that is left of it, where the database went away."""
        untried, refused = self._store.store_each(batch)
        if untried or not refused:
            return [*untried, *refused]
        # It takes others, which need not wait for these, however long that goes on.
        self._queue.put_back({finish.execution.id for finish in refused})
        self._pause()
        return []

    def _pause(self) -> bool:
        """Wait for a while, but not beyond the close; True if nothing more is to be tried then."""
        if self._queue.closed.is_set():
            time.sleep(RETRY_SECONDS)
        else:
            self._queue.closed.wait(RETRY_SECONDS)
        return self._queue.may_be_left()

    def _loaded(self, batch: Sequence[Pending]) -> list[Finish]:
        return [finish for pending in batch if (finish := self._load(pending)) is not None]

    def _load(self, pending: Pending) -> Finish | None:
        # Read once: it leaves the memory, at any time, after its place is known.
        finish = pending.finish
        if finish is not None or pending.place is None or self._spill is None:
            return finish
        try:
            return self._spill.load(pending.place)
        except (OSError, ValueError):
            logger.exception("The result of execution %s can not be read.", pending.execution_id)
            self._unreadable.add(pending.execution_id)
            return None

    def _forget_places(self) -> None:
        places = self._queue.done()
        if places and self._spill is not None:
            self._spill.done(places)

    def _let_go(self) -> None:
        if self._spiller is not None:
            self._spiller.close()
