"""/api/v1/session: logging in and out, and who is logged in."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.server.account_requests import LoginRequest
from ndscheduler.server.auth.login import Attempt
from ndscheduler.server.auth.principal import Principal
from ndscheduler.server.errors import Unauthenticated
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.json_out import Json

# Names and passwords, however they are escaped. Who is nobody yet may not ask for more work.
MAX_LOGIN_BYTES = 64 * 1024


class LoginBase(ApiHandler):
    """A handler that logs in and out."""

    max_body_bytes: ClassVar[int | None] = MAX_LOGIN_BYTES

    async def log_in(self, name: str, password: str) -> Principal:
        """Log in and set the cookie. Raises BadCredentials, TooManyAttempts, Overloaded."""
        attempt = Attempt(name, password, str(self.request.remote_ip))
        principal, session_id = await self.context.gate.log_in(attempt)
        await self.log_out()
        self.session_cookie.write(session_id)
        return principal

    async def log_out(self) -> None:
        """End the session that the request's cookie is of, and clear the cookie."""
        gate = self.context.gate
        cookie = self.session_cookie.read()
        if cookie is None:
            return
        principal = await gate.by_cookie(cookie)
        if principal is not None and principal.session is not None:
            await gate.log_out(principal, str(self.request.remote_ip))
            self.context.streams.end_session(principal.session)
        self.session_cookie.clear()


class Handler(LoginBase):
    """The session of the client."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST", "DELETE")

    async def get(self) -> None:
        """GET /api/v1/session: who asks; `login_required` where that is nobody."""
        try:
            principal = await self.find_principal()
        except Unauthenticated:
            principal = None
        self.write_json(session_json(principal))

    async def post(self) -> None:
        """POST /api/v1/session: log in, with `username` and `password`. 400, 401, 429, 503."""
        request = validated(LoginRequest, self.json_body)
        principal = await self.log_in(request.username, request.password.get_secret_value())
        self.write_json(session_json(principal))

    async def delete(self) -> None:
        """DELETE /api/v1/session: log out. No error without a session."""
        await self.log_out()
        self.write_json(session_json(None))


def session_json(principal: Principal | None) -> Json:
    """Who asks."""
    if principal is None:
        nobody: Json = dict.fromkeys(("username", "role", "way", "source"))
        return {**nobody, "login_required": True}
    source = None if principal.source is None else principal.source.value
    return {
        "username": principal.name,
        "role": principal.role.value,
        "way": principal.way.value,
        "source": source,
        "login_required": False,
    }
