"""The check of passwords: what is remembered, what is hashed, by a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from ndscheduler.corescheduler.accounts.accounts import AccountChange
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import cost_of
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth import login
from ndscheduler.server.auth.login import REMEMBERED_SECONDS
from ndscheduler.server.errors import (
    BadCredentials,
    NotReady,
    Overloaded,
    RequestError,
    TooManyAttempts,
)
from tests.api.hashings import Hashings
from tests.api.logins import COST, PASSWORD, cheap_hash
from tests.api.password_checks import Made, Run, clock, hashings, run
from tests.unit.test_throttle import Clock

__all__ = ["clock", "hashings", "run"]

BOSS = Actor("boss")


@pytest.mark.parametrize("name", ["ann", "kim"])
def test_a_right_password_is_hashed_once_a_minute(
    run: Run, clock: Clock, hashings: Hashings, name: str
) -> None:
    async def test(made: Made) -> None:
        for _ in range(50):
            (account,) = await made.tries(name, PASSWORD)
            assert account.name == name
        assert hashings.count == 1
        clock.now += REMEMBERED_SECONDS - 1
        await made.tries(name, PASSWORD)
        assert hashings.count == 1
        clock.now += 1
        await made.tries(name, PASSWORD)
        assert hashings.count == 2

    run(test)


def test_many_requests_at_once_cost_one_hash(run: Run, hashings: Hashings) -> None:
    async def test(made: Made) -> None:
        found = await made.tries("ann", PASSWORD, times=100)

        assert [account.name for account in found] == ["ann"] * 100
        assert hashings.count == 1

    run(test)


def test_a_wrong_password_after_a_right_one_is_refused(run: Run, hashings: Hashings) -> None:
    async def test(made: Made) -> None:
        await made.tries("ann", PASSWORD)
        wrong = await made.tries("ann", PASSWORD + " ")
        other = await made.tries("kim", "ann" + PASSWORD)

        assert [type(error) for error in wrong + other] == [BadCredentials] * 2
        assert hashings.count == 3

    run(test)


def test_a_name_and_a_password_are_not_run_together(run: Run) -> None:
    async def test(made: Made) -> None:
        await made.tries("ann", PASSWORD)
        split = await made.tries("an", "n" + PASSWORD)

        assert [type(error) for error in split] == [BadCredentials]

    run(test)


@pytest.mark.parametrize(
    "change",
    [AccountChange(is_disabled=True), AccountChange(password_hash=cheap_hash("another one"))],
    ids=["disabled", "password"],
)
def test_what_is_remembered_is_dropped_when_the_account_changes_elsewhere(
    run: Run, change: AccountChange
) -> None:
    async def test(made: Made) -> None:
        await made.tries("ann", PASSWORD)
        made.accounts.change("ann", change, BOSS)

        assert [type(error) for error in await made.tries("ann", PASSWORD)] == [BadCredentials]

    run(test)


def test_a_new_role_counts_at_once(run: Run) -> None:
    async def test(made: Made) -> None:
        await made.tries("ann", PASSWORD)
        made.accounts.change("ann", AccountChange(role=Role.EDITOR), BOSS)

        (account,) = await made.tries("ann", PASSWORD)
        assert account.role is Role.EDITOR

    run(test)


def test_so_many_are_remembered_and_no_more(
    run: Run, monkeypatch: pytest.MonkeyPatch, hashings: Hashings
) -> None:
    monkeypatch.setattr(login, "MAX_REMEMBERED", 1)

    async def test(made: Made) -> None:
        for name in ("ann", "kim", "ann"):
            await made.tries(name, PASSWORD)
        assert hashings.count == 3

    run(test)


def test_nothing_is_hashed_while_an_account_is_slowed_down(
    run: Run, clock: Clock, hashings: Hashings
) -> None:
    async def test(made: Made) -> None:
        for i in range(5):
            await made.tries("ann", f"wrong {i}", client=f"198.51.100.{i}")
        before = hashings.count

        refused = await made.tries("ann", PASSWORD)

        assert [type(error) for error in refused] == [TooManyAttempts]
        assert hashings.count == before
        clock.now += 1
        assert [account.name for account in await made.tries("ann", PASSWORD)] == ["ann"]

    run(test)


def test_wrong_passwords_of_all_kinds_cost_the_same(run: Run, hashings: Hashings) -> None:
    async def test(made: Made) -> None:
        counts = []
        for name in ("ann", "kim", "nobody", "", "x" * 5000, "ann\0"):
            before = hashings.count
            await made.tries(name, "wrong", client=f"198.51.100.{len(counts)}")
            counts.append(hashings.count - before)
        assert counts == [1] * 6

    run(test)


def test_a_cheap_hash_is_replaced_and_the_login_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(made: Made) -> None:
        monkeypatch.setattr("ndscheduler.corescheduler.password_hashes.ROUNDS", COST + 1)
        monkeypatch.setattr(login, "ROUNDS", COST + 1)

        (account,) = await made.tries("ann", PASSWORD)
        (kim,) = await made.tries("kim", PASSWORD)

        stored = made.accounts.get("ann")
        assert cost_of(str(stored.password_hash)) == COST + 1
        assert account == stored
        assert cost_of(str(kim.password_hash)) == COST
        assert [found.name for found in await made.tries("ann", PASSWORD)] == ["ann"]
        assert [type(error) for error in await made.tries("ann", "wrong")] == [BadCredentials]

    run(test)


def test_a_cheap_hash_may_be_replaced_by_two_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(made: Made) -> None:
        monkeypatch.setattr("ndscheduler.corescheduler.password_hashes.ROUNDS", COST + 1)
        monkeypatch.setattr(login, "ROUNDS", COST + 1)

        found = await asyncio.gather(
            *(made.tries("ann", PASSWORD, client=f"198.51.100.{i}") for i in range(4))
        )

        stored = made.accounts.get("ann").password_hash
        assert {account.password_hash for (account,) in found} == {stored}

    run(test)


def test_a_queue_for_hashing_that_is_full_refuses_at_once(run: Run, hashings: Hashings) -> None:
    async def test(made: Made) -> None:
        hashings.may_go_on.clear()
        waiting = [
            asyncio.create_task(made.tries(f"name {i}", "wrong", client=f"198.51.100.{i}"))
            for i in range(login.HASHING_THREADS + login.MAX_WAITING)
        ]
        while made.passwords.hashing._unfinished < len(waiting):
            await asyncio.sleep(0)

        refused = await made.tries("ann", PASSWORD)

        assert [type(error) for error in refused] == [Overloaded]
        hashings.may_go_on.set()
        await asyncio.gather(*waiting)
        # It was no attempt: nothing was hashed.
        assert [account.name for account in await made.tries("ann", PASSWORD)] == ["ann"]

    run(test)


def test_who_waits_when_the_server_stops_is_told_so(run: Run, hashings: Hashings) -> None:
    async def test(made: Made) -> None:
        hashings.may_go_on.clear()
        waiting = [
            asyncio.create_task(made.tries(f"name {i}", "wrong", client=f"198.51.100.{i}"))
            for i in range(login.HASHING_THREADS + 3)
        ]
        while made.passwords.hashing._unfinished < len(waiting):
            await asyncio.sleep(0)

        await made.passwords.close()
        hashings.may_go_on.set()
        ended = [error for (error,) in await asyncio.gather(*waiting)]

        assert all(isinstance(error, RequestError) for error in ended)
        assert [type(error) for error in ended].count(NotReady) == 3
        assert [type(error) for error in await made.tries("ann", PASSWORD)] == [NotReady]

    run(test)
