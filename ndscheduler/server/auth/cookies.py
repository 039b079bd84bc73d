"""The cookie of a login: its name, its attributes, and the hash under which the login is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from tornado.web import RequestHandler

from ndscheduler.config import Config

ID_BYTES = 16
SECONDS_PER_DAY = 86400


def new_session_id() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(ID_BYTES)


def hash_of(session_id: str, key: str) -> str:
    """What the database keeps of a session's id; another `key` ends all sessions."""
    return hmac.new(key.encode(), session_id.encode(), hashlib.sha256).hexdigest()


class SessionCookie:
    """Reads and writes the cookie of one request."""

    def __init__(self, handler: RequestHandler, config: Config) -> None:
        self._handler = handler
        self._config = config

    @property
    def is_secure(self) -> bool:
        """True where the client speaks HTTPS, be it with a proxy before us."""
        return self._handler.request.protocol == "https"

    @property
    def name(self) -> str:
        """`__Host-` lets no page of a neighbouring host set it; browsers want TLS for that."""
        return f"__Host-{self._config.COOKIE_NAME}" if self.is_secure else self._config.COOKIE_NAME

    def read(self) -> str | None:
        """The session's id that the client sent; None without."""
        return self._handler.get_cookie(self.name) or None

    def write(self, session_id: str) -> None:
        """Log the client in."""
        max_age = max(1, int(self._config.COOKIE_MAX_AGE * SECONDS_PER_DAY))
        self._handler.set_cookie(self.name, session_id, max_age=max_age, **self._attributes)

    def clear(self) -> None:
        """Let the client forget its session."""
        # Tornado leaves out a Max-Age of 0; this sends a date that has passed.
        self._handler.clear_cookie(self.name, **self._attributes)

    @property
    def _attributes(self) -> dict[str, Any]:
        # Browsers refuse a `__Host-` cookie with another path.
        return {"path": "/", "httponly": True, "samesite": "Lax", "secure": self.is_secure}
