"""From the settings and a scheduler to a gate."""

from __future__ import annotations

from ndscheduler.config import Config
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.accounts.tokens import Tokens
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import ConfigError
from ndscheduler.server.auth.external import ExternalDirectory
from ndscheduler.server.auth.gate import Gate, Stores
from ndscheduler.server.auth.login import Passwords
from ndscheduler.server.auth.settings_accounts import has_admins, settings_accounts
from ndscheduler.server.blocking import BlockingCalls


def make_gate(config: Config, datastore: DatastoreBase, blocking: BlockingCalls) -> Gate:
    """The gate of a server with these settings. Raises ConfigError for those of LDAP."""
    from_settings = settings_accounts(config)
    accounts = Accounts(datastore, has_admins_elsewhere=has_admins(config))
    stores = Stores(accounts, Logins(datastore), Tokens(datastore))
    passwords = Passwords(from_settings, accounts, stores.logins, blocking, make_directory(config))
    return Gate(config, stores, passwords, blocking, from_settings)


def make_directory(config: Config) -> ExternalDirectory | None:
    """The LDAP server, where the settings name one. Raises ConfigError."""
    if not config.LDAP_SERVER:
        return None
    try:
        # Not above: python-ldap is an extra.
        from ndscheduler.server.auth.ldap_directory import LdapDirectory
    except ImportError as error:
        raise ConfigError(
            f"LDAP_SERVER needs python-ldap ({error}): pip install 'ndscheduler[ldap]'."
        ) from error
    return LdapDirectory(config)
