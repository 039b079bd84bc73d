"""What a directory of another program, such as LDAP, has to do."""

from __future__ import annotations

from typing import Protocol

from ndscheduler.corescheduler.account_models import Account


class ExternalDirectory(Protocol):
    """Checks passwords of accounts that are kept elsewhere."""

    async def check(self, name: str, password: str) -> Account | None:
        """The account, with its role, if this is its password and it may log in; else None.

        Never waits longer than a few seconds; a directory that does not answer is logged, and
        lets nobody in.
        """
