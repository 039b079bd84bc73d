"""MySQL and MariaDB through PyMySQL."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from ndscheduler.corescheduler.clock import from_micros
from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.deadlines import Call, Line, SocketLine
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.resolver import is_name

# MySQL ends idle connections only, in a transaction or not: one that is used every few seconds
# should live on.
MYSQL_IDLE_SECONDS = 30
CONNECTION_HOST_ERROR = 2003


class MySQLDialect(Dialect):
    """MySQL 8 and MariaDB 10.6 or later through PyMySQL, at READ COMMITTED."""

    name = "mysql"
    counts_inserts = False

    def engine_options(self, budget: Budget) -> dict[str, Any]:
        return {
            "isolation_level": "READ COMMITTED",
            "connect_args": {
                "connect_timeout": budget.connect_seconds,
                "read_timeout": budget.deadline_seconds,
                "write_timeout": budget.deadline_seconds,
                "charset": "utf8mb4",
            },
        }

    def connect(
        self, driver: Any, arguments: Sequence[Any], keywords: dict[str, Any], attempt: Call
    ) -> tuple[Any, Line]:
        connection = driver.connect(*arguments, defer_connect=True, **keywords)
        if connection.unix_socket:
            connection.connect()
            return connection, SocketLine(connection._sock.fileno())
        host = connection.host
        addresses = self.resolver.addresses(host, attempt) if is_name(host) else [host]
        return connection, _open(driver, connection, addresses, attempt)

    def set_up(self, connection: Any, budget: Budget) -> None:
        with connection.cursor() as cursor:
            cursor.execute(session_settings(connection.get_server_info(), budget))

    def now(self, connection: Connection) -> datetime:
        # UNIX_TIMESTAMP(NOW(6)) is an hour off while a session's zone passes the same hour twice.
        micros = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
        return from_micros(connection.execute(text(micros)).scalar_one())

    def insert_or_keep(self, table: Table) -> Insert:
        key = next(iter(table.primary_key.columns)).name
        return mysql.insert(table).on_duplicate_key_update({key: table.c[key]})

    def insert_or_add(self, table: Table, keys: Iterable[str], sums: Iterable[str]) -> Insert:
        statement = mysql.insert(table)
        added = {name: table.c[name] + statement.inserted[name] for name in sums}
        return statement.on_duplicate_key_update(added)

    def is_transient(self, error: DBAPIError) -> bool:
        # 1205 lock wait timeout, 1213 deadlock, 1020 record has changed since last read.
        return _code(error) in {1205, 1213, 1020}

    def is_crowded(self, error: DBAPIError) -> bool:
        # 1040 too many connections, 1203 and 1226 too many of this user.
        return _code(error) in {1040, 1203, 1226}

    def refuses_value(self, error: Exception) -> bool:
        # 1153 larger than max_allowed_packet, where that is said before the connection is closed.
        is_too_large = isinstance(error, DBAPIError) and _code(error) == 1153
        return is_too_large or super().refuses_value(error)


def session_settings(server_info: str, budget: Budget) -> str:
    """One statement that lets the server keep to `budget`.

    `server_info` is what it says of itself at the login, such as "10.11.6-MariaDB".
    """
    values = {
        "innodb_lock_wait_timeout": budget.whole_lock_seconds,
        # For what holds the table itself, such as an ALTER TABLE.
        "lock_wait_timeout": budget.whole_lock_seconds,
    }
    # A statement whose caller has given up does not keep its locks; MySQL only ends SELECTs.
    if "mariadb" in server_info.lower():
        values["max_statement_time"] = int(budget.deadline_seconds)
        values["idle_transaction_timeout"] = int(budget.idle_seconds)
    else:
        values["max_execution_time"] = int(budget.deadline_seconds * 1000)
        if budget.idle_seconds:
            values["wait_timeout"] = MYSQL_IDLE_SECONDS
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in values.items())


def _open(driver: Any, connection: Any, addresses: Sequence[str], attempt: Call) -> Line:
    """Log in, on a socket of ours: PyMySQL's own bounds each read, but not the whole."""
    opened = _tcp_socket(driver, connection, addresses)
    line = SocketLine(opened.fileno())
    attempt.attach(line)
    connection.connect(opened)
    return line


def _tcp_socket(driver: Any, connection: Any, addresses: Sequence[str]) -> socket.socket:
    """A socket that is connected to the first of `addresses` that answers.

    Raises PyMySQL's OperationalError.
    """
    source = (connection.bind_address, 0) if connection.bind_address else None
    reason: OSError | None = None
    for address in addresses:
        try:
            opened = socket.create_connection(
                (address, connection.port), connection.connect_timeout, source
            )
        except OSError as error:
            reason = error
            continue
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return opened
    told = f"Can't connect to MySQL server on {connection.host!r} ({reason})"
    raise driver.OperationalError(CONNECTION_HOST_ERROR, told) from reason


def _code(error: DBAPIError) -> Any:
    return error.orig.args[0] if error.orig is not None and error.orig.args else None
