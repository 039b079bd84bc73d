"""The watchdog: which lines it cuts, and which it leaves."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ndscheduler.corescheduler.datastore.deadlines import Line, SocketLine, Watchdog


class Recorded(Line):
    """A line that counts how often it was cut."""

    def __init__(self) -> None:
        self.cuts = 0
        self.was_cut = threading.Event()

    def cut(self) -> None:
        self.cuts += 1
        self.was_cut.set()

    def close(self) -> None:
        return


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog()


def test_a_call_is_cut_after_its_limit_and_not_before(watchdog: Watchdog) -> None:
    line = Recorded()

    with watchdog.limit("x", 0.5) as call:
        call.attach(line)
        assert not line.was_cut.wait(0.3)
        assert line.was_cut.wait(5)
        assert call.is_cut


def test_a_call_that_has_ended_is_not_cut(watchdog: Watchdog) -> None:
    line = Recorded()
    with watchdog.limit("x", 0.2) as call:
        call.attach(line)

    assert not line.was_cut.wait(0.6)


def test_a_line_that_went_back_to_the_pool_is_not_cut(watchdog: Watchdog) -> None:
    line = Recorded()
    with watchdog.limit("x", 0.2) as call:
        call.attach(line)
        call.detach(line)
        assert not line.was_cut.wait(0.6)


def test_a_cut_call_finds_every_further_line_cut(watchdog: Watchdog) -> None:
    line = Recorded()
    with watchdog.limit("x", 60) as call:
        watchdog.cut("x")
        call.attach(line)

    assert line.cuts == 1


def test_an_inner_call_lasts_no_longer_than_the_outer(watchdog: Watchdog) -> None:
    line = Recorded()
    with watchdog.limit("outer", 0.2), watchdog.limit("inner", 60) as inner:
        inner.attach(line)
        assert line.was_cut.wait(5)


def test_only_calls_of_the_kind_and_the_age_are_cut(watchdog: Watchdog) -> None:
    old, new = Recorded(), Recorded()

    with watchdog.limit("a", 60) as first:
        first.attach(old)
        instant = time.monotonic()
        with watchdog.limit("b", 60) as second:
            second.attach(new)

            assert watchdog.cut("c") == 0
            assert watchdog.cut(begun_before=instant) == 1
            assert (old.cuts, new.cuts) == (1, 0)
            assert watchdog.cut("b") == 1
            assert (old.cuts, new.cuts) == (1, 1)


def test_a_socket_is_cut_without_the_help_of_its_owner() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = SocketLine(ours.fileno())
        threading.Timer(0.2, line.cut).start()

        assert ours.recv(1) == b""
        line.close()


def test_a_socket_that_was_closed_is_not_confused_with_another() -> None:
    ours, theirs = socket.socketpair()
    line = SocketLine(ours.fileno())
    descriptor = ours.fileno()
    ours.close()
    theirs.close()
    others = socket.socketpair()
    assert descriptor in [other.fileno() for other in others]

    line.cut()

    others[0].sendall(b"x")
    assert others[1].recv(1) == b"x"
    line.close()
    for other in others:
        other.close()
