"""A server that others can reach is never without an account."""

from __future__ import annotations

import logging
import secrets
import sys

from ndscheduler.config import Config
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import hash_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.gate import OPEN_TO_PROXIES
from ndscheduler.server.exposure import is_behind_proxy
from ndscheduler.server.listener import is_loopback

logger = logging.getLogger(__name__)

NAME = "admin"
PASSWORD_BYTES = 15


def ensure_account(config: Config, datastore: DatastoreBase) -> None:
    """Make the account `admin`, and print its password, where others would find an open door."""
    accounts = Accounts(datastore)
    if config.AUTH == "none" or config.AUTH_CREDENTIALS or config.LDAP_SERVER:
        return
    if datastore.patiently(accounts.exist):
        return
    if is_loopback(config.HTTP_ADDRESS):
        if is_behind_proxy(config):
            logger.warning("A proxy seems to stand before this server. %s", OPEN_TO_PROXIES)
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
