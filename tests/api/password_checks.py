"""Passwords on a database and a loop of their own, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.paging import AuditFilter, PageRequest
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.login import Attempt, Passwords
from ndscheduler.server.blocking import BlockingCalls
from tests.api.hashings import Hashings
from tests.api.logins import cheap_hash, cheap_hashes
from tests.unit.test_throttle import Clock

BOSS = Actor("boss")
HERE = "192.0.2.1"


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> Hashings:
    hashings = Hashings()
    hashings.watch(monkeypatch)
    return hashings


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class Made:
    """Passwords on a database of their own."""

    passwords: Passwords
    accounts: Accounts
    datastore: DatastoreSqlite
    outage: threading.Event

    def notes(self) -> list[tuple[str, str | None, str | None]]:
        """What the audit log was told of refused logins, the oldest first."""
        page = self.datastore.read(self.datastore.audit_logs.page, AuditFilter(), PageRequest())
        events = (AuditEvent.LOGIN_REFUSED, AuditEvent.LOGIN_THROTTLED)
        entries = [entry for entry in reversed(page.items) if entry.event in events]
        return [(entry.user, entry.remote, entry.description) for entry in entries]

    async def tries(
        self, name: str, password: str, client: str = HERE, times: int = 1
    ) -> list[Any]:
        """What attempts with HTTP Basic that come at once return or raise."""
        attempt = Attempt(name, password, client)
        calls = (self.passwords.check(attempt, remembers=True) for _ in range(times))
        return await asyncio.gather(*calls, return_exceptions=True)


Run = Callable[[Callable[[Made], Awaitable[None]]], None]


@pytest.fixture
def run(tmp_path: Path, clock: Clock, hashings: Hashings) -> Iterator[Run]:
    """Runs a test on a loop; ann of the database is a viewer, kim of the settings an editor."""
    datastore = DatastoreSqlite({"file_path": str(tmp_path / "datastore.db")}, {})
    datastore.open()
    accounts, logins = Accounts(datastore, has_admins_elsewhere=True), Logins(datastore)
    accounts.add("ann", cheap_hash(), Role.VIEWER, BOSS)
    kim = Account("kim", Role.EDITOR, cheap_hash(), source=AccountSource.SETTINGS)

    async def on_loop(test: Callable[[Made], Awaitable[None]]) -> None:
        outage = threading.Event()
        blocking = BlockingCalls(4, is_answering=lambda: not outage.is_set())
        passwords = Passwords({"kim": kim}, accounts, logins, blocking, clock=clock)
        hashings.count = 0
        try:
            await test(Made(passwords, accounts, datastore, outage))
        finally:
            hashings.may_go_on.set()
            await passwords.close()
            blocking.close()

    with cheap_hashes():
        yield lambda test: asyncio.run(on_loop(test))
    datastore.close()
