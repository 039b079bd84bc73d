"""A server that others can reach is never without an account."""

from __future__ import annotations

import secrets
import sys

from ndscheduler.config import Config
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import hash_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.exposure import serves_this_machine_alone

NAME = "admin"
PASSWORD_BYTES = 15


def ensure_account(config: Config, datastore: DatastoreBase) -> None:
    """Make the account `admin`, and print its password, where others would find an open door."""
    if config.AUTH == "none" or serves_this_machine_alone(config):
        return
    accounts = Accounts(datastore)
    if config.AUTH_CREDENTIALS or config.LDAP_SERVER or datastore.patiently(accounts.exist):
        return
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        accounts.add(NAME, hash_password(password), Role.ADMIN, Actor("system"))
    except InvalidInput:
        # Another server that starts on the same database has made it, and prints its password.
        return
    # Not through the log, which may be kept for long and be read by many.
    sys.stderr.write(
        "There is no account yet, and other machines reach this server: the account "
        f"{NAME!r} was made. Its password is not shown again:\n"
        f"    {password}\n"
    )
    sys.stderr.flush()
