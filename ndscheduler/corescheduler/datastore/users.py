"""Statements on accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import IntegrityError

from ndscheduler.corescheduler.account_models import Account
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.roles import Role, find_role


class Users:
    """The users table: one row per account of the database."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._table = tables.users
        self._dialect = dialect

    def insert(self, connection: Connection, account: Account) -> bool:
        """Add an account; False if there is one of its name."""
        try:
            with connection.begin_nested():
                connection.execute(self._table.insert(), [_row(account)])
        except IntegrityError:
            return False
        return True

    def update(self, connection: Connection, account: Account) -> None:
        """Store what has changed in an account."""
        statement = self._table.update().where(self._table.c.id == account.id)
        connection.execute(statement.values(_row(account)))

    def find(self, connection: Connection, name: str) -> Account | None:
        """The account of this name."""
        query = select(self._table).where(self._table.c.name == name)
        return _account_of(connection, query, name)

    def find_locked(self, connection: Connection, name: str) -> Account | None:
        """The account of this name, which nobody else changes until the transaction ends."""
        query = select(self._table).where(self._table.c.name == name)
        return _account_of(connection, self._dialect.awaited(query), name)

    def all(self, connection: Connection) -> list[Account]:
        """All accounts, by name."""
        query = select(self._table).order_by(self._table.c.name)
        return [_account(row) for row in connection.execute(query)]

    def admins_locked(self, connection: Connection) -> list[str]:
        """The names of all who may administer accounts; they stay that until the end."""
        table = self._table
        query = select(table.c.name).where(table.c.role == Role.ADMIN.value, ~table.c.is_disabled)
        return [row.name for row in connection.execute(self._dialect.awaited(query))]

    def exist(self, connection: Connection) -> bool:
        """True if there is any account, be it disabled."""
        return bool(connection.execute(select(func.count()).select_from(self._table)).scalar())


def _account_of(connection: Connection, query: Select[Any], name: str) -> Account | None:
    row = connection.execute(query).first()
    # MySQL leaves spaces at the end out of the comparison: "ann " would be another name for ann.
    return None if row is None or row.name != name else _account(row)


def _row(account: Account) -> dict[str, Any]:
    row = {
        "id": account.id,
        "name": account.name,
        "password_hash": account.password_hash,
        "is_disabled": account.is_disabled,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
    }
    # A role that only another release knows stays.
    return row if account.role is None else {**row, "role": account.role.value}


def _account(row: Any) -> Account:
    return Account(
        name=row.name,
        role=find_role(row.role),
        password_hash=row.password_hash,
        is_disabled=bool(row.is_disabled),
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
