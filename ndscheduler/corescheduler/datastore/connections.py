"""Engines whose every connection is made, checked and used under a deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from ndscheduler.corescheduler.datastore.budgets import PING_SECONDS, Budget
from ndscheduler.corescheduler.datastore.deadlines import Call, Line, Watchdog

if TYPE_CHECKING:
    from ndscheduler.corescheduler.datastore.dialect import Dialect

LINE = "ndscheduler_line"
FRESH = "ndscheduler_is_fresh"


class CallCut(Exception):
    """The call that asked for a connection has been cut meanwhile."""


def make_engine(dialect: Dialect, watchdog: Watchdog, budget: Budget, pool_size: int) -> Engine:
    """A new engine with a pool of its own, for calls of this budget."""
    engine = create_engine(
        dialect.url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=budget.patience_seconds,
        # Arguments of users stay out of error messages and logs.
        hide_parameters=True,
        **dialect.engine_options(budget),
    )
    watch = _Watch(dialect, watchdog, budget, engine)
    event.listen(engine, "do_connect", watch.connect)
    event.listen(engine, "checkout", watch.checked_out)
    event.listen(engine, "checkin", watch.checked_in)
    event.listen(engine, "close", watch.closed)
    dialect.listen(engine)
    return engine


class _Watch:
    """Listens to the pool of one engine."""

    def __init__(
        self, dialect: Dialect, watchdog: Watchdog, budget: Budget, engine: Engine
    ) -> None:
        self._dialect = dialect
        self._watchdog = watchdog
        self._budget = budget
        self._sql = engine.dialect

    def connect(
        self,
        _sql: Any,
        record: ConnectionPoolEntry | None,
        arguments: list[Any],
        keywords: dict[str, Any],
    ) -> Any:
        """Connect in place of SQLAlchemy, within the time to connect."""
        call = self._watchdog.current()
        self._refuse_if_cut()
        with self._watchdog.limit(self._budget.name, self._budget.connect_seconds) as attempt:
            connection, line = self._connect(arguments, keywords, attempt)
        if attempt.is_cut:
            # The last answer came just then; the line is dead all the same.
            connection.close()
            raise CallCut
        if record is not None:
            record.info[LINE] = line
            record.info[FRESH] = True
        if call is not None:
            # What SQLAlchemy asks of a new connection is part of the call.
            call.attach(line)
        return connection

    def _connect(
        self, arguments: list[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        driver = self._sql.loaded_dbapi
        try:
            connection, line = self._dialect.connect(driver, arguments, keywords, attempt)
        except OSError as error:
            # Such as no file descriptor that is free; SQLAlchemy knows the driver's errors.
            raise driver.OperationalError(str(error)) from error
        attempt.attach(line)
        try:
            self._dialect.set_up(connection, self._budget)
        except BaseException:
            connection.close()
            raise
        return connection, line

    def checked_out(self, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """The current call waits on this connection from now on; is it alive?"""
        line: Line = record.info[LINE]
        call = self._watchdog.current()
        if call is not None:
            call.attach(line)
        if not record.info.pop(FRESH, False) and self._dialect.needs_ping:
            self._ping(connection, line)

    def _ping(self, connection: Any, line: Line) -> None:
        try:
            with self._watchdog.limit(self._budget.name, PING_SECONDS) as ping:
                ping.attach(line)
                self._sql.do_ping(connection)
            is_dead = ping.is_cut
        except self._sql.loaded_dbapi.Error:
            is_dead = True
        self._refuse_if_cut()
        if is_dead:
            # What ended this one, has ended the others as well.
            raise InvalidatePoolError

    def _refuse_if_cut(self) -> None:
        call = self._watchdog.current()
        if call is not None and call.is_cut:
            raise CallCut

    def checked_in(self, _connection: object, record: ConnectionPoolEntry) -> None:
        """The current call does not wait on this connection any more."""
        call = self._watchdog.current()
        line = record.info.get(LINE)
        if call is not None and line is not None:
            call.detach(line)

    def closed(self, _connection: object, record: ConnectionPoolEntry) -> None:
        """The connection is about to be closed."""
        line = record.info.get(LINE)
        if line is not None:
            self.checked_in(None, record)
            line.close()
