"""How a batch of finishes gets into the database: together, or else one by one."""

from __future__ import annotations

import logging
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


class _PartlyRefused(Exception):
    """Some row of a batch is not ours any more; the batch is undone and done one by one."""


class _Refused(Exception):
    """The database stores other changes of this row, but not this one."""


class FinishStore:
    """Stores finishes where their rows are still this run's: a late end never overwrites."""

    def __init__(
        self, datastore: DatastoreBase, on_stored: Callable[[Sequence[Finish]], None]
    ) -> None:
        self._datastore = datastore
        self._on_stored = on_stored

    def store_one_by_one(self, batch: Sequence[Finish]) -> None:
        """Store `batch`, of which one may break the connection. Raises DatastoreUnavailable."""
        self._on_stored([finish for finish in batch if self._store_or_strip(finish)])

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

    def takes_writes(self, finish: Finish) -> bool:
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
            if not self.takes_writes(finish):
                raise
            raise _Refused(str(error)) from error

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
