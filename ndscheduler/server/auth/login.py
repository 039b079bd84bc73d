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
from typing import ParamSpec, TypeVar

from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.errors import NdschedulerError
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import (
    ROUNDS,
    check_password,
    cost_of,
    hash_password,
)
from ndscheduler.server.auth.external import ExternalDirectory
from ndscheduler.server.auth.names import folded
from ndscheduler.server.auth.refusals import WINDOW_SECONDS, Note, Refusals, first_note
from ndscheduler.server.auth.throttle import Throttle
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import BadCredentials, NotReady, TooManyAttempts

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

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
        self._checks: dict[tuple[bytes, str], asyncio.Task[Account]] = {}
        self._telling: asyncio.Task[None] | None = None
        self._is_closed = False

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
        return await self._hashed(hash_password, password)

    def forget(self, name: str) -> None:
        """The account has changed: its password is hashed the next time."""
        for key, (account, _) in list(self._remembered.items()):
            if account.name == name:
                del self._remembered[key]

    async def close(self) -> None:
        """Tell the audit log what it has not been told; hash nothing more."""
        if self._telling is not None:
            self._telling.cancel()
        await self._tell_all()
        self._is_closed = True
        self.hashing.close()
        if self._external is not None:
            self._external.close()

    def _check_once(self, key: bytes, attempt: Attempt) -> asyncio.Task[Account]:
        """Many requests of a client that come at once are one attempt."""
        one = (key, attempt.client)
        check = self._checks.get(one)
        if check is None:
            check = self._checks[one] = asyncio.create_task(self._throttled(attempt))
            check.add_done_callback(lambda _: self._checks.pop(one, None))
        return check

    async def _throttled(self, attempt: Attempt) -> Account:
        # Where Ann is ann, each way to write it is a guess at the same password.
        name, client = folded(attempt.name), attempt.client
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
        # The database is asked also for names of the settings: those would be answered sooner.
        kept = await self._blocking.run_on_database(self._accounts.find, attempt.name)
        account = self._from_settings.get(attempt.name, kept)
        stored = None if account is None else account.password_hash
        # Hashed in any case: that there is no such account takes as long to say.
        is_right = await self._hashed(check_password, attempt.password, stored, self._cost)
        if account is None and self._external is not None:
            account = await self._found_in(self._external, attempt)
            is_right = account is not None
        if account is None or not is_right or not account.may_log_in:
            raise BadCredentials
        return await self._strengthened(account, attempt.password)

    async def _found_in(self, external: ExternalDirectory, attempt: Attempt) -> Account | None:
        """Who the directory says it is; nobody where an account of ours has that name."""
        account = await external.check(attempt.name, attempt.password)
        if account is None or await self.find(account.name) is not None:
            return None
        return account

    async def _strengthened(self, account: Account, password: str) -> Account:
        """The account; now that the password is there, a cheap hash of old is replaced."""
        old = account.password_hash
        if account.source is not AccountSource.DATABASE or not old or cost_of(old) >= ROUNDS:
            return account
        try:
            new = await self.hash(password)
            store = self._accounts.strengthen
            stored = await self._blocking.run_on_database(store, account, new)
        except NdschedulerError as error:
            # The password was right, and may be hashed anew another time.
            logger.info("A password keeps its cheap hash for now: %s", error)
            return account
        # Another server may have done the same, or the password was changed.
        is_ours = stored.password_hash == new
        if not is_ours and not await self._hashed(check_password, password, stored.password_hash):
            raise BadCredentials
        return stored

    async def _hashed(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if not self._is_closed:
            try:
                return await self.hashing.run(function, *args, **kwargs)
            except asyncio.CancelledError:
                # Of those that waited when it was closed.
                if not self._is_closed:
                    raise
        raise NotReady("The server is stopping.")

    async def _refused(self, event: AuditEvent, attempt: Attempt) -> None:
        notes = self._refusals.closed()
        try:
            # One of a flood costs the database nothing.
            if self._refusals.count(event, attempt.client):
                known = await self.find(attempt.name)
                name = None if known is None else known.name
                notes.append(first_note(event, name, attempt.client))
            await self._tell(notes)
        except NdschedulerError as error:
            logger.warning("The audit log was not told of refused logins: %s", error)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_later())

    async def _tell_later(self) -> None:
        """After a flood has ended nothing else may come that would tell of it."""
        await asyncio.sleep(WINDOW_SECONDS)
        self._telling = None
        await self._tell_all()

    async def _tell_all(self) -> None:
        try:
            await self._tell(self._refusals.closed(at_once=True))
        except NdschedulerError as error:
            logger.warning("The audit log was not told of refused logins: %s", error)

    async def _tell(self, notes: list[Note]) -> None:
        for note in notes:
            # As seldom as the audit log is told: each request has a line of its own anyway.
            logger.warning("%s (from %s)", note.sentence, note.client)
            actor = Actor(note.user, note.client)
            tell = self._logins.note
            await self._blocking.run_on_database(tell, note.event, actor, note.sentence)

    async def _find_remembered(self, key: bytes) -> Account | None:
        account, until = self._remembered.get(key, (None, 0.0))
        if account is None or self._clock() >= until:
            return None
        now = await self.find(account.name)
        if account.source is AccountSource.LDAP:
            return account if now is None else None
        is_same = now is not None and now.password_hash == account.password_hash
        return now if is_same and now is not None and now.may_log_in else None

    def _remember(self, key: bytes, account: Account) -> None:
        self._remembered[key] = (account, self._clock() + REMEMBERED_SECONDS)
        self._remembered.move_to_end(key)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _key(self, attempt: Attempt) -> bytes:
        """A keyed hash: the password itself is not kept."""
        text = f"{len(attempt.name)} {attempt.name}{attempt.password}"
        secret = text.encode("utf-8", "surrogatepass")
        return hmac.new(self._memory_key, secret, hashlib.sha256).digest()
