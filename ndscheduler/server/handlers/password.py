"""/api/v1/password: changing one's own password."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.accounts.accounts import AccountChange
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.password_hashes import refuse_weak_password
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.server.account_requests import PasswordRequest
from ndscheduler.server.auth.login import Attempt
from ndscheduler.server.auth.principal import Principal, Way
from ndscheduler.server.errors import BadCredentials
from ndscheduler.server.handlers.session import LoginBase


class Handler(LoginBase):
    """The password of who is logged in."""

    collection_methods: ClassVar[tuple[str, ...]] = ("PUT",)

    async def put(self) -> None:
        """PUT /api/v1/password: `password`, the one until now, and `new_password`. 400, 429.

        All sessions of the account end; the one that asks goes on as a new one.
        """
        request = validated(PasswordRequest, self.json_body)
        old, new = request.password, request.new_password
        await self.change(old.get_secret_value(), new.get_secret_value())

    async def change(self, old: str, new: str) -> None:
        """Change the password of who asks from `old` to `new`."""
        principal = self._changeable()
        refuse_weak_password(new, principal.name, "new_password")
        shown = await self._check_old(principal.name, old)
        gate = self.context.gate
        hashed = await gate.passwords.hash(new)
        change = AccountChange(password_hash=hashed, shown_hash=shown.password_hash)
        account = await self.blocking(
            gate.stores.accounts.change, principal.name, change, self.actor
        )
        gate.passwords.forget(account.name)
        if principal.session is not None:
            _, session_id = await gate.open_session(account, str(self.request.remote_ip))
            self.session_cookie.write(session_id)
        # Last: who is told that the login is over asks at once whether there is another.
        self.context.streams.end_user(account.name)
        self.write_json({"username": account.name})

    def _changeable(self) -> Principal:
        """Who asks, if that is an account with a password in the database."""
        principal = self.principal
        if principal is None or principal.way in (Way.OPEN, Way.TOKEN):
            raise InvalidInput("", "Nobody is logged in whose password could be changed.")
        if principal.source is not AccountSource.DATABASE:
            where = "the settings" if principal.source is AccountSource.SETTINGS else "LDAP"
            raise InvalidInput("", f"The password of {principal.name} is kept by {where}.")
        return principal

    async def _check_old(self, name: str, password: str) -> Account:
        attempt = Attempt(name, password, str(self.request.remote_ip))
        try:
            return await self.context.gate.passwords.check(attempt)
        except BadCredentials as error:
            # 401 would mean that the session is over.
            raise InvalidInput("password", "is wrong") from error
