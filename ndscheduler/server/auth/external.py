"""What a directory of another program, such as LDAP, has to do."""

from __future__ import annotations

from typing import Protocol

from ndscheduler.corescheduler.account_models import Account


class ExternalDirectory(Protocol):
    """Checks passwords of accounts that are kept elsewhere."""

    async def check(self, name: str, password: str) -> Account | None:
        """The account, with its role, if this is its password and it may log in; else None.

        Raises DirectoryUnavailable, after some seconds at most, where it does not answer.
        """

    def close(self) -> None:
        """Ask nothing more."""
