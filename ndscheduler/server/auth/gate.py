"""Finds out who asks, and refuses who may not."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import logging
import socket
import time
from dataclasses import dataclass
from datetime import timedelta

from tornado.httputil import HTTPServerRequest

from ndscheduler.config import Config
from ndscheduler.corescheduler.account_models import Account, AccountSource, ApiToken, Session
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.accounts.tokens import Tokens
from ndscheduler.corescheduler.errors import AccountNotFound, DatastoreUnavailable
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role, lower_of
from ndscheduler.server.auth.cookies import hash_of, new_session_id
from ndscheduler.server.auth.login import Attempt, Passwords
from ndscheduler.server.auth.principal import ANONYMOUS, EVERYBODY, Principal, Way
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import BadCredentials, Unauthenticated
from ndscheduler.server.listener import is_loopback
from ndscheduler.server.proxies import was_forwarded

logger = logging.getLogger(__name__)

# How long after the first account was made by another process this one may still be open.
LOOK_SECONDS = 1.0
SESSION_KEY = "session"
OPEN_TO_PROXIES = (
    "There is no account, so whoever reaches the proxy may do everything here: "
    "make one by `ndscheduler users add`."
)


@dataclass(frozen=True)
class Stores:
    """What is kept of accounts."""

    accounts: Accounts
    logins: Logins
    tokens: Tokens


class Gate:
    """Lets requests in. On the IOLoop only."""

    def __init__(
        self,
        config: Config,
        stores: Stores,
        passwords: Passwords,
        blocking: BlockingCalls,
        from_settings: dict[str, Account],
    ) -> None:
        self.stores = stores
        self.passwords = passwords
        self._config = config
        self._blocking = blocking
        self.settings_accounts = from_settings
        self._has_accounts = bool(from_settings or config.LDAP_SERVER)
        self._looked_at = 0.0
        self._session_key = config.SECURE_COOKIE
        self._has_ended_changed = False
        self._is_local = is_loopback(config.HTTP_ADDRESS)
        self._has_warned = False

    async def admit(self, request: HTTPServerRequest, cookie: str | None) -> Principal | None:
        """Who sends `request`, with the session id in `cookie`; None for who shows nothing.

        Raises Unauthenticated for what is shown and is not valid (but not for an old cookie),
        TooManyAttempts, Overloaded, DatastoreUnavailable.
        """
        if await self.is_open(request):
            return EVERYBODY
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            return await self._by_header(authorization, str(request.remote_ip))
        return None if cookie is None else await self.by_cookie(cookie)

    async def is_open(self, request: HTTPServerRequest) -> bool:
        """True where nobody is asked who he is: by AUTH, or on this machine without accounts."""
        if self._config.AUTH == "none":
            return True
        if not self._is_local or not _came_locally(request):
            return False
        if await self._accounts_exist():
            return False
        if was_forwarded(request) and not self._has_warned:
            self._has_warned = True
            logger.warning("A proxy passes requests on. %s", OPEN_TO_PROXIES)
        return True

    async def log_in(self, attempt: Attempt) -> tuple[Principal, str]:
        """A new session for who knows the password, and its id. Raises BadCredentials."""
        account = await self.passwords.check(attempt)
        return await self.open_session(account, attempt.client)

    async def open_session(self, account: Account, client: str) -> tuple[Principal, str]:
        """A new session for an account, and its id. Raises BadCredentials."""
        session_id = new_session_id()
        try:
            session = await self._blocking.run_on_database(
                self.stores.logins.open,
                account,
                hash_of(session_id, await self._key()),
                timedelta(days=self._config.COOKIE_MAX_AGE),
                Actor(account.name, client),
            )
        except AccountNotFound as error:
            # Changed since its password was checked.
            raise BadCredentials from error
        principal = _of_session(session, account)
        if principal is None:
            raise BadCredentials
        return principal, session_id

    async def log_out(self, principal: Principal, client: str) -> None:
        """End the session of `principal`."""
        if principal.way is Way.SESSION and principal.session is not None:
            actor = Actor(principal.name, client)
            close = self.stores.logins.close
            await self._blocking.run_on_database(close, principal.session, actor)

    async def still_admits(self, principal: Principal) -> bool:
        """False once the session, or the account, of a request that lasts is no more.

        While the database does not answer nobody is sent away.
        """
        try:
            return await self._is_still_known(principal)
        except DatastoreUnavailable:
            return True

    async def _is_still_known(self, principal: Principal) -> bool:
        if principal.way is Way.OPEN:
            return self._config.AUTH == "none" or not await self._accounts_exist()
        if principal.way is Way.BASIC:
            return await self._is_still_basic(principal)
        if principal.token is not None:
            found = await self._token(principal.token, touches=False)
        else:
            found = await self._session(principal.session or "", touches=False)
        return found is not None and found.role.includes(principal.role)

    async def _is_still_basic(self, principal: Principal) -> bool:
        if principal.source is AccountSource.LDAP:
            return True
        account = await self.passwords.find(principal.name)
        if account is None or not account.may_log_in or account.role is not principal.role:
            return False
        return account.password_hash == principal.stamp

    async def _by_header(self, header: str, client: str) -> Principal:
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "basic":
            name, password = _basic(value.strip())
            account = await self.passwords.check(Attempt(name, password, client), remembers=True)
            if account.role is None:
                raise Unauthenticated
            stamp = account.password_hash
            return Principal(account.name, account.role, Way.BASIC, account.source, stamp=stamp)
        if scheme.lower() == "bearer":
            found = await self._token(token_hash(value.strip()), touches=True)
            if found is None:
                raise Unauthenticated("The API token is not valid, or not any more.")
            return found
        raise Unauthenticated("The Authorization header must be Basic or Bearer.")

    async def _token(self, hashed: str, touches: bool) -> Principal | None:
        """Who has the API token of this hash; it may no more than who made it."""
        find = self.stores.tokens.find
        found = await self._blocking.run_on_database(find, hashed, touches)
        if found is None:
            return None
        kept, owner = found
        role = self._role_of(kept, self.settings_accounts.get(kept.user_name, owner))
        if role is None:
            return None
        name = f"token:{kept.name}"
        return Principal(name, role, Way.TOKEN, token=hashed, token_owner=kept.user_name)

    def _role_of(self, token: ApiToken, owner: Account | None) -> Role | None:
        if owner is not None:
            return lower_of(token.role, owner.role) if owner.may_log_in else None
        # Accounts of LDAP are not known here. A token of one that the settings had and have no more
        # is nobody's; so is one of an open server, where everybody could make a key for later.
        is_of_ldap = bool(self._config.LDAP_SERVER) and token.user_name != ANONYMOUS
        return token.role if is_of_ldap else None

    async def by_cookie(self, session_id: str) -> Principal | None:
        """Who has the session of this id; None where it is over."""
        return await self._session(hash_of(session_id, await self._key()), touches=True)

    async def _session(self, id_hash: str, touches: bool) -> Principal | None:
        idle = timedelta(seconds=self._config.SESSION_IDLE_SEC)
        find = self.stores.logins.find
        found = await self._blocking.run_on_database(find, id_hash, idle, touches)
        if found is None:
            return None
        session, kept = found
        account = self.settings_accounts.get(session.user_name, kept)
        return _of_session(session, account)

    async def _key(self) -> str:
        """What session ids are hashed with: of the settings, or one that all servers share."""
        if not self._has_ended_changed:
            stamps = {name: _stamp(account) for name, account in self.settings_accounts.items()}
            await self._blocking.run_on_database(self.stores.logins.end_changed, stamps)
            self._has_ended_changed = True
        if not self._session_key:
            make = self.stores.logins.shared_key
            self._session_key = await self._blocking.run_on_database(make, SESSION_KEY)
        return self._session_key

    async def _accounts_exist(self) -> bool:
        """Once there are accounts there always are: they can be disabled, not deleted."""
        now = time.monotonic()
        if self._has_accounts or (self._looked_at and now - self._looked_at < LOOK_SECONDS):
            return self._has_accounts
        try:
            exist = self.stores.accounts.exist
            self._has_accounts = await self._blocking.run_on_database(exist)
        except DatastoreUnavailable:
            # What was open stays so: what tells of the outage needs no database.
            if not self._looked_at:
                raise
        self._looked_at = now
        return self._has_accounts

    def account_was_added(self) -> None:
        """From now on everybody has to log in."""
        self._has_accounts = True


def token_hash(token: str) -> str:
    """What the database keeps of a token. It has 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(account: Account) -> str:
    """A text that another password or role of an account of the settings changes."""
    role = None if account.role is None else account.role.value
    return hashlib.sha256(f"{account.password_hash} {role}".encode()).hexdigest()


def _of_session(session: Session, account: Account | None) -> Principal | None:
    """Who the session is of, with the role that the account has now."""
    if session.source is AccountSource.LDAP:
        # An account of ours that has the name by now takes it over, and can be a disabled one.
        is_ours = account is not None and account.source is not AccountSource.LDAP
        role = None if is_ours else session.role
    elif account is None or not account.may_log_in or account.source is not session.source:
        return None
    else:
        role = account.role
    if role is None:
        return None
    return Principal(session.user_name, role, Way.SESSION, session.source, session.id_hash)


def _basic(value: str) -> tuple[str, str]:
    """Name and password of a Basic header. Raises Unauthenticated."""
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The Authorization header is not valid.") from error
    name, colon, password = text.partition(":")
    if not colon:
        raise Unauthenticated("The Authorization header is not valid.")
    return name, password


def _came_locally(request: HTTPServerRequest) -> bool:
    """True for a connection that came in through a loopback address, or a socket file."""
    stream = getattr(request.connection, "stream", None)
    bound: socket.socket | None = getattr(stream, "socket", None)
    if bound is None:
        return False
    if bound.family not in (socket.AF_INET, socket.AF_INET6):
        return True
    address = ipaddress.ip_address(str(bound.getsockname()[0]).partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
