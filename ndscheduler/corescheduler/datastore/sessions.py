"""Statements on logins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ndscheduler.corescheduler.account_models import AccountSource, Session
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.roles import find_role


class Sessions:
    """The sessions table: one row per login that is not over."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.sessions

    def insert(self, connection: Connection, session: Session) -> None:
        """Add a login."""
        connection.execute(self._table.insert(), [_row(session)])

    def find(self, connection: Connection, id_hash: str) -> Session | None:
        """The login whose id has this hash, be it over."""
        query = select(self._table).where(self._table.c.id_hash == id_hash)
        row = connection.execute(query).first()
        return None if row is None else _session(row)

    def touch(self, connection: Connection, id_hash: str, now: datetime) -> None:
        """Note that the login is used."""
        statement = self._table.update().where(self._table.c.id_hash == id_hash)
        connection.execute(statement.values(last_seen_at=now))

    def delete(self, connection: Connection, id_hash: str) -> bool:
        """End a login; False if there is none."""
        statement = self._table.delete().where(self._table.c.id_hash == id_hash)
        return connection.execute(statement).rowcount > 0

    def delete_of(self, connection: Connection, user_name: str) -> int:
        """End all logins of an account; how many there were."""
        statement = self._table.delete().where(self._table.c.user_name == user_name)
        return connection.execute(statement).rowcount

    def delete_expired(self, connection: Connection, now: datetime) -> int:
        """Forget the logins that are too old; how many there were."""
        statement = self._table.delete().where(self._table.c.expires_at <= now)
        return connection.execute(statement).rowcount


def _row(session: Session) -> dict[str, Any]:
    return {
        "id_hash": session.id_hash,
        "user_name": session.user_name,
        "source": session.source.value,
        "role": None if session.role is None else session.role.value,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
    }


def _session(row: Any) -> Session:
    return Session(
        id_hash=row.id_hash,
        user_name=row.user_name,
        source=AccountSource(row.source),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        role=None if row.role is None else find_role(row.role),
    )
