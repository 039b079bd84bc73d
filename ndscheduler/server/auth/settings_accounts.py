"""The accounts of the settings AUTH_CREDENTIALS and ADMIN_USER; they can not be changed here."""

from __future__ import annotations

from ndscheduler.config import Config
from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.roles import Role


def settings_accounts(config: Config) -> dict[str, Account]:
    """The accounts by name. In 0.x every login could change all jobs, so all are editors."""
    return {
        name: Account(name, role_in_settings(config, name), hashed, source=AccountSource.SETTINGS)
        for name, hashed in config.AUTH_CREDENTIALS.items()
    }


def role_in_settings(config: Config, name: str) -> Role:
    """The role of an account that the settings name."""
    return Role.ADMIN if name in config.ADMIN_USER else Role.EDITOR


def has_admins(config: Config) -> bool:
    """True if the settings name somebody who may administer accounts, and who can log in."""
    known = set(config.AUTH_CREDENTIALS)
    return any(name in known or config.LDAP_SERVER for name in config.ADMIN_USER)
