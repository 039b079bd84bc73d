"""The command `users`: the accounts of the database, also while servers run."""

from __future__ import annotations

import argparse
import getpass
import os
import socket
import sys
from collections.abc import Callable

from ndscheduler.config import Config
from ndscheduler.corescheduler.account_models import Account
from ndscheduler.corescheduler.accounts.accounts import AccountChange, Accounts
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import hash_password, refuse_weak_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.passwords import read_password
from ndscheduler.server.account_requests import UserRequest
from ndscheduler.server.auth.principal import COMMAND_LINE
from ndscheduler.server.auth.settings_accounts import has_admins, settings_accounts
from ndscheduler.server.build import configured_datastore

HEADER = ("NAME", "ROLE", "STATE", "KEPT IN")


def users(config: Config, options: argparse.Namespace) -> int:
    """Do what `options` name; the exit status."""
    with configured_datastore(config) as datastore:
        if options.action == "add" and datastore.open_if_new():
            sys.stderr.write(f"Made the tables of the database {datastore.dialect.where}.\n")
        datastore.check_schema()
        command = _Command(config, datastore)
        sys.stdout.write(f"{ACTIONS[options.action](command, options)}\n")
    return 0


class _Command:
    """One command, and what it says in the end."""

    def __init__(self, config: Config, datastore: DatastoreBase) -> None:
        self._from_settings = settings_accounts(config)
        self._has_admins = has_admins(config)
        self._accounts = Accounts(datastore, has_admins_elsewhere=self._has_admins)
        # Who can give this command can also make an admin.
        self._adding = Accounts(datastore, has_admins_elsewhere=True)
        self._actor = Actor(COMMAND_LINE, who_types())

    def add(self, options: argparse.Namespace) -> str:
        """Add the account."""
        name = options.name
        self._refuse_kept_elsewhere(name)
        if self._accounts.find(name) is not None:
            raise InvalidInput("", f"There is an account {name!r} already.")
        role_word = options.role or self._first_role()
        fields = {"name": name, "role": role_word, "password": read_password()}
        # The rules for names are those of the REST API.
        role = Role(validated(UserRequest, fields).role)
        hashed = self._hashed(fields["password"], name)
        self._adding.add(name, hashed, role, self._actor)
        return f"Added {name} as {role.value}."

    def passwd(self, options: argparse.Namespace) -> str:
        """Change the password."""
        account = self._changeable(options.name)
        hashed = self._hashed(read_password(), account.name)
        self._change(account, AccountChange(password_hash=hashed))
        return f"Changed the password of {account.name}; its logins have ended."

    def disable(self, options: argparse.Namespace) -> str:
        """Let it log in no more."""
        account = self._changeable(options.name)
        self._change(account, AccountChange(is_disabled=True))
        return f"Disabled {account.name}; its logins have ended."

    def enable(self, options: argparse.Namespace) -> str:
        """Let it log in again."""
        account = self._changeable(options.name)
        self._change(account, AccountChange(is_disabled=False))
        return f"Enabled {account.name}."

    def role(self, options: argparse.Namespace) -> str:
        """Give it another role."""
        account = self._changeable(options.name)
        self._change(account, AccountChange(role=Role(options.role)))
        return f"{account.name} is {options.role} now."

    def list(self, _: argparse.Namespace) -> str:
        """A table of all."""
        rows = [HEADER]
        rows += [_row(account, "settings (read-only)") for account in self._from_settings.values()]
        rows += [_row(account, "database") for account in self._accounts.all()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(lines)

    def _first_role(self) -> str:
        """What an account is of which nothing is said: the first an admin, all others viewers."""
        is_first = not self._has_admins and not self._accounts.exist()
        return str((Role.ADMIN if is_first else Role.VIEWER).value)

    def _changeable(self, name: str) -> Account:
        self._refuse_kept_elsewhere(name)
        return self._accounts.get(name)

    def _refuse_kept_elsewhere(self, name: str) -> None:
        if name in self._from_settings:
            raise InvalidInput("", f"{name!r} is an account of AUTH_CREDENTIALS: change it there.")

    def _change(self, account: Account, change: AccountChange) -> None:
        self._accounts.change(account.name, change, self._actor)

    def _hashed(self, password: str, name: str) -> str:
        refuse_weak_password(password, name)
        return hash_password(password)


ACTIONS: dict[str, Callable[[_Command, argparse.Namespace], str]] = {
    "add": _Command.add,
    "passwd": _Command.passwd,
    "disable": _Command.disable,
    "enable": _Command.enable,
    "role": _Command.role,
    "list": _Command.list,
}


def who_types() -> str:
    """Who runs the command, for the audit log: its login name and the machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # In a container there may be nobody of that number.
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}"[:100]


def _row(account: Account, where: str) -> tuple[str, str, str, str]:
    role = "unknown" if account.role is None else account.role.value
    return account.name, role, "disabled" if account.is_disabled else "enabled", where
