"""Who asks, once that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ndscheduler.corescheduler.account_models import AccountSource
from ndscheduler.corescheduler.roles import Role

ANONYMOUS = "anonymous"
COMMAND_LINE = "command line"
# Names of the audit log that no account may have.
RESERVED_NAMES = (ANONYMOUS, COMMAND_LINE, "code", "system", "upgrade")


class Way(str, Enum):
    """How somebody has come in."""

    # The server asks nobody who he is.
    OPEN = "open"
    SESSION = "session"
    BASIC = "basic"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `session`, `token` and `stamp` are the hashes of what was shown, where it was that.

    `stamp` is that of a password.
    """

    name: str
    role: Role
    way: Way
    source: AccountSource | None = None
    session: str | None = None
    token: str | None = None
    stamp: str | None = None
    # Whose API token it is.
    token_owner: str | None = None

    @property
    def owner(self) -> str:
        """The account that acts."""
        return self.token_owner or self.name


EVERYBODY = Principal(ANONYMOUS, Role.ADMIN, Way.OPEN)
