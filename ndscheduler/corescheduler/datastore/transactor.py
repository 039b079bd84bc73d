"""Transactions: every statement of ndscheduler runs in one of these, retried where that is safe."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.connections import CallCut, make_engine
from ndscheduler.corescheduler.datastore.deadlines import Call, Watchdog
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.errors import (
    ConnectionLost,
    DatastoreBusy,
    DatastoreTimeout,
    DatastoreUnavailable,
    NdschedulerError,
    OutcomeUnknown,
)

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
# What drivers say where connecting or logging in took too long, or was cut for that.
_TOO_SLOW = ("timeout expired", "timed out", "Lost connection to MySQL server during query")


class Transactor:
    """Runs functions in transactions on one engine, each call within one budget of time."""

    def __init__(
        self, dialect: Dialect, watchdog: Watchdog, budget: Budget, pool_size: int
    ) -> None:
        self.engine = make_engine(dialect, watchdog, budget, pool_size)
        self._dialect = dialect
        self._watchdog = watchdog
        self._budget = budget
        self._reading = self.engine.execution_options(ndscheduler_writes=False)

    def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction that only reads.

        Raises DatastoreUnavailable if the database does not answer.
        """

        def attempt(_call: Call) -> T:
            with self._reading.begin() as connection:
                return work(connection, *args, **kwargs)

        return self._retried(attempt)

    def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction, run again whole where it was undone whole.

        Raises DatastoreUnavailable if the database does not answer; OutcomeUnknown, which is one,
        if the COMMIT was on its way by then.
        """

        def attempt(call: Call) -> T:
            call.is_committing = False
            # The connection first: who waits for one must not hold up those that have theirs.
            with self.engine.connect() as connection, self._turn(call):
                with connection.begin():
                    outcome = work(connection, *args, **kwargs)
                    call.is_committing = True
                call.is_committing = False
                return outcome

        return self._retried(attempt)

    def run(
        self, work: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(engine, ...)`, which makes its transactions itself. Nothing is run again."""
        with self._watchdog.limit(self._budget.name, self._budget.deadline_seconds) as call:
            try:
                return work(self.engine, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - raised again
                self._raise_translated(error, call)

    def dispose(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()

    def _turn(self, call: Call) -> AbstractContextManager[Any]:
        return self._dialect.writer_turn(self._budget.patience_seconds - call.seconds)

    def _retried(self, attempt: Callable[[Call], T]) -> T:
        pause = FIRST_PAUSE_SECONDS
        with self._watchdog.limit(self._budget.name, self._budget.deadline_seconds) as call:
            while True:
                try:
                    return attempt(call)
                except Exception as error:  # noqa: BLE001 - raised again, or the work is repeated
                    if not self._may_repeat(error, call):
                        self._raise_translated(error, call)
                    logger.debug("Transaction undone by the database, running it again: %s", error)
                pause = min(LONGEST_PAUSE_SECONDS, 2 * pause)
                # Two that were in each other's way do not meet again.
                time.sleep(pause * random.uniform(0.5, 1.0))  # nosec B311

    def _may_repeat(self, error: Exception, call: Call) -> bool:
        is_undone = isinstance(error, DBAPIError) and self._dialect.is_transient(error)
        return is_undone and not call.is_cut and call.seconds < self._budget.patience_seconds

    def _raise_translated(self, error: Exception, call: Call) -> NoReturn:
        """Raise what `error` means to who called: itself, unless the database is at fault."""
        found = None if isinstance(error, NdschedulerError) else self._unavailable(error, call)
        if found is None:
            raise error
        is_lost = call.is_cut or getattr(error, "connection_invalidated", False)
        if call.is_committing and is_lost:
            raise OutcomeUnknown(str(found)) from error
        raise found from error

    def _unavailable(self, error: Exception, call: Call) -> DatastoreUnavailable | None:
        """The error for a fault of the connection, the server or the disk; None for others."""
        where = self._dialect.where
        if call.is_cut or isinstance(error, CallCut):
            waited = f"{call.seconds:.1f} s"
            return DatastoreTimeout(f"The database {where} did not answer for {waited}.")
        if isinstance(error, PoolTimeout):
            return DatastoreBusy("The database is busy: no free connection.")
        if not isinstance(error, DBAPIError):
            return None
        if self._dialect.is_transient(error):
            return DatastoreBusy("The database is busy; try again.")
        if self._dialect.refuses_value(error) or not _is_fault(error):
            return None
        reason = " ".join(str(error.orig).split())
        return self._kind(error, reason)(f"The database {where} does not answer: {reason}")

    def _kind(self, error: DBAPIError, reason: str) -> type[DatastoreUnavailable]:
        if self._dialect.is_crowded(error):
            return DatastoreBusy
        if any(words in reason for words in _TOO_SLOW):
            return DatastoreTimeout
        return ConnectionLost if error.connection_invalidated else DatastoreUnavailable


def _is_fault(error: DBAPIError) -> bool:
    """True for a fault of the connection or the disk, not of the statement."""
    # SQLite says of a file that is damaged, or no database, no more than DatabaseError.
    is_fault = isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
    return is_fault or error.connection_invalidated


class Transactions:
    """Gives a datastore `read` and `write`, on the connections that requests use."""

    _api: Transactor

    def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction that only reads; see `Transactor.read`."""
        return self._api.read(work, *args, **kwargs)

    def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction that may write; see `Transactor.write`."""
        return self._api.write(work, *args, **kwargs)
