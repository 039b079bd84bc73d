"""/api/v1/tokens: keys for programs."""

from __future__ import annotations

import secrets
from typing import ClassVar

from ndscheduler.corescheduler.account_models import ApiToken
from ndscheduler.corescheduler.accounts.tokens import NewToken
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.server.account_requests import TokenRequest
from ndscheduler.server.auth.gate import token_hash
from ndscheduler.server.auth.principal import Way
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.json_out import Json, iso

# So that a token is known for one wherever it is found.
PREFIX = "ndscheduler_"
TOKEN_BYTES = 32


class Handler(ApiHandler):
    """The list of API tokens, and one token."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    item_methods: ClassVar[tuple[str, ...]] = ("DELETE",)

    async def get(self) -> None:
        """GET /api/v1/tokens: all API tokens, the newest first, without what they are."""
        found = await self.blocking(self.context.gate.stores.tokens.all)
        self.write_json({"tokens": [token_json(token) for token in found]})

    async def post(self) -> None:
        """POST /api/v1/tokens: a new API token, with `name`, `role`, `expires_at`; 201. 400.

        The answer has the `token` itself, which is shown this once.
        """
        request = validated(TokenRequest, self.json_body)
        owner = self._owner()
        made = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        role, expires = Role(request.role), request.expires_at
        new = NewToken(request.name, token_hash(made), role, owner, expires)
        token = await self.blocking(self.context.gate.stores.tokens.add, new, self.actor)
        self.set_status(201)
        self.write_json({**token_json(token), "token": made})

    def _owner(self) -> str:
        """The account that a new token ends with: of one that a token makes, that of the first."""
        if self.principal is None or self.principal.way is Way.OPEN:
            raise InvalidInput("", "Nobody is logged in whose API token it would be.")
        return self.principal.owner

    async def delete(self, token_id: str) -> None:
        """DELETE /api/v1/tokens/{id}: revoke an API token. 404."""
        revoke = self.context.gate.stores.tokens.revoke
        token = await self.blocking(revoke, token_id, self.actor)
        self.context.streams.end_session(token.token_hash)
        self.write_json(token_json(token))


def token_json(token: ApiToken) -> Json:
    """An API token, without what it is."""
    return {
        "id": token.id,
        "name": token.name,
        "role": None if token.role is None else token.role.value,
        "made_by": token.user_name,
        "created_at": iso(token.created_at),
        "expires_at": iso(token.expires_at),
        "last_used_at": iso(token.last_used_at),
    }
