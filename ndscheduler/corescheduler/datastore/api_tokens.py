"""Statements on API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ndscheduler.corescheduler.account_models import ApiToken
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.roles import find_role


class ApiTokens:
    """The tokens table: one row per token that was not revoked."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.api_tokens

    def insert(self, connection: Connection, token: ApiToken) -> None:
        """Add a token."""
        connection.execute(self._table.insert(), [_row(token)])

    def find_by_hash(self, connection: Connection, token_hash: str) -> ApiToken | None:
        """The token of this hash, be it expired."""
        query = select(self._table).where(self._table.c.token_hash == token_hash)
        row = connection.execute(query).first()
        return None if row is None else _token(row)

    def find(self, connection: Connection, token_id: str) -> ApiToken | None:
        """The token of this id, be it expired."""
        row = connection.execute(select(self._table).where(self._table.c.id == token_id)).first()
        return None if row is None else _token(row)

    def touch(self, connection: Connection, token_id: str, now: datetime) -> None:
        """Note that the token is used."""
        statement = self._table.update().where(self._table.c.id == token_id)
        connection.execute(statement.values(last_used_at=now))

    def delete(self, connection: Connection, token_id: str) -> bool:
        """Revoke a token; False if there is none."""
        statement = self._table.delete().where(self._table.c.id == token_id)
        return connection.execute(statement).rowcount > 0

    def all(self, connection: Connection) -> list[ApiToken]:
        """All tokens, the newest first."""
        table = self._table
        query = select(table).order_by(table.c.created_at.desc(), table.c.id.desc())
        return [_token(row) for row in connection.execute(query)]


def _row(token: ApiToken) -> dict[str, Any]:
    if token.role is None:
        raise ValueError(f"the token {token.name!r} has no role")
    return {
        "id": token.id,
        "name": token.name,
        "token_hash": token.token_hash,
        "user_name": token.user_name,
        "role": token.role.value,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        token_hash=row.token_hash,
        user_name=row.user_name,
        role=find_role(row.role),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
