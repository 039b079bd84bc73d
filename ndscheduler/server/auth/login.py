"""Checks a name and a password: throttled before any hashing, hashed away from the IOLoop."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import (
    ROUNDS,
    check_password,
    cost_of,
    hash_password,
)
from ndscheduler.server.auth.external import ExternalDirectory
from ndscheduler.server.auth.refusals import Note, Refusals
from ndscheduler.server.auth.throttle import Throttle
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import BadCredentials, TooManyAttempts

logger = logging.getLogger(__name__)

# A verified password is not hashed again for so long.
REMEMBERED_SECONDS = 60.0
MAX_REMEMBERED = 1000
# Hashing takes a core for a quarter of a second: few at once, and few that wait.
HASHING_THREADS = 2
MAX_WAITING = 30


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name and a password, and from where they came."""

    name: str
    password: str
    client: str


class Passwords:
    """Who may log in with a password, of the settings, the database or an external directory.

    On the IOLoop only.
    """

    def __init__(
        self,
        from_settings: dict[str, Account],
        accounts: Accounts,
        logins: Logins,
        blocking: BlockingCalls,
        external: ExternalDirectory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._from_settings = from_settings
        self._accounts = accounts
        self._logins = logins
        self._blocking = blocking
        self._external = external
        self._clock = clock
        self.hashing = BlockingCalls(HASHING_THREADS, MAX_WAITING)
        self._throttle = Throttle(clock)
        self._refusals = Refusals(clock)
        hashes = (account.password_hash or "" for account in from_settings.values())
        self._cost = max([ROUNDS, *(cost_of(hashed) for hashed in hashes)])
        # Of this process alone: nobody who reads its memory later finds a password by it.
        self._memory_key = os.urandom(32)
        self._remembered: OrderedDict[bytes, tuple[Account, float]] = OrderedDict()
        self._checks: dict[bytes, asyncio.Task[Account]] = {}

    async def find(self, name: str) -> Account | None:
        """The account of this name in the settings or the database."""
        if name in self._from_settings:
            return self._from_settings[name]
        return await self._blocking.run_on_database(self._accounts.find, name)

    async def check(self, attempt: Attempt, remembers: bool = False) -> Account:
        """The account that this is the password of. Raises BadCredentials, TooManyAttempts.

        With `remembers`, for clients that send it with each request, a password that was right
        is not hashed again for a minute, unless the account changes.
        """
        key = self._key(attempt)
        if remembers and (known := await self._find_remembered(key)) is not None:
            return known
        account = await asyncio.shield(self._check_once(key, attempt))
        if remembers:
            self._remember(key, account)
        return account

    async def hash(self, password: str) -> str:
        """The hash of a new password. Raises InvalidInput, Overloaded."""
        return await self.hashing.run(hash_password, password)

    def forget(self, name: str) -> None:
        """The account has changed: its password is hashed the next time."""
        for key, (account, _) in list(self._remembered.items()):
            if account.name == name:
                del self._remembered[key]

    async def close(self) -> None:
        """Tell the audit log what it has not been told; hash nothing more."""
        await self._tell(self._refusals.closed(at_once=True))
        self.hashing.close()

    def _check_once(self, key: bytes, attempt: Attempt) -> asyncio.Task[Account]:
        """Many requests of a client that come at once are one attempt."""
        check = self._checks.get(key)
        if check is None:
            check = self._checks[key] = asyncio.create_task(self._throttled(attempt))
            check.add_done_callback(lambda _: self._checks.pop(key, None))
        return check

    async def _throttled(self, attempt: Attempt) -> Account:
        name, client = attempt.name, attempt.client
        try:
            self._throttle.begin(name, client)
        except TooManyAttempts:
            await self._refused(AuditEvent.LOGIN_THROTTLED, attempt)
            raise
        try:
            account = await self._verified(attempt)
        except BadCredentials:
            await self._refused(AuditEvent.LOGIN_REFUSED, attempt)
            raise
        except BaseException:
            self._throttle.given_up(name, client)
            raise
        self._throttle.succeeded(name, client)
        return account

    async def _verified(self, attempt: Attempt) -> Account:
        account = await self.find(attempt.name)
        stored = None if account is None else account.password_hash
        # Hashed in any case: that there is no such account takes as long to say.
        is_right = await self.hashing.run(check_password, attempt.password, stored, self._cost)
        if account is None and self._external is not None:
            account = await self._external.check(attempt.name, attempt.password)
            is_right = account is not None
        if account is None or not is_right or not account.may_log_in:
            raise BadCredentials
        await self._strengthen(account, attempt.password)
        return account

    async def _strengthen(self, account: Account, password: str) -> None:
        """Now that the password is there, a cheap hash of old is replaced."""
        old = account.password_hash
        if account.source is AccountSource.DATABASE and old and cost_of(old) < ROUNDS:
            new = await self.hash(password)
            store = self._accounts.strengthen
            await self._blocking.run_on_database(store, account.name, old, new)

    async def _refused(self, event: AuditEvent, attempt: Attempt) -> None:
        logger.info("%s from %s.", event.label, attempt.client)
        known = await self.find(attempt.name)
        name = None if known is None else known.name
        await self._tell(self._refusals.note(event, name, attempt.client))

    async def _tell(self, notes: list[Note]) -> None:
        for note in notes:
            actor = Actor(note.user, note.client)
            tell = self._logins.note
            await self._blocking.run_on_database(tell, note.event, actor, note.sentence)

    async def _find_remembered(self, key: bytes) -> Account | None:
        account, until = self._remembered.get(key, (None, 0.0))
        if account is None or self._clock() >= until:
            return None
        if account.source is AccountSource.LDAP:
            return account
        now = await self.find(account.name)
        is_same = now is not None and now.password_hash == account.password_hash
        return now if is_same and now is not None and now.may_log_in else None

    def _remember(self, key: bytes, account: Account) -> None:
        self._remembered[key] = (account, self._clock() + REMEMBERED_SECONDS)
        self._remembered.move_to_end(key)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _key(self, attempt: Attempt) -> bytes:
        """A keyed hash: the password itself is not kept."""
        text = f"{attempt.name}\0{attempt.password}".encode("utf-8", "surrogatepass")
        return hmac.new(self._memory_key, text, hashlib.sha256).digest()
