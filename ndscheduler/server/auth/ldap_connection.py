"""One connection to an LDAP server, for one login. All of it blocks.

Imported only where LDAP_SERVER is set: python-ldap is an extra.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import ldap
from ldap.ldapobject import LDAPObject

CERTIFICATE_CHECKS = {
    "never": ldap.OPT_X_TLS_NEVER,
    "allow": ldap.OPT_X_TLS_ALLOW,
    "try": ldap.OPT_X_TLS_TRY,
    "demand": ldap.OPT_X_TLS_DEMAND,
}
# How a server says that this name may not come in with this password. All other errors say that
# it could not find out.
REFUSALS = (
    ldap.INVALID_CREDENTIALS,
    ldap.NO_SUCH_OBJECT,
    ldap.INVALID_DN_SYNTAX,
    ldap.INAPPROPRIATE_AUTH,
    ldap.INSUFFICIENT_ACCESS,
    ldap.UNWILLING_TO_PERFORM,
    ldap.CONSTRAINT_VIOLATION,
)
# What all questions of a login may take together, and to connect, so that another server can
# still be tried.
TIMEOUT_SECONDS = 3.5
CONNECT_SECONDS = 1.5
NO_ANSWER = "no answer in time"
# Asked is whether an entry is there, not what it says.
NO_ATTRIBUTES = ["1.1"]


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """The settings LDAP_*, as JSON can carry them; `group_roles` are words by the DN of a group."""

    server: str
    uses_starttls: bool
    require_cert: str
    cert_dir: str | None
    cert_file: str | None
    login_dn: str
    group_roles: dict[str, str]
    group_filter: str

    @property
    def uses_tls(self) -> bool:
        """Whether certificates count."""
        return self.uses_starttls or "ldaps:" in self.server.lower()


class LdapConnection:
    """A connection that is soon closed. Methods raise ldap.LDAPError.

    They end within TIMEOUT_SECONDS, but for looking up names and beginning TLS, which libldap waits
    for as long as it takes.
    """

    def __init__(self, settings: LdapSettings) -> None:
        """Connects to nothing yet. LDAPError or ValueError tell of settings that can not work."""
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self._settings = settings
        self._ldap: LDAPObject = ldap.initialize(settings.server)
        # A referral would take the password to a server that the settings do not name.
        self._ldap.set_option(ldap.OPT_REFERRALS, 0)
        if settings.uses_tls:
            for option, value in _tls_options(settings):
                self._ldap.set_option(option, value)
        self._bound_connecting()

    def __enter__(self) -> LdapConnection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ldap.unbind_s()

    def binds(self, dn: str, password: str) -> bool:
        """Whether this is the password of the entry `dn`. From here on asked as that entry."""
        if self._settings.uses_starttls:
            self._hurry()
            self._ldap.start_tls_s()
        self._hurry()
        try:
            self._ldap.simple_bind_s(dn, password)
        except REFUSALS:
            return False
        return True

    def find_entry(self, dn: str, condition: str) -> str | None:
        """The DN of this entry as the directory spells it, if the filter `condition` holds."""
        self._hurry()
        found = self._ldap.search_ext_s(dn, ldap.SCOPE_BASE, condition, NO_ATTRIBUTES)
        # A referral has None for a DN.
        return next((str(entry_dn) for entry_dn, _ in found if entry_dn is not None), None)

    def _bound_connecting(self) -> None:
        if not self._settings.uses_tls:
            self._ldap.set_option(ldap.OPT_NETWORK_TIMEOUT, CONNECT_SECONDS)
            return
        # With a network timeout, libldap 2.5 on GnuTLS asks a server that hangs while TLS begins
        # without a pause and without an end, which takes a whole core.
        option = getattr(ldap, "OPT_TCP_USER_TIMEOUT", None)
        with contextlib.suppress(ValueError, ldap.LDAPError):
            if option is not None:
                self._ldap.set_option(option, int(CONNECT_SECONDS * 1000))

    def _hurry(self) -> None:
        """Let the next call last no longer than what is left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ldap.TIMEOUT
        self._ldap.set_option(ldap.OPT_TIMEOUT, left)


def _tls_options(settings: LdapSettings) -> Iterator[tuple[int, Any]]:
    yield ldap.OPT_X_TLS_REQUIRE_CERT, CERTIFICATE_CHECKS[settings.require_cert]
    if settings.cert_file:
        yield ldap.OPT_X_TLS_CACERTFILE, settings.cert_file
    if settings.cert_dir:
        yield ldap.OPT_X_TLS_CACERTDIR, settings.cert_dir
    # The last: it is made of those before it.
    yield ldap.OPT_X_TLS_NEWCTX, 0


def reason_of(error: Exception) -> str:
    """What went wrong, in the words of the library; they hold neither names nor passwords."""
    if isinstance(error, ldap.TIMEOUT):
        return NO_ANSWER
    details = error.args[0] if error.args else None
    if not isinstance(details, dict):
        return str(error) or type(error).__name__
    words = [str(details[key]) for key in ("desc", "info") if details.get(key)]
    # What GnuTLS says to everything.
    said = [text for text in words if text != "(unknown error code)"]
    return " ".join(": ".join(said).split())
