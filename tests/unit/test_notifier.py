"""Listeners and observers are told in order; when one hangs, what waits for it has a bound."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ndscheduler.corescheduler.core.notifier import (
    MAX_WAITING,
    MAX_WAITING_BYTES,
    REPORT_SECONDS,
    Notifier,
)
from tests.chaos.processes import wait_until


@dataclass
class World:
    """A notifier whose listener hangs until it is let go, and a clock that a test sets."""

    now: float = 0.0
    told: list[int] = field(default_factory=list)
    hangs: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.notifier = Notifier(lambda: self.now)

    def hang(self) -> None:
        """Be a listener that does not come back."""
        self.hangs.set()
        self.let_go.wait(20)

    def publish(self, number: int, events: int = 1, size: int = 0) -> None:
        """Publish something that is noted when it is told."""
        self.notifier.publish(lambda: self.told.append(number), events, size)


@pytest.fixture
def world() -> Iterator[World]:
    """One whose listener hangs already."""
    made = World()
    made.notifier.start()
    made.notifier.publish(made.hang, events=0)
    assert made.hangs.wait(20)
    yield made
    made.let_go.set()
    made.notifier.stop(20)


def dropped(caplog: pytest.LogCaptureFixture) -> list[int]:
    """How many the log says were dropped, line by line."""
    return [
        record.args[0]
        for record in caplog.records
        if "told to no listener" in record.msg and isinstance(record.args, tuple)
        if isinstance(record.args[0], int)
    ]


def test_what_waits_for_a_listener_that_hangs_has_a_bound(world: World) -> None:
    for number in range(MAX_WAITING + 5):
        world.publish(number)

    world.let_go.set()
    world.notifier.stop(20)

    assert world.told == list(range(MAX_WAITING))


def test_news_of_many_events_count_for_as_many(world: World) -> None:
    world.publish(1, events=MAX_WAITING - 10)
    world.publish(2, events=11)
    world.publish(3, events=10)

    world.let_go.set()
    world.notifier.stop(20)

    assert world.told == [1, 3]


def test_large_results_fill_it_sooner(world: World) -> None:
    for number in range(3):
        world.publish(number, size=MAX_WAITING_BYTES // 2)

    world.let_go.set()
    world.notifier.stop(20)

    assert world.told == [0, 1]


def test_what_is_larger_than_the_bound_is_told_where_nothing_waits(world: World) -> None:
    world.publish(1, events=2 * MAX_WAITING, size=2 * MAX_WAITING_BYTES)

    world.let_go.set()
    world.notifier.stop(20)

    assert world.told == [1]


def test_what_is_dropped_is_logged_once_a_minute_and_all_of_it_in_the_end(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.publish(0, events=MAX_WAITING)
    world.publish(1)
    for _ in range(7):
        world.publish(2)
    world.now += REPORT_SECONDS
    world.publish(3)
    for _ in range(5):
        world.publish(4)
    assert dropped(caplog) == [1, 8]

    world.let_go.set()
    world.notifier.stop(20)

    assert dropped(caplog) == [1, 8, 5]


def test_it_has_room_again_once_the_listener_goes_on(world: World) -> None:
    world.publish(0, events=MAX_WAITING)
    world.publish(1)

    world.let_go.set()

    def is_told() -> bool:
        world.publish(2)
        return 2 in world.told

    wait_until(is_told, 20, "room for what comes later")
    assert world.told[:2] == [0, 2]


def test_what_is_not_told_before_the_end_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.publish(0, events=3)

    world.notifier.stop(0)

    assert "At the end 3 events were not told yet." in caplog.messages


def test_a_listener_that_fails_stops_nothing(world: World) -> None:
    def fail() -> None:
        raise SystemExit("the end")

    world.notifier.publish(fail)
    world.publish(1)

    world.let_go.set()
    world.notifier.stop(20)

    assert world.told == [1]
