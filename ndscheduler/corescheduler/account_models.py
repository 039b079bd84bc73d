"""Accounts, sessions and API tokens. Frozen, typed, aware UTC; of secrets only hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ndscheduler.corescheduler.roles import Role


class AccountSource(str, Enum):
    """Where an account is kept. The words are in databases: never rename."""

    DATABASE = "database"
    # AUTH_CREDENTIALS: read-only.
    SETTINGS = "settings"
    LDAP = "ldap"


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in. `role` is None where the database has one that this release does not know.

    `password_hash` is None where another server checks the password.
    """

    name: str
    role: Role | None
    password_hash: str | None = None
    is_disabled: bool = False
    source: AccountSource = AccountSource.DATABASE
    id: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def may_log_in(self) -> bool:
        """False while it is disabled, and where its role is unknown."""
        return self.role is not None and not self.is_disabled


@dataclass(frozen=True, slots=True)
class Session:
    """A login. `id_hash` is a keyed hash of what the cookie holds.

    `role` is that of an LDAP account when it logged in; other accounts are asked anew each time.
    """

    id_hash: str
    user_name: str
    source: AccountSource
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    role: Role | None = None

    def is_over_at(self, now: datetime, idle: timedelta) -> bool:
        """True once it is too old, or was not used for `idle`."""
        return now >= self.expires_at or now - self.last_seen_at >= idle


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key for a program, made by the account `user_name`; it acts with its own role."""

    id: str
    name: str
    token_hash: str
    user_name: str
    role: Role | None
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_over_at(self, now: datetime) -> bool:
        """True once it has expired."""
        return self.expires_at is not None and now >= self.expires_at
