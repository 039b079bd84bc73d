"""Logins of an LDAP directory, and the roles of its users.

Imported only where LDAP_SERVER is set: python-ldap is an extra.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from ndscheduler.config import Config
from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.account_requests import AccountName
from ndscheduler.server.auth.ldap_connection import LdapSettings
from ndscheduler.server.auth.ldap_process import NoAnswer, ask
from ndscheduler.server.auth.ldap_server import LdapServer, LdapUser
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import DirectoryUnavailable, NotReady, Overloaded

logger = logging.getLogger(__name__)

# Each is a process: few at once, and few that wait.
AT_ONCE = 4
MAX_WAITING = 60
# That a process ends, and before it that it can begin.
PATIENCE_SECONDS = 5.0
TELL_EVERY_SECONDS = 60.0

_NAME: TypeAdapter[str] = TypeAdapter(AccountName)


class LdapDirectory:
    """Logs in the users of an LDAP server. On the IOLoop only."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        """Connects to nothing yet. Raises ConfigError for settings that can not work."""
        self._settings = ldap_settings(config)
        LdapServer(self._settings)
        self._users = set(config.LDAP_USERS)
        self._admins = set(config.ADMIN_USER)
        self._is_for_all = not config.LDAP_USERS and not config.LDAP_GROUP_ROLES
        self._calls = BlockingCalls(AT_ONCE, MAX_WAITING)
        self._clock = clock
        self._is_closed = False
        self._told_at: float | None = None
        self._told_groups: set[str] = set()
        _warn(config)

    async def check(self, name: str, password: str) -> Account | None:
        """The account, with its role, if this is its password and it may log in; else None.

        Raises DirectoryUnavailable, after PATIENCE_SECONDS at most, where it does not answer.
        """
        if not (_is_account_name(name) and password and _is_text(password)):
            return None
        found = await self._ask(name, password)
        # What the directory calls it must be a name that can be in the audit log, too.
        if found is None or not _is_account_name(found.name):
            return None
        self._tell_groups(found)
        role = self._role(name, found)
        return None if role is None else Account(found.name, role, source=AccountSource.LDAP)

    def close(self) -> None:
        """Ask nothing more."""
        self._is_closed = True
        self._calls.close()

    async def _ask(self, name: str, password: str) -> LdapUser | None:
        if self._is_closed:
            raise NotReady("The server is stopping.")
        answer = self._calls.run(ask, self._settings, name, password)
        try:
            return await asyncio.wait_for(answer, PATIENCE_SECONDS)
        except asyncio.CancelledError:
            # Of those that waited when it was closed.
            if self._is_closed:
                raise NotReady("The server is stopping.") from None
            raise
        except NoAnswer as error:
            self._tell(str(error))
            raise DirectoryUnavailable from error
        except (asyncio.TimeoutError, Overloaded) as error:
            self._tell("too many logins wait for it")
            raise DirectoryUnavailable from error

    def _role(self, typed: str, user: LdapUser) -> Role | None:
        """The role of who the directory has let in; None for who may not come in here.

        The settings may name somebody as the directory does, or, as in 0.x, as it is typed.
        """
        names = {typed, user.name}
        roles = [Role.VIEWER] if self._is_for_all else []
        if names & self._users:
            roles.append(Role.EDITOR)
        if user.group_role is not None:
            roles.append(Role(user.group_role))
        if roles and names & self._admins:
            return Role.ADMIN
        return max(roles, key=list(Role).index, default=None)

    def _tell(self, reason: str) -> None:
        """One line a minute, however many try."""
        now = self._clock()
        if self._told_at is None or now - self._told_at >= TELL_EVERY_SECONDS:
            self._told_at = now
            logger.warning("The LDAP server can not be asked, and lets nobody in: %s.", reason)

    def _tell_groups(self, user: LdapUser) -> None:
        """Once: it may be a slip of the pen in the settings."""
        for group in set(user.unseen_groups) - self._told_groups:
            self._told_groups.add(group)
            logger.warning("LDAP_GROUP_ROLES: LDAP users can not see a group %r.", group)


def ldap_settings(config: Config) -> LdapSettings:
    """The settings LDAP_*."""
    return LdapSettings(
        server=config.LDAP_SERVER,
        uses_starttls=config.LDAP_STARTTLS,
        require_cert=config.LDAP_REQUIRE_CERT,
        cert_dir=config.LDAP_CERT_DIR,
        cert_file=config.LDAP_CERT_FILE,
        login_dn=config.LDAP_LOGIN_DN,
        group_roles={group: role.value for group, role in config.LDAP_GROUP_ROLES.items()},
        group_filter=config.LDAP_GROUP_FILTER,
    )


def _warn(config: Config) -> None:
    """Say what the settings leave open; those of 0.x may, and still work."""
    urls = config.LDAP_SERVER.lower()
    if "ldap://" in urls and not config.LDAP_STARTTLS:
        logger.warning(
            "Passwords go to the LDAP server unencrypted: use ldaps://, or set LDAP_STARTTLS."
        )
    elif config.LDAP_REQUIRE_CERT in ("never", "allow") and "ldapi://" not in urls:
        logger.warning(
            "With LDAP_REQUIRE_CERT %s, passwords go to whoever says to be the LDAP server.",
            config.LDAP_REQUIRE_CERT,
        )


def _is_account_name(name: str) -> bool:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def _is_text(password: str) -> bool:
    """False for half a character, which no directory has."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True
