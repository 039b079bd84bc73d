"""What the code asks of a kind of database beyond what SQLAlchemy makes equal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, Select, Table
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.sql.dml import Insert, UpdateBase

from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.deadlines import Call, Line
from ndscheduler.corescheduler.datastore.resolver import Resolver


class Dialect(ABC):
    """One kind of database."""

    name: str
    # True where SELECT ... FOR UPDATE SKIP LOCKED exists; elsewhere one writer at a time decides.
    locks_rows: bool = True
    # False where an insert that kept a row that stood already is counted as well.
    counts_inserts: bool = True
    # True where a connection may end while nobody uses it.
    needs_ping: bool = True

    def __init__(self, url: URL) -> None:
        self.url = url
        self.resolver = Resolver()

    @property
    def where(self) -> str:
        """The database, for messages: no user, no password."""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.host or 'localhost'}{port}/{self.url.database}"

    @abstractmethod
    def engine_options(self, budget: Budget) -> dict[str, Any]:
        """Arguments of `create_engine` that let the database keep to `budget` as well."""

    @abstractmethod
    def connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        """A new connection of the module `driver`, and the line by which it is cut.

        `attempt` is attached to what the connection waits on while it is made.
        """

    def set_up(self, connection: Any, budget: Budget) -> None:  # noqa: B027
        """Let the session of a new connection of the driver keep to `budget`."""

    def listen(self, engine: Engine) -> None:  # noqa: B027 - only SQLite has something to do
        """Set up what `engine` does at its events."""

    def prepare(self, engine: Engine) -> None:  # noqa: B027 - only SQLite has something to set
        """Set what the database keeps for itself, before the first transaction that writes."""

    def ping(self, connection: Connection) -> None:
        """Ask the database for an answer, whatever it is."""
        connection.exec_driver_sql("SELECT 1")

    @abstractmethod
    def now(self, connection: Connection) -> datetime:
        """The present instant by the database's clock."""

    @abstractmethod
    def insert_or_keep(self, table: Table) -> Insert:
        """INSERT that leaves a row be that stands already, and goes on with the next."""

    @abstractmethod
    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        """INSERT that adds the columns `sums` to a row that stands already under `keys`."""

    @abstractmethod
    def is_transient(self, error: DBAPIError) -> bool:
        """True if the whole transaction was undone and may succeed when it is run again."""

    def is_crowded(self, error: DBAPIError) -> bool:
        """True if the database is up, but takes no connection at the moment."""
        return False

    def refuses_value(self, error: Exception) -> bool:
        """True if the database, or its driver, can not hold a value that it was given.

        The same value is refused again whenever it comes; no other fault is one of these.
        """
        return isinstance(error, (DataError, UnicodeError, OverflowError))

    def execute_many(
        self, connection: Connection, statement: UpdateBase, rows: Sequence[dict[str, Any]]
    ) -> int:
        """Run `statement` once per row; how many rows of the table were changed.

        All rows have the same keys, and the statement lives as long as the dialect.
        """
        return connection.execute(statement, rows).rowcount

    def locked(self, query: Select[Any]) -> Select[Any]:
        """`query` whose rows no other transaction takes before this one ends; taken ones left out.

        On SQLite the transaction itself is alone.
        """
        return query.with_for_update(skip_locked=True) if self.locks_rows else query

    def awaited(self, query: Select[Any]) -> Select[Any]:
        """As `locked`, but waits for rows that another transaction has."""
        return query.with_for_update() if self.locks_rows else query

    def writer_turn(self, patience_seconds: float = 60.0) -> AbstractContextManager[Any]:
        """What one write transaction of this process holds while it runs.

        Raises DatastoreBusy if it is not free within `patience_seconds`.
        """
        return nullcontext()
