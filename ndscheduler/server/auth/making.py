"""From the settings and a scheduler to a gate."""

from __future__ import annotations

from ndscheduler.config import Config
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.accounts.tokens import Tokens
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.server.auth.gate import Gate, Stores
from ndscheduler.server.auth.login import Passwords
from ndscheduler.server.auth.settings_accounts import has_admins, settings_accounts
from ndscheduler.server.blocking import BlockingCalls


def make_gate(config: Config, datastore: DatastoreBase, blocking: BlockingCalls) -> Gate:
    """The gate of a server with these settings."""
    from_settings = settings_accounts(config)
    accounts = Accounts(datastore, has_admins_elsewhere=has_admins(config))
    stores = Stores(accounts, Logins(datastore), Tokens(datastore))
    passwords = Passwords(from_settings, accounts, stores.logins, blocking)
    return Gate(config, stores, passwords, blocking, from_settings)
