"""How a batch of finishes gets into the database: together, or else one by one."""

from __future__ import annotations

import logging
from collections import Counter
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

# A connection that is lost now and then is lost here too, so a few times prove nothing, except
# where the result is so large that it may well be what breaks the connection.
MAX_REFUSALS = 20
MAX_REFUSALS_LARGE = 3
LARGE = 2 * 1024 * 1024


class _PartlyRefused(Exception):
    """Some row of a batch is not ours any more; the batch is undone and done one by one."""


class FinishStore:
    """Stores finishes where their rows are still this run's: a late end never overwrites."""

    def __init__(
        self, datastore: DatastoreBase, on_stored: Callable[[Sequence[Finish]], None]
    ) -> None:
        self._datastore = datastore
        self._on_stored = on_stored
        # How often each was refused while its row took other changes.
        self._refusals: Counter[str] = Counter()
        self._stripped: set[str] = set()
        # Their rows go on to say running: that is no sign that their code has not begun.
        self.given_up: set[str] = set()

    def store_each(self, batch: Sequence[Finish]) -> list[Finish]:
        """Store `batch` one by one; those that are to be tried again, the refused ones last.

        One that is refused again and again, while others are taken, is tried without its result.
        """
        refused: list[Finish] = []
        for number, finish in enumerate(batch):
            try:
                if self._store_one(finish):
                    self._on_stored([finish])
                self._refusals.pop(finish.execution.id, None)
                self._stripped.discard(finish.execution.id)
            except DatastoreUnavailable as error:
                if isinstance(error, DatastoreBusy) or not self._takes_writes(finish):
                    return [*batch[number:], *refused]
                refused += self._after_refusal(finish, error)
        return refused

    def store(self, batch: Sequence[Finish]) -> None:
        """Store `batch`, and tell of those that were. Raises DatastoreUnavailable."""
        try:
            self._datastore.loop.write(self._write_all, batch)
            stored = list(batch)
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
            return self._is_stored(finish)
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

    def _after_refusal(self, finish: Finish, error: Exception) -> list[Finish]:
        """What to try next of `finish`: itself, then without its result, in the end nothing."""
        execution_id = finish.execution.id
        self._refusals[execution_id] += 1
        is_large = len(finish.result or "") > LARGE
        if self._refusals[execution_id] < (MAX_REFUSALS_LARGE if is_large else MAX_REFUSALS):
            return [finish]
        del self._refusals[execution_id]
        if execution_id not in self._stripped:
            self._stripped.add(execution_id)
            logger.warning("The result of execution %s is given up: %s", execution_id, error)
            return [_without_result(finish, error)]
        # It must not hold up all that come after it.
        logger.error("The end of execution %s can not be stored: %s", execution_id, error)
        self._stripped.discard(execution_id)
        self.given_up.add(execution_id)
        return []

    def _is_stored(self, finish: Finish) -> bool:
        """True if this very end is in the row: an earlier COMMIT worked without our being told."""
        execution = finish.execution
        row = self._datastore.loop.read(self._datastore.executions.find, execution.id)
        if row is not None and (row.state, row.finished_time, row.owner) == (
            finish.state,
            finish.finished_time,
            execution.owner,
        ):
            return True
        logger.warning(
            "Execution %s of job %s ended as %s at %s, but its row was no longer this run's: "
            "it %s.",
            execution.id,
            execution.job_id,
            finish.state.label,
            finish.finished_time.isoformat(),
            "is gone" if row is None else f"is {row.state.label}",
        )
        return False


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
