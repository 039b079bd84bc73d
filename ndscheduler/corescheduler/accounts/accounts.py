"""Accounts of the database: adding and changing them, each with its audit entry at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ndscheduler.corescheduler.account_models import Account
from ndscheduler.corescheduler.accounts.audit import account_changes
from ndscheduler.corescheduler.accounts.audited import Audited
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import AccountNotFound, InvalidInput
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to change in an account; None leaves it as it is."""

    role: Role | None = None
    is_disabled: bool | None = None
    password_hash: str | None = None
    # The hash of the password that was shown for this change; it must be that of the account still.
    shown_hash: str | None = None


class Accounts(Audited):
    """The accounts of one database. Every method blocks on it; safe to use from several threads.

    `has_admins_elsewhere` is True where the settings name one: then the database needs none.
    """

    def __init__(self, datastore: DatastoreBase, has_admins_elsewhere: bool = False) -> None:
        super().__init__(datastore)
        self._has_admins_elsewhere = has_admins_elsewhere

    def exist(self) -> bool:
        """True if the database has any account."""
        return self._datastore.read(self._datastore.users.exist)

    def find(self, name: str) -> Account | None:
        """The account of this name."""
        return None if "\0" in name else self._datastore.read(self._datastore.users.find, name)

    def get(self, name: str) -> Account:
        """The account of this name. Raises AccountNotFound."""
        account = self.find(name)
        if account is None:
            raise AccountNotFound(name)
        return account

    def all(self) -> list[Account]:
        """All accounts of the database, by name."""
        return self._datastore.read(self._datastore.users.all)

    def add(self, name: str, password_hash: str, role: Role, actor: Actor) -> Account:
        """Add an account. Raises InvalidInput for a name that there is already."""

        def work(connection: Connection) -> Account:
            self._keep_an_admin(connection, name, role, may_log_in=True)
            now = self._now(connection)
            account = Account(
                name, role, password_hash, id=new_id(), created_at=now, updated_at=now
            )
            if not self._datastore.users.insert(connection, account):
                raise InvalidInput("name", f"there is an account {name!r} already")
            changes = account_changes(None, account)
            sentence = f"Account {name} was added as {role.value}."
            self._audit(connection, AuditEvent.USER_ADDED, actor, now, sentence, changes)
            return account

        return self._datastore.write(work)

    def change(self, name: str, change: AccountChange, actor: Actor) -> Account:
        """Change an account; its sessions end, unless nothing differs.

        Raises AccountNotFound, InvalidInput.
        """

        def work(connection: Connection) -> Account:
            old = self._locked(connection, name)
            _refuse_outdated(old, change)
            now = self._now(connection)
            new = _changed(old, change, now)
            if new == replace(old, updated_at=now):
                return old
            if new.role is not None:
                self._keep_an_admin(connection, name, new.role, new.may_log_in)
            self._datastore.users.update(connection, new)
            self._datastore.sessions.delete_of(connection, name)
            self._audit_change(connection, old, new, actor)
            return new

        return self._datastore.write(work)

    def strengthen(self, account: Account, new_hash: str) -> Account:
        """Store a dearer hash of the same password, unless that has changed meanwhile.

        The account as it is stored then. Raises AccountNotFound.
        """

        def work(connection: Connection) -> Account:
            kept = self._locked(connection, account.name)
            if kept.password_hash != account.password_hash:
                return kept
            stronger = replace(kept, password_hash=new_hash)
            self._datastore.users.update(connection, stronger)
            return stronger

        return self._datastore.write(work)

    def _keep_an_admin(
        self, connection: Connection, name: str, role: Role, may_log_in: bool
    ) -> None:
        """Raise InvalidInput where nobody could administer accounts any more."""
        if self._has_admins_elsewhere or (role is Role.ADMIN and may_log_in):
            return
        others = set(self._datastore.users.admins_locked(connection)) - {name}
        if not others:
            raise InvalidInput("role", "somebody has to be an admin: make one first")

    def _audit_change(
        self, connection: Connection, old: Account, new: Account, actor: Actor
    ) -> None:
        now = self._now(connection)
        changes = account_changes(old, new)
        if new.password_hash != old.password_hash:
            sentence = f"The password of {new.name} was changed."
            self._audit(connection, AuditEvent.PASSWORD_CHANGED, actor, now, sentence)
        if changes:
            told = ", ".join(f"{field}: {was} => {now_}" for field, (was, now_) in changes.items())
            sentence = f"Account {new.name} was changed: {told}."
            self._audit(connection, AuditEvent.USER_CHANGED, actor, now, sentence, changes)

    def _locked(self, connection: Connection, name: str) -> Account:
        found = None if "\0" in name else self._datastore.users.find_locked(connection, name)
        if found is None:
            raise AccountNotFound(name)
        return found


def _refuse_outdated(account: Account, change: AccountChange) -> None:
    """Who is shut out by a new password, or disabled, may not undo that by a request under way."""
    if change.shown_hash is None:
        return
    if not account.may_log_in or account.password_hash != change.shown_hash:
        raise InvalidInput("password", "is not that of the account any more")


def _changed(old: Account, change: AccountChange, now: datetime) -> Account:
    return replace(
        old,
        role=old.role if change.role is None else change.role,
        is_disabled=old.is_disabled if change.is_disabled is None else change.is_disabled,
        password_hash=change.password_hash or old.password_hash,
        updated_at=now,
    )
