"""What is asked of an LDAP server: whether a password is right, and in which groups its owner is.

Imported only where LDAP_SERVER is set: python-ldap is an extra.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import ldap
import ldap.dn
import ldap.filter

from ndscheduler.corescheduler.errors import ConfigError
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.ldap_connection import LdapConnection, LdapSettings, reason_of
from ndscheduler.server.auth.names import folded

USERNAME = "{username}"
ANY_ENTRY = "(objectClass=*)"
# How a server says that who asks may not see an entry.
INVISIBLE = (ldap.NO_SUCH_OBJECT, ldap.INSUFFICIENT_ACCESS)


@dataclass(frozen=True, slots=True)
class LdapUser:
    """Who has shown the password: the name as the directory has it, the role of the groups.

    `unseen_groups` are those of the settings that there are not, or not for this user.
    """

    name: str
    group_role: str | None = None
    unseen_groups: tuple[str, ...] = ()


class LdapServer:
    """The LDAP server of the settings."""

    def __init__(self, settings: LdapSettings) -> None:
        """Connects to nothing yet. Raises ConfigError for settings that can not work."""
        self._settings = settings
        self._name_attribute = _name_attribute(settings.login_dn)
        self._groups = _highest_first(settings.group_roles)
        if USERNAME not in settings.login_dn:
            raise ConfigError(f"LDAP_LOGIN_DN must have {USERNAME} in it.")
        if self._groups and self._name_attribute is None:
            raise ConfigError(f"LDAP_GROUP_ROLES needs an LDAP_LOGIN_DN such as uid={USERNAME},...")
        if settings.uses_starttls and "ldaps:" in settings.server.lower():
            raise ConfigError("LDAP_STARTTLS is for ldap://; ldaps:// is encrypted without it.")
        _check_connecting(settings)

    def find(self, name: str, password: str) -> LdapUser | None:
        """Who this is; None if the server refuses the name or the password.

        Raises ldap.LDAPError where it does not answer, or not sensibly. May block for long.
        """
        # With an empty password a server lets anybody in, as nobody.
        if not password:
            return None
        dn = filled(self._settings.login_dn, {"username": ldap.dn.escape_dn_chars(name)})
        with LdapConnection(self._settings) as connection:
            if not connection.binds(dn, password):
                return None
            return self._known(connection, name, dn)

    def _known(self, connection: LdapConnection, name: str, dn: str) -> LdapUser:
        """What the directory knows of `name`, who has logged in as `dn`.

        Ann, ann and " ann" are one entry to it, which must not become several accounts.
        """
        if self._name_attribute is None:
            return LdapUser(folded(name))
        found = None
        with contextlib.suppress(*INVISIBLE):
            found = connection.find_entry(dn, ANY_ENTRY)
        if found is None:
            return self._in_groups(connection, folded(name), dn)
        own_name = _first_values(found).get(self._name_attribute, folded(name))
        return self._in_groups(connection, own_name, found)

    def _in_groups(self, connection: LdapConnection, name: str, dn: str) -> LdapUser:
        """The user, with the highest role that a group gives."""
        escape = ldap.filter.escape_filter_chars
        values = {"username": escape(name), "dn": escape(dn)}
        is_member = filled(self._settings.group_filter, values)
        unseen: list[str] = []
        for group, role in self._groups:
            try:
                if connection.find_entry(group, is_member) is not None:
                    return LdapUser(name, role, tuple(unseen))
            except INVISIBLE:
                unseen.append(group)
        return LdapUser(name, None, tuple(unseen))


def _check_connecting(settings: LdapSettings) -> None:
    """Raises ConfigError, without the URL, since a password may be in it."""
    try:
        ldap.initialize(settings.server)
    except ldap.LDAPError as error:
        raise ConfigError("LDAP_SERVER must be URLs such as ldaps://ldap.example.com.") from error
    try:
        with LdapConnection(settings):
            pass
    except (ldap.LDAPError, ValueError) as error:
        files = f"LDAP_CERT_FILE {settings.cert_file!r} and LDAP_CERT_DIR {settings.cert_dir!r}"
        raise ConfigError(f"{files} can not be used: {reason_of(error)}.") from error


def filled(template: str, values: Mapping[str, str]) -> str:
    """`template` with {username} and the like replaced; what comes in is not looked through."""
    names = "|".join(values)
    return re.sub(rf"\{{({names})\}}", lambda match: values[match[1]], template)


def _name_attribute(login_dn: str) -> str | None:
    """The attribute that is {username} in the first part of `login_dn`; None where none is.

    Such as for Active Directory's {username}@example.com, which is no DN.
    """
    try:
        values = _first_values(login_dn)
    except ldap.DECODING_ERROR:
        return None
    return next((attribute for attribute, value in values.items() if value == USERNAME), None)


def _first_values(dn: str) -> dict[str, str]:
    """The first part of a DN: {"uid": "ann"}."""
    parts = ldap.dn.str2dn(dn)
    return {attribute.lower(): value for attribute, value, _ in parts[0]} if parts else {}


def _highest_first(roles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Groups and their roles. Raises ConfigError for what is no DN."""
    for group in roles:
        try:
            ldap.dn.str2dn(group)
        except ldap.DECODING_ERROR as error:
            raise ConfigError(f"LDAP_GROUP_ROLES must name groups by DN, not {group!r}.") from error
    order = [role.value for role in Role]
    return sorted(roles.items(), key=lambda item: order.index(item[1]), reverse=True)
