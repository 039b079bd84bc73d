"""Stores how executions ended, in batches that the threads of jobs do not wait for."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import DatastoreBusy, DatastoreUnavailable
from ndscheduler.corescheduler.models import Finish

logger = logging.getLogger(__name__)

BATCH = 500
RETRY_SECONDS = 0.5
# After so many failures the database is asked whether it is away, or refuses one of the rows.
MAX_FAILURES = 3
# A first result waits so long for company: a transaction costs more than a row.
LINGER_SECONDS = 0.01


class _PartlyRefused(Exception):
    """Some row of a batch is not ours any more; the batch is undone and done one by one."""


class _Refused(Exception):
    """The database stores other changes of this row, but not this one."""


class FinishWriter:
    """A thread that stores finishes. It keeps them until the database has taken them."""

    def __init__(
        self, datastore: DatastoreBase, on_stored: Callable[[Sequence[Finish]], None]
    ) -> None:
        self._datastore = datastore
        self._on_stored = on_stored
        self._waiting: deque[Finish] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._writing: list[Finish] = []
        self._thread = threading.Thread(target=self._work, name="ndscheduler-finish", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def add(self, finish: Finish) -> None:
        """Take over `finish`; it will be stored."""
        with self._changed:
            self._waiting.append(finish)
            if len(self._waiting) == 1:
                self._changed.notify_all()

    def backlog(self) -> int:
        """How many finishes are not stored yet."""
        with self._changed:
            return len(self._waiting) + len(self._writing)

    def pending_ids(self) -> list[str]:
        """The executions whose end is not stored yet."""
        with self._changed:
            return [finish.execution.id for finish in (*self._waiting, *self._writing)]

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all is stored; False if that took longer than `timeout_seconds`."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._writing, timeout_seconds
            )

    def close(self) -> None:
        """End the thread once all is stored. Does not wait."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            if not batch:
                return
            self._store_until_done(batch)
            with self._changed:
                self._writing = []
                self._changed.notify_all()

    def _next_batch(self) -> list[Finish]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._changed.wait_for(
                lambda: len(self._waiting) >= BATCH or self._closing, LINGER_SECONDS
            )
            count = min(BATCH, len(self._waiting))
            self._writing = [self._waiting.popleft() for _ in range(count)]
            return self._writing

    def _store_until_done(self, batch: list[Finish]) -> None:
        pause = threading.Event()
        failures = 0
        while True:
            try:
                # It answers, and still refuses: then one of these rows is at fault.
                if failures >= MAX_FAILURES and self._takes_writes(batch[0]):
                    self._on_stored([finish for finish in batch if self._store_or_strip(finish)])
                else:
                    self._store(batch)
                return
            except DatastoreUnavailable as error:
                logger.warning("%d results wait for the database: %s", len(batch), error)
            except Exception:
                logger.exception("%d results could not be stored; trying again.", len(batch))
            failures += 1
            pause.wait(RETRY_SECONDS)

    def _store(self, batch: list[Finish]) -> None:
        try:
            self._datastore.loop.write(self._write_all, batch)
            stored = batch
        except DatastoreUnavailable:
            raise
        except _PartlyRefused:
            stored = [finish for finish in batch if self._store_one(finish)]
        except Exception:
            logger.warning(
                "%d results were refused together; now one by one.", len(batch), exc_info=True
            )
            stored = [finish for finish in batch if self._store_one(finish)]
        self._on_stored(stored)

    def _write_all(self, connection: Connection, batch: Sequence[Finish]) -> None:
        if self._datastore.lifecycle.finish(connection, batch) != len(batch):
            raise _PartlyRefused
        self._datastore.stats.add(connection, [_ending(finish) for finish in batch])

    def _store_one(self, finish: Finish) -> bool:
        """Store one finish; a row that the database can not hold ends failed, with a sentence."""
        try:
            self._datastore.loop.write(self._write_all, [finish])
        except _PartlyRefused:
            if self._is_stored(finish):
                return True
            logger.warning(
                "Execution %s ended as %s, but its row was no longer this run's.",
                finish.execution.id,
                finish.state.label,
            )
            return False
        except DatastoreUnavailable:
            raise
        except Exception as error:
            logger.exception("The result of execution %s was refused.", finish.execution.id)
            self._datastore.loop.write(self._write_all, [_without_result(finish, error)])
        return True

    def _takes_writes(self, finish: Finish) -> bool:
        """True if the database stores a small change of the row of `finish`, just now."""
        columns = {"updated_time": finish.finished_time}
        update = self._datastore.executions.update_columns
        try:
            self._datastore.loop.write(update, finish.execution.id, columns)
        except DatastoreUnavailable:
            return False
        return True

    def _store_or_strip(self, finish: Finish) -> bool:
        """Store one finish; where its row breaks the connection, without its result."""
        try:
            return self._store_unless_refused(finish)
        except _Refused as refused:
            logger.warning("The result of execution %s: %s", finish.execution.id, refused)
            stripped = _without_result(finish, refused)
        try:
            return self._store_unless_refused(stripped)
        except _Refused:
            # It must not hold up all that come after it.
            logger.exception("The end of execution %s can not be stored.", finish.execution.id)
            return False

    def _store_unless_refused(self, finish: Finish) -> bool:
        """Store one finish. Raises _Refused where the database works, save for this row."""
        try:
            return self._store_one(finish)
        except DatastoreBusy:
            raise
        except DatastoreUnavailable as error:
            if not self._takes_writes(finish):
                raise
            raise _Refused(str(error)) from error

    def _is_stored(self, finish: Finish) -> bool:
        """True if this very end is in the row: an earlier COMMIT worked without our being told."""
        executions = self._datastore.executions
        row = self._datastore.loop.read(executions.find, finish.execution.id)
        return row is not None and (row.state, row.finished_time, row.owner) == (
            finish.state,
            finish.finished_time,
            finish.execution.owner,
        )


def _ending(finish: Finish) -> Ending:
    started = finish.execution.started_time
    duration = timedelta(0) if started is None else finish.finished_time - started
    return Ending(finish.execution.job_id, finish.state, finish.finished_time, duration)


def _without_result(finish: Finish, error: Exception) -> Finish:
    return replace(
        finish,
        state=ExecutionState.FAILED,
        result=None,
        description=None,
        exit_code=None,
        error_summary=f"The database refused the result ({type(error).__name__}).",
    )
