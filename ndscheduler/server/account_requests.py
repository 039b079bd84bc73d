"""What a user may send about accounts and logins, as pydantic models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from ndscheduler.corescheduler.service_requests import TIME_OR_NULL, Request, instant_field
from ndscheduler.server.auth.principal import RESERVED_NAMES

RoleWord = Literal["viewer", "operator", "editor", "admin"]


def _account_name(name: str) -> str:
    if not name.isprintable() or name != name.strip() or ":" in name or "/" in name:
        raise ValueError("must be printable, without ':', '/' and spaces at its ends")
    if name.lower() in RESERVED_NAMES:
        raise ValueError(f"must not be {name!r}, which the audit log uses for others")
    return name


AccountName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_account_name)]
# The types say how long; what a password must be, the hashing says.
Password = Annotated[SecretStr, Field(min_length=1, max_length=4096)]


class LoginRequest(Request):
    """A login."""

    username: Annotated[str, Field(max_length=1000)]
    password: Annotated[SecretStr, Field(max_length=4096)]


class PasswordRequest(Request):
    """A new password of one's own."""

    password: Annotated[SecretStr, Field(max_length=4096)]
    new_password: Password


class UserRequest(Request):
    """A new account."""

    name: AccountName
    password: Password
    role: RoleWord


class UserChangeRequest(Request):
    """A change of an account."""

    role: RoleWord | None = None
    is_disabled: bool | None = None
    password: Password | None = None


class TokenRequest(Request):
    """A new API token."""

    name: AccountName
    role: RoleWord
    expires_at: Annotated[datetime | None, instant_field("expires_at"), TIME_OR_NULL] = None
