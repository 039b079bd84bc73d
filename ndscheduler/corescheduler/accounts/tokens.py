"""API tokens: keys for programs, of which the database keeps hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ndscheduler.corescheduler.account_models import Account, ApiToken
from ndscheduler.corescheduler.accounts.audit import token_fields
from ndscheduler.corescheduler.accounts.audited import Audited
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import InvalidInput, TokenNotFound
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role

# How often it is noted that a token is used.
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be kept; it ends with the account `owner`."""

    name: str
    hash: str
    role: Role
    owner: str
    expires_at: datetime | None = None


class Tokens(Audited):
    """The API tokens of one database."""

    def add(self, new: NewToken, actor: Actor) -> ApiToken:
        """Keep the hash of a new API token. Raises InvalidInput for an expiry that has passed."""

        def work(connection: Connection) -> ApiToken:
            now = self._now(connection)
            expires = new.expires_at
            if expires is not None and expires <= now:
                raise InvalidInput("expires_at", f"{expires.isoformat()} is not in the future")
            token = ApiToken(new_id(), new.name, new.hash, new.owner, new.role, now, expires)
            self._datastore.api_tokens.insert(connection, token)
            changes = {field: [None, value] for field, value in token_fields(token).items()}
            sentence = f"API token {new.name} was made, as {new.role.value}."
            self._audit(connection, AuditEvent.TOKEN_ADDED, actor, now, sentence, changes)
            return token

        return self._datastore.write(work)

    def revoke(self, token_id: str, actor: Actor) -> ApiToken:
        """Forget an API token. Raises TokenNotFound."""

        def work(connection: Connection) -> ApiToken:
            token = None
            if "\0" not in token_id:
                token = self._datastore.api_tokens.find(connection, token_id)
            if token is None or not self._datastore.api_tokens.delete(connection, token_id):
                raise TokenNotFound(token_id)
            now = self._now(connection)
            changes = {field: [value, None] for field, value in token_fields(token).items()}
            sentence = f"API token {token.name} was revoked."
            self._audit(connection, AuditEvent.TOKEN_REVOKED, actor, now, sentence, changes)
            return token

        return self._datastore.write(work)

    def all(self) -> list[ApiToken]:
        """All API tokens, the newest first."""
        return self._datastore.read(self._datastore.api_tokens.all)

    def find(self, token_hash: str, touches: bool = True) -> tuple[ApiToken, Account | None] | None:
        """The API token of this hash, unless it has expired, and the account that it ends with.

        `touches` notes that it is used, to the minute.
        """

        def work(
            connection: Connection,
        ) -> tuple[ApiToken, Account | None, datetime] | None:
            token = self._datastore.api_tokens.find_by_hash(connection, token_hash)
            if token is None:
                return None
            owner = self._datastore.users.find(connection, token.user_name)
            return token, owner, self._now(connection)

        found = self._datastore.read(work)
        if found is None or found[0].is_over_at(found[2]):
            return None
        token, owner, now = found
        is_new = token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY
        if touches and is_new:
            self._touch(self._datastore.api_tokens.touch, token.id, now)
        return token, owner
