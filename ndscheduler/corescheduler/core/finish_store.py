"""How a batch of finishes gets into the database: together, or else one by one."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.complaints import Complaints
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import ConnectionLost, DatastoreBusy, DatastoreTimeout
from ndscheduler.corescheduler.models import Finish

logger = logging.getLogger(__name__)

# A connection that is lost now and then is lost here too, so a few times prove nothing, except
# where the result is so large that it may well be what breaks the connection.
MAX_LOSSES = 20
MAX_LOSSES_LARGE = 3
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
        # How often the connection was lost over each while its row took other changes.
        self._losses: Counter[str] = Counter()
        self._refused: set[str] = set()
        # What is stored in place of these: they are refused with their result.
        self._stripped: dict[str, Finish] = {}
        self._complaints = Complaints(logger)

    def has_refused(self, batch: Sequence[Finish]) -> bool:
        """True if the database has refused one of `batch` by itself before."""
        return any(finish.execution.id in self._refused for finish in batch)

    def store_each(self, batch: Sequence[Finish]) -> tuple[list[Finish], list[Finish]]:
        """Store `batch` one by one; (untried, refused), both to be tried again.

        Untried are those from where on the database took nothing at all, refused those without
        which it took others. One over which the connection is lost again and again is refused
        without its result from then on.
        """
        refused: list[Finish] = []
        for number, finish in enumerate(batch):
            try:
                self._on_stored(self._store_one(finish))
            except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
                self._complaints.add("The end of an execution could not be stored: %s", error)
                if isinstance(error, DatastoreBusy) or not self._takes_writes(finish):
                    return list(batch[number:]), refused
                self._after_refusal(finish, error)
                refused.append(finish)
        return [], refused

    def store(self, batch: Sequence[Finish]) -> None:
        """Store `batch`, and tell of those that were. Raises what the datastore raises."""
        try:
            self._datastore.loop.write(self._write_all, batch)
            stored = list(batch)
        except _PartlyRefused:
            stored = self._store_all(batch)
        except Exception as error:
            if not self._refuses_value(error):
                raise
            logger.warning(
                "%d results were refused together; now one by one.", len(batch), exc_info=True
            )
            stored = self._store_all(batch)
        self._on_stored(stored)

    def _write_all(self, connection: Connection, batch: Sequence[Finish]) -> None:
        if self._datastore.lifecycle.finish(connection, batch) != len(batch):
            raise _PartlyRefused
        self._datastore.stats.add(connection, [_ending(finish) for finish in batch])

    def _store_all(self, batch: Sequence[Finish]) -> list[Finish]:
        return [stored for finish in batch for stored in self._store_one(finish)]

    def _store_one(self, finish: Finish) -> list[Finish]:
        """Store one finish: as it was stored, or nothing where its row was not ours any more.

        What the database can not hold ends failed, with a sentence.
        """
        execution_id = finish.execution.id
        finish = self._stripped.get(execution_id, finish)
        try:
            is_ours = self._write_one(finish)
        except Exception as error:
            if not self._refuses_value(error):
                raise
            logger.exception("The result of execution %s was refused.", execution_id)
            finish = self._stripped[execution_id] = _without_result(finish, error)
            is_ours = self._write_one(finish)
        self._forget(execution_id)
        return [finish] if is_ours else []

    def _write_one(self, finish: Finish) -> bool:
        try:
            self._datastore.loop.write(self._write_all, [finish])
        except _PartlyRefused:
            return self._is_stored(finish)
        return True

    def _refuses_value(self, error: Exception) -> bool:
        return self._datastore.dialect.refuses_value(error)

    def _takes_writes(self, finish: Finish) -> bool:
        """True if the database takes a small change of the row of `finish`, just now.

        It changes nothing where the row is not this run's any more.
        """
        try:
            self._datastore.loop.write(self._datastore.lifecycle.touch, finish)
        except Exception as error:  # noqa: BLE001 - that it fails is the answer
            logger.debug("The row of execution %s takes no change: %s", finish.execution.id, error)
            return False
        return True

    def _after_refusal(self, finish: Finish, error: Exception) -> None:
        """Let `finish` be tried again as it is, or without the result that breaks connections."""
        execution_id = finish.execution.id
        self._refused.add(execution_id)
        # Any other fault may pass; only these may come of the size of a value.
        if not isinstance(error, (ConnectionLost, DatastoreTimeout)):
            return
        self._losses[execution_id] += 1
        is_large = len(finish.result or "") > LARGE
        if self._losses[execution_id] >= (MAX_LOSSES_LARGE if is_large else MAX_LOSSES):
            logger.warning("The result of execution %s is given up: %s", execution_id, error)
            self._stripped[execution_id] = _without_result(finish, error)

    def _forget(self, execution_id: str) -> None:
        self._losses.pop(execution_id, None)
        self._refused.discard(execution_id)
        self._stripped.pop(execution_id, None)
        self._complaints.end("The ends of executions are stored again.")

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
