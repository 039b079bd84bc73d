"""Wrong and stepping wall clocks: the database's clock decides, and no step kills or doubles."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from ndscheduler.corescheduler.clock import uptime, utc_now
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.faketime import WrongClock, missing_reason
from tests.chaos.figures import figures_of
from tests.chaos.history import History, live_rows, settle
from tests.chaos.notes import Notes
from tests.chaos.processes import wait_until
from tests.chaos.scale import SHORT_LEASE, databases, report, scaled, seeded, within
from tests.chaos.schedules import noted_jobs

JOBS = 5
MINUTES = 60
HOURS = 3600
STEPS = scaled(30, 3)
LATENESS_SECONDS = within(1.0)

pytestmark = pytest.mark.skipif(missing_reason() is not None, reason=str(missing_reason()))


@pytest.fixture
def clocks(tmp_path: Path) -> list[WrongClock]:
    """Three clocks, true so far."""
    made = [WrongClock(tmp_path / f"clock-{number}") for number in range(3)]
    for clock in made:
        clock.step(0)
    return made


# On SQLite the machine's clock is the database's: there is no instance with another.
@databases("postgres", full=["postgres", "mysql"])
def test_wrong_and_stepping_clocks_of_instances_change_nothing(
    kind: str, datastore: DatastoreBase, clocks: list[WrongClock], tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    environments = [clock.environment for clock in clocks]
    clocks[0].step(10 * MINUTES)
    clocks[1].step(-10 * MINUTES)
    with Cluster(kind, datastore, tmp_path, 3, SHORT_LEASE, environments) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, JOBS)
        # A few steps may be over before the first second is.
        wait_until(lambda: len(notes.all()) >= JOBS, 60, "the first fire of each job")
        step_at_random(clocks, seeded(f"clocks {kind}"))
        history = settle(datastore, notes, schedules, 30)

        check(history)
        figures = figures_of(history)
        latest = latest_start(history)
        report("clocks", kind, steps=STEPS, latest_start=latest, **figures)
        assert figures["interrupted"] == figures["missed"] == 0
        assert figures["longest_lateness"] <= LATENESS_SECONDS
        assert latest <= LATENESS_SECONDS
        assert_durations_are_true(history)


@databases("sqlite", full=["sqlite"])
def test_steps_of_the_one_clock_lose_nothing_and_start_nothing_twice(
    kind: str, datastore: DatastoreBase, clocks: list[WrongClock], tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    clock = clocks[0]
    with Cluster(kind, datastore, tmp_path, 3, SHORT_LEASE, [clock.environment] * 3) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, JOBS, misfire_grace_seconds=24 * HOURS)
        steps = offsets(seeded(f"clock {kind}"))
        for before, after in pairwise([0, *steps]):
            time.sleep(2)
            wait_for_a_quiet_moment(datastore, timedelta(seconds=before))
            clock.step(after)
        time.sleep(2)
        history = settle(datastore, notes, schedules, 30)

        check(history)
        figures = figures_of(history)
        report("clocks", kind, steps=len(steps), **figures)
        assert figures["interrupted"] == figures["missed"] == 0
        assert figures["longest_lateness"] <= LATENESS_SECONDS
        assert figures["fires"] >= max(steps) * JOBS


def step_at_random(clocks: list[WrongClock], chance: Random) -> None:
    """Step one clock at a time by an hour forth or back, or to ten minutes off."""
    for _ in range(STEPS):
        time.sleep(chance.uniform(0.5, 1.5))
        chance.choice(clocks).step(chance.choice([HOURS, -HOURS, 10 * MINUTES, -10 * MINUTES]))


def offsets(chance: Random) -> list[int]:
    """Steps of an hour, forth and back, that end further ahead than ever before."""
    hours, furthest = [], 0
    for _ in range(STEPS // 2):
        hours += [furthest + 1, chance.choice([furthest, furthest + 1 - chance.randint(0, 1)])]
        furthest += 1
    return [hour * HOURS for hour in [*hours, furthest + 1]]


def wait_for_a_quiet_moment(datastore: DatastoreBase, offset: timedelta) -> None:
    """Wait until all is done, and the next fire is not near: what starts in a step is late by it.

    `offset`: how far the clock of the servers is ahead.
    """

    def is_quiet() -> bool:
        next_fire = datastore.read(datastore.claims.next_wake)
        soon = utc_now() + offset + timedelta(seconds=0.3)
        return next_fire is not None and next_fire > soon and not live_rows(datastore)

    wait_until(is_quiet, 60, "a quiet moment")


def latest_start(history: History) -> float:
    """Seconds from a fire time to the S line, by the clock of the harness, which is true."""
    offset = utc_now() - timedelta(seconds=uptime())
    late = [
        (offset + timedelta(seconds=note.at) - note.fire).total_seconds()
        for note in history.written("S")
        if note.fire is not None
    ]
    return round(max(late), 3)


def assert_durations_are_true(history: History) -> None:
    """The start is told by the database, the end by the process: of one clock all the same."""
    for row in history.rows:
        assert row.started_time
        assert row.finished_time
        assert timedelta(0) <= row.finished_time - row.started_time < timedelta(seconds=2), row
