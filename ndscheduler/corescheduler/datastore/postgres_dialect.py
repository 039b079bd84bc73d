"""PostgreSQL through psycopg 3."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from ndscheduler.corescheduler.clock import from_micros
from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.deadlines import Call, Line, SocketLine
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.resolver import is_name

# How the server refuses a connection for now; its errors at the login have no code in libpq.
_CROWDED = ("too many clients", "too many connections", "remaining connection slots", "starting up")


class PostgresDialect(Dialect):
    """PostgreSQL through psycopg 3, at READ COMMITTED."""

    name = "postgresql"

    def engine_options(self, budget: Budget) -> dict[str, Any]:
        seconds = {
            # A statement whose caller has given up does not keep its locks.
            "statement_timeout": budget.deadline_seconds,
            "lock_timeout": budget.lock_seconds,
            "idle_in_transaction_session_timeout": budget.idle_seconds,
        }
        settings = {name: f"{int(value * 1000)}" for name, value in seconds.items()}
        settings["timezone"] = "UTC"
        return {
            "isolation_level": "READ COMMITTED",
            "connect_args": {
                # Of each address that the name of the host has.
                "connect_timeout": int(budget.connect_seconds),
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        }

    def connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        keywords = self._with_addresses(keywords, attempt)
        connection = _cuttable(driver.Connection, attempt).connect(*arguments, **keywords)
        return connection, SocketLine(connection.fileno())

    def _with_addresses(self, keywords: dict[str, Any], attempt: Call) -> dict[str, Any]:
        """`keywords` with the addresses of the host, which psycopg and libpq then ask nobody for.

        The name stays beside each: certificates and passwords are found by it.
        """
        host = keywords.get("host")
        if not is_name(host) or "hostaddr" in keywords or "service" in keywords:
            return keywords
        addresses = self.resolver.addresses(host, attempt)
        hosts = ",".join([host] * len(addresses))
        return {**keywords, "host": hosts, "hostaddr": ",".join(addresses)}

    def now(self, connection: Connection) -> datetime:
        micros = "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint"
        return from_micros(connection.execute(text(micros)).scalar_one())

    def insert_or_keep(self, table: Table) -> Insert:
        return postgresql.insert(table).on_conflict_do_nothing()

    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        statement = postgresql.insert(table)
        added = {name: table.c[name] + statement.excluded[name] for name in sums}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=added)

    def is_transient(self, error: DBAPIError) -> bool:
        # 40001 serialization failure, 40P01 deadlock, 55P03 lock not available.
        return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03"}

    def is_crowded(self, error: DBAPIError) -> bool:
        message = str(error.orig)
        return any(words in message for words in _CROWDED)


def _cuttable(connection_class: Any, attempt: Call) -> Any:
    """psycopg's class of connections, with a way to end `attempt` while it connects.

    psycopg shows nobody the socket of a connection that it is making. Should a release of it not
    use this generator any more, connect_timeout still ends the attempt.
    """

    class Cuttable(connection_class):  # type: ignore[misc]
        @classmethod
        def _connect_gen(cls, *arguments: Any, **keywords: Any) -> Generator[Any, Any, Any]:
            steps = super()._connect_gen(*arguments, **keywords)
            step = next(steps)
            line = SocketLine(step[0])
            attempt.attach(line)
            try:
                while True:
                    step = steps.send((yield step))
            except StopIteration as end:
                return end.value
            finally:
                attempt.detach(line)
                line.close()

        def __del__(self) -> None:
            # A connection whose first statements fail is dropped by SQLAlchemy's pool unclosed;
            # libpq's part of it closes itself. psycopg would warn.
            return

    return Cuttable
