"""/api/v1/users: the accounts."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.account_models import Account
from ndscheduler.corescheduler.accounts.accounts import AccountChange
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.password_hashes import refuse_weak_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.server.account_requests import UserChangeRequest, UserRequest
from ndscheduler.server.auth.principal import Way
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.json_out import Json, iso


class Handler(ApiHandler):
    """The list of accounts, and one account."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    item_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "PUT")

    async def get(self, name: str | None = None) -> None:
        """GET /api/v1/users, GET /api/v1/users/{name}: all accounts; one. 404.

        Accounts of the settings come first. Those of LDAP are not known here.
        """
        await (self.get_account(name) if name else self.get_accounts())

    async def get_accounts(self) -> None:
        """GET /api/v1/users: all accounts, those of the settings first."""
        kept = await self.blocking(self.context.gate.stores.accounts.all)
        found = [*self.context.gate.settings_accounts.values(), *kept]
        self.write_json({"users": [account_json(account) for account in found]})

    async def get_account(self, name: str) -> None:
        """GET /api/v1/users/{name}: one account. 404."""
        account = self.context.gate.settings_accounts.get(name)
        if account is None:
            account = await self.blocking(self.context.gate.stores.accounts.get, name)
        self.write_json(account_json(account))

    async def post(self) -> None:
        """POST /api/v1/users: add an account, with `name`, `password` and `role`; 201. 400.

        The first account of an open server is that of an admin; from then on all have to log in.
        """
        await self.add(self.json_body)

    async def add(self, fields: Json) -> None:
        """Add the account that `fields` describe."""
        request = validated(UserRequest, fields)
        gate = self.context.gate
        password = request.password.get_secret_value()
        refuse_weak_password(password, request.name)
        self._refuse_kept_elsewhere(request.name)
        hashed = await gate.passwords.hash(password)
        add = gate.stores.accounts.add
        account = await self.blocking(add, request.name, hashed, Role(request.role), self.actor)
        gate.account_was_added()
        if self.principal is not None and self.principal.way is Way.OPEN:
            self.context.streams.end_user(self.principal.name)
        self.set_status(201)
        self.write_json(account_json(account))

    async def put(self, name: str) -> None:
        """PUT /api/v1/users/{name}: change `role`, `is_disabled` or `password`. 400, 404.

        What is not sent stays. The sessions of the account end.
        """
        request = validated(UserChangeRequest, self.json_body)
        self._refuse_kept_elsewhere(name)
        gate = self.context.gate
        hashed = None
        if request.password is not None:
            password = request.password.get_secret_value()
            refuse_weak_password(password, name)
            hashed = await gate.passwords.hash(password)
        role = None if request.role is None else Role(request.role)
        change = AccountChange(role, request.is_disabled, hashed)
        account = await self.blocking(gate.stores.accounts.change, name, change, self.actor)
        gate.passwords.forget(name)
        self.context.streams.end_user(name)
        self.write_json(account_json(account))

    def _refuse_kept_elsewhere(self, name: str) -> None:
        if name in self.context.gate.settings_accounts:
            raise InvalidInput("name", f"{name!r} is an account of AUTH_CREDENTIALS")


def account_json(account: Account) -> Json:
    """An account; its password is in no answer, not even as a hash."""
    return {
        "name": account.name,
        "role": None if account.role is None else account.role.value,
        "source": account.source.value,
        "is_disabled": account.is_disabled,
        "created_at": iso(account.created_at),
        "updated_at": iso(account.updated_at),
    }
