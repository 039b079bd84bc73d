"""When an owner counts as dead: by what a reaper has seen of it, whatever both leases are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from ndscheduler.corescheduler.constants import HEARTBEATS_PER_LEASE
from ndscheduler.corescheduler.core.signs import Signs
from ndscheduler.corescheduler.models import Instance
from tests.factories import NOON, an_instance


@dataclass
class Reaper:
    """One that looks at one owner, at instants that a test says."""

    lease: float
    owner: Instance
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.signs = Signs(self.lease, lambda: self.now)

    @property
    def pace(self) -> float:
        """The seconds between two looks when nothing stands still."""
        return self.lease / HEARTBEATS_PER_LEASE

    def look_after(self, seconds: float) -> bool:
        """Look at the owner after so long; whether it is dead."""
        self.now += seconds
        return self.signs.add(self.now, {self.owner.id: self.owner}) == [self.owner.id]

    def beat(self, clock_step: timedelta = timedelta(seconds=1)) -> None:
        """The owner shows a sign of life, by a clock that may have been set."""
        self.owner = replace(self.owner, heartbeat_at=self.owner.heartbeat_at + clock_step)

    def silence_until_dead(self) -> float:
        """How many seconds after the first look the silent owner counts as dead."""
        self.look_after(self.pace)
        began = self.now
        while not self.look_after(self.pace):
            assert self.now < began + 1000, "it never counts as dead"
        return self.now - began


def reaper(lease: float, owner_lease: float) -> Reaper:
    """One of a lease of its own, with an owner that it has not looked at."""
    return Reaper(lease, an_instance(heartbeat_at=NOON, lease_seconds=owner_lease))


@pytest.mark.parametrize(("lease", "owner_lease"), [(30, 30), (1, 30), (0.5, 0.7), (7, 7)])
def test_a_silent_owner_is_dead_after_its_own_lease(lease: float, owner_lease: float) -> None:
    one = reaper(lease, owner_lease)

    silence = one.silence_until_dead()

    assert owner_lease - 1e-6 <= silence <= owner_lease + one.pace + 1e-6


def test_an_owner_of_a_short_lease_is_dead_after_as_many_looks_as_it_writes_heartbeats() -> None:
    one = reaper(lease=30, owner_lease=0.5)

    assert one.silence_until_dead() == pytest.approx(30)


@pytest.mark.parametrize(("lease", "owner_lease"), [(30, 30), (30, 0.5), (0.5, 30), (6, 5)])
@pytest.mark.parametrize("standstill", [0.1, 0.4, 3, 14, 16, 100, 10_000])
def test_a_standstill_counts_for_less_than_the_lease_of_any_owner(
    lease: float, owner_lease: float, standstill: float
) -> None:
    one = reaper(lease, owner_lease)
    one.look_after(one.pace)

    # The owner could not write either, and has not yet gone on.
    assert not one.look_after(one.pace + standstill)
    assert not one.look_after(one.pace)


@pytest.mark.parametrize(("lease", "owner_lease"), [(30, 30), (1, 30), (30, 1)])
def test_standstills_of_more_than_half_a_lease_kill_nobody_however_many(
    lease: float, owner_lease: float
) -> None:
    one = reaper(lease, owner_lease)

    assert not any(one.look_after(0.51 * max(lease, owner_lease)) for _ in range(50))


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_step_of_the_clock_is_a_sign_of_life_like_any_other(hours: int) -> None:
    one = reaper(lease=30, owner_lease=30)
    for _ in range(5):
        one.look_after(one.pace)
    one.beat(timedelta(hours=hours))

    assert not any(one.look_after(one.pace) for _ in range(HEARTBEATS_PER_LEASE))
    assert one.look_after(one.pace)


def test_a_look_that_failed_starts_the_count_anew() -> None:
    one = reaper(lease=30, owner_lease=30)
    for _ in range(6):
        one.look_after(one.pace)

    one.signs.forget()

    assert not any(one.look_after(one.pace) for _ in range(HEARTBEATS_PER_LEASE))
    assert one.look_after(one.pace)


def test_one_that_said_goodbye_is_dead_at_the_first_look() -> None:
    one = reaper(lease=30, owner_lease=30)
    one.owner = replace(one.owner, stopped_at=NOON)

    assert one.look_after(one.pace)
