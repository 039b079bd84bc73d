"""How often somebody may try to log in; the clock is the test's own."""

from __future__ import annotations

import sys

import pytest

from ndscheduler.server.auth import throttle
from ndscheduler.server.auth.throttle import (
    FORGIVEN_AFTER_SECONDS,
    FREE_OF_ACCOUNT,
    FREE_OF_CLIENT,
    LONGEST_WAIT_SECONDS,
    Throttle,
    network_of,
)
from ndscheduler.server.errors import TooManyAttempts


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> Throttle:
    return Throttle(clock)


def wait(guard: Throttle, account: str = "ann", client: str = "192.0.2.1") -> float:
    """How long an attempt is told to wait; 0 for one that is heard, and then was wrong."""
    try:
        guard.begin(account, client)
    except TooManyAttempts as error:
        return error.wait_seconds
    return 0.0


def client(number: int) -> str:
    return f"198.51.{number // 250}.{number % 250 + 1}"


def test_the_first_attempts_at_an_account_are_free(guard: Throttle) -> None:
    assert [wait(guard, client=client(i)) for i in range(FREE_OF_ACCOUNT + 1)] == [0.0] * 5 + [1]


def test_the_first_attempts_of_a_client_are_free(guard: Throttle) -> None:
    waits = [wait(guard, account=f"name {i}") for i in range(FREE_OF_CLIENT + 1)]

    assert waits == [0.0] * 20 + [1]


def test_pauses_grow_up_to_a_minute_and_not_beyond(guard: Throttle, clock: Clock) -> None:
    waits = []
    for i in range(40):
        seconds = wait(guard, client=client(i))
        waits.append(seconds)
        clock.now += seconds
        assert seconds == 0 or wait(guard, client=client(1000 + i)) == 0

    grown = [seconds for seconds in waits if seconds]
    assert grown[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(grown[7:]) == {LONGEST_WAIT_SECONDS}


def test_attempts_that_come_too_early_do_not_lengthen_the_pause(
    guard: Throttle, clock: Clock
) -> None:
    for i in range(FREE_OF_ACCOUNT):
        wait(guard, client=client(i))
    for i in range(1000):
        assert wait(guard, client=client(i)) == 1

    clock.now += 1

    assert wait(guard) == 0


def test_who_has_waited_long_begins_anew(guard: Throttle, clock: Clock) -> None:
    for i in range(FREE_OF_ACCOUNT + 1):
        wait(guard, client=client(i))

    clock.now += FORGIVEN_AFTER_SECONDS + 1

    assert [wait(guard, client=client(i)) for i in range(FREE_OF_ACCOUNT)] == [0.0] * 5


def test_guesses_elsewhere_do_not_keep_out_who_has_logged_in_before(guard: Throttle) -> None:
    guard.begin("ann", "192.0.2.1")
    guard.succeeded("ann", "192.0.2.1")
    for i in range(1000):
        wait(guard, client=client(i))

    assert wait(guard, client=client(2000)) > 0
    assert wait(guard, client="192.0.2.1") == 0


def test_guesses_at_others_in_its_network_do_not_keep_it_out(guard: Throttle) -> None:
    guard.begin("ann", "192.0.2.1")
    guard.succeeded("ann", "192.0.2.1")
    for i in range(100):
        wait(guard, account=f"name {i}")

    assert wait(guard, account="another") > 0
    assert wait(guard) == 0


def test_its_successes_give_guessers_elsewhere_no_new_attempts(guard: Throttle) -> None:
    guard.begin("ann", "192.0.2.1")
    guard.succeeded("ann", "192.0.2.1")
    for i in range(FREE_OF_ACCOUNT):
        wait(guard, client=client(i))

    guard.begin("ann", "192.0.2.1")
    guard.succeeded("ann", "192.0.2.1")

    assert wait(guard, client=client(9)) == 1


def test_guesses_at_it_in_its_network_are_slowed_down(guard: Throttle) -> None:
    guard.begin("ann", "192.0.2.1")
    guard.succeeded("ann", "192.0.2.1")

    waits = [wait(guard) for _ in range(FREE_OF_ACCOUNT + 2)]

    assert waits == [0.0] * 5 + [1, 1]


def test_a_success_forgives_the_account(guard: Throttle) -> None:
    for i in range(FREE_OF_ACCOUNT):
        wait(guard, client=client(i))
    guard.succeeded("ann", client(0))

    assert wait(guard, client=client(77)) == 0


def test_who_has_an_account_can_not_clear_the_guesses_at_others(guard: Throttle) -> None:
    waits = []
    for i in range(FREE_OF_CLIENT + 5):
        waits.append(wait(guard, account=f"victim {i}"))
        if wait(guard, account="eve") == 0:
            guard.succeeded("eve", "192.0.2.1")

    assert waits[FREE_OF_CLIENT + 1 :] == [1] * 4


def test_an_attempt_that_was_not_heard_to_the_end_does_not_count(guard: Throttle) -> None:
    for _ in range(100):
        guard.begin("ann", "192.0.2.1")
        guard.given_up("ann", "192.0.2.1")

    assert wait(guard) == 0


def test_attempts_count_before_it_is_known_how_they_end(guard: Throttle) -> None:
    heard = [wait(guard, client=client(i)) for i in range(100)]

    assert heard.count(0.0) == FREE_OF_ACCOUNT


def test_attempts_that_are_refused_at_once_push_nobody_out(
    guard: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MAX_KEPT", 100)
    for i in range(FREE_OF_ACCOUNT):
        wait(guard, client=client(i))
    for i in range(10_000):
        wait(guard, account=f"name {i}", client="203.0.113.9")

    assert wait(guard) == 1


def test_a_flood_of_names_and_clients_fills_no_memory(
    guard: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MAX_KEPT", 100)
    for i in range(1000):
        name = f"{i}" + "x" * 10_000
        guard.begin(name, client(i))
        guard.succeeded(name, client(i))
        guard.begin(f"another {name}", client(i))

    kept = [guard._accounts, guard._clients, guard._known]
    assert [len(one) for one in kept] == [100, 100, 100]
    assert all(sys.getsizeof(key) < 100 for one in kept for key in one)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket file", "a socket file"),
    ],
)
def test_the_clients_of_an_ipv6_network_are_one(address: str, network: str) -> None:
    assert network_of(address) == network
