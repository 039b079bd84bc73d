"""Names of hosts: who is asked for addresses, how often, and for how long."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ndscheduler.corescheduler.datastore.deadlines import Watchdog
from ndscheduler.corescheduler.datastore.resolver import Resolver, addresses_of, is_name
from tests.chaos.processes import wait_until


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog()


@pytest.mark.parametrize("host", ["db", "db.example.org", "localhost", "db-1"])
def test_a_name_is_one(host: str) -> None:
    assert is_name(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "fe80::1%eth0", "/var/run", "@abstract", "db1,db2", "", None]
)
def test_what_needs_no_question_is_no_name(host: str | None) -> None:
    assert not is_name(host)


def test_the_machine_itself_has_an_address() -> None:
    assert set(addresses_of("localhost")) <= {"127.0.0.1", "::1"}


def test_an_answer_is_given_in_its_order(watchdog: Watchdog) -> None:
    resolver = Resolver(lambda host: ["10.0.0.2", "10.0.0.1"])

    with watchdog.limit("x", 20) as attempt:
        assert resolver.addresses("db", attempt) == ["10.0.0.2", "10.0.0.1"]
    assert not attempt.is_cut


def test_a_failure_is_told_and_the_next_one_asks_anew(watchdog: Watchdog) -> None:
    answers: list[list[str]] = [[], ["10.0.0.1"]]

    def ask(host: str) -> list[str]:
        return answers.pop(0) or _unknown(host)

    resolver = Resolver(ask)

    with watchdog.limit("x", 20) as attempt:
        with pytest.raises(socket.gaierror, match="db is not known"):
            resolver.addresses("db", attempt)
        assert resolver.addresses("db", attempt) == ["10.0.0.1"]


def _unknown(host: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")


def test_all_who_wait_share_one_question_and_each_gives_up_alone(watchdog: Watchdog) -> None:
    hangs = threading.Event()
    asked: list[str] = []

    def ask(host: str) -> list[str]:
        asked.append(host)
        assert hangs.wait(60)
        return ["10.0.0.1"]

    resolver = Resolver(ask)

    def addresses(seconds: float) -> list[str]:
        with watchdog.limit("x", seconds) as attempt:
            return resolver.addresses("db", attempt)

    with ThreadPoolExecutor(2) as threads:
        patient = threads.submit(addresses, 60)
        wait_until(lambda: asked, 20, "the question")
        with pytest.raises(TimeoutError, match="the address of 'db' timed out"):
            addresses(0.2)
        hangs.set()

        assert patient.result(20) == ["10.0.0.1"]
    assert asked == ["db"]
