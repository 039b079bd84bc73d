"""Transactions: every statement of ndscheduler runs in one of these, retried where that is safe."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.errors import DatastoreBusy, DatastoreUnavailable

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.02


class Transactor:
    """Runs functions in transactions on one engine."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self.engine = engine
        self._dialect = dialect
        self._reading = engine.execution_options(ndscheduler_writes=False)

    def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction that only reads.

        Raises DatastoreUnavailable if the database does not answer.
        """

        def attempt() -> T:
            with self._reading.begin() as connection:
                return work(connection, *args, **kwargs)

        return self._retried(attempt)

    def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(connection, ...)` in a transaction, run again whole where it was undone whole.

        Raises DatastoreUnavailable if the database does not answer; whether a COMMIT on its way
        then took effect is unknown.
        """

        def attempt() -> T:
            # The connection first: who waits for one must not hold up those that have theirs.
            with self.engine.connect() as connection, self._dialect.writer_turn():
                with connection.begin():
                    return work(connection, *args, **kwargs)

        return self._retried(attempt)

    def dispose(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()

    def _retried(self, attempt: Callable[[], T]) -> T:
        for tries in range(1, MAX_ATTEMPTS + 1):
            try:
                return attempt()
            except PoolTimeout as error:
                raise DatastoreBusy("The database is busy: no free connection.") from error
            except DBAPIError as error:
                if not self._dialect.is_transient(error):
                    raise self._translated(error) from error
                if tries == MAX_ATTEMPTS:
                    raise DatastoreBusy("The database is busy; try again.") from error
                logger.debug("Transaction undone by the database, running it again: %s", error.orig)
                time.sleep(FIRST_PAUSE_SECONDS * 2**tries * random.uniform(0.5, 1.0))
        raise AssertionError("the loop above returns or raises")

    def _translated(self, error: DBAPIError) -> Exception:
        """DatastoreUnavailable for a fault of the connection or the disk, else the error itself."""
        is_fault = isinstance(error, (OperationalError, InterfaceError))
        # SQLite says of a file that is damaged, or no database, no more than DatabaseError.
        if is_fault or error.connection_invalidated or type(error) is DatabaseError:
            reason = " ".join(str(error.orig).split())
            return DatastoreUnavailable(
                f"The database {self._dialect.where} does not answer: {reason}"
            )
        return error


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
