"""Triggers against the brute-force oracle, in every zone that changes its clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache, lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler.triggers import Trigger, make_trigger
from tests.unit import cron_oracle as oracle
from tests.unit.cron_oracle import utc

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

FROM, TO = utc(2024, 1, 1), utc(2031, 1, 1)
PARTS = 8

# Odd ones of the past: skipped days, half hours, double summer time, back-to-back changes,
# and offsets that change twice within days.
ODD = [
    ("Pacific/Apia", utc(2011, 12, 30, 10)),
    ("Pacific/Kwajalein", utc(1993, 8, 21, 12)),
    ("Pacific/Enderbury", utc(1994, 12, 31, 11)),
    ("Antarctica/Casey", utc(2010, 3, 4, 15)),
    ("Antarctica/Troll", utc(2026, 3, 29, 1)),
    ("America/Caracas", utc(2016, 5, 1, 7)),
    ("America/Recife", utc(2000, 10, 8, 3)),
    ("America/Recife", utc(2000, 10, 15, 2)),
    ("Asia/Pyongyang", utc(2018, 5, 4, 15)),
    ("Asia/Gaza", utc(2040, 10, 20, 0)),
    ("Europe/Dublin", utc(1971, 10, 31, 2)),
    ("Africa/Casablanca", utc(2026, 3, 22, 2)),
]

MINUTES = ["*", "*/5", "*/15", "0", "30", "45", "7,37,59", "10-50/20", "5/25", "29-31"]
HOURS = ["*", "*", "*/2", "*/5", "0", "1", "2", "3", "1-3", "0,23", "0-22", "1-23", "0-11,13-23"]


def dates_near(day: datetime) -> list[dict[str, str]]:
    """Date fields that are true on some days about `day`, and on others not."""
    weekday = oracle.WEEKDAYS[day.weekday()]
    nth = ["1st", "2nd", "3rd", "4th", "5th"][(day.day - 1) // 7]
    return [
        {},
        {},
        {"day_of_week": weekday},
        {"day_of_week": "0-4"},
        {"day_of_week": "sat,sun"},
        {"day": str(day.day)},
        {"day": f"last,{day.day}"},
        {"day": "*/2"},
        {"day": f"{nth} {weekday}"},
        {"day": f"last {weekday},15"},
        {"month": str(day.month), "day": "last sun"},
        {"month": oracle.MONTHS[day.month]},
        {"week": str(day.isocalendar()[1])},
        {"week": "*/2", "day_of_week": weekday},
        {"year": str(day.year), "day": f"{day.day}-31"},
        {"month": "2", "day": "31"},
    ]


def crontab_dates_near(day: datetime) -> list[str]:
    """The last three fields of crontab lines, true on some days about `day`."""
    weekday = day.isoweekday()
    return [
        "* * *",
        f"{day.day} * {weekday}",
        "*/2 * 6",
        f"1-15 {oracle.MONTHS[day.month]} *",
        f"* * {weekday}-7",
        f"{day.day} {day.month} mon-fri",
        "* * 0-7",
        "* * sun",
    ]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_zone_agrees_with_the_oracle_about_its_clock_changes(part) -> None:
    zones = sorted(available_timezones())[part::PARTS]

    for zone in zones:
        for change in changes(zone):
            assert_agreement(zone, change, Random(f"{zone} {change}"), 3)


@pytest.mark.parametrize(("zone", "change"), ODD)
def test_odd_clock_changes_of_the_past_agree_with_the_oracle(zone, change) -> None:
    assert oracle.transitions(zone, change - 12 * HOUR, change + 36 * HOUR)[:1] == [change]

    assert_agreement(zone, change, Random(f"{zone} {change}"), 25)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_kind_of_clock_change_agrees_with_the_oracle_to_the_second(part) -> None:
    for zone in unlike_zones()[part::PARTS]:
        for change in changes(zone)[:2]:
            assert_agreement_to_the_second(zone, change, Random(f"{zone} {change}"))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data())
def test_any_expression_agrees_with_the_oracle_about_any_clock_change(data) -> None:
    zone = data.draw(st.sampled_from(changing_zones()), label="zone")
    change = data.draw(st.sampled_from(all_changes(zone)), label="change")
    random = data.draw(st.randoms(use_true_random=False), label="random")

    assert_agreement(zone, change, random, 2)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(data=st.data())
def test_a_tally_counts_what_a_walk_over_years_finds(data) -> None:
    zone = data.draw(st.sampled_from(changing_zones()), label="zone")
    change = data.draw(st.sampled_from(all_changes(zone)), label="change")
    random = data.draw(st.randoms(use_true_random=False), label="random")
    dates = random.choice(dates_near(change))
    spec = {"minute": "0,30", "hour": random.choice(["2", "1-3", "*/8"]), **dates}
    trigger = make_trigger(spec, zone)
    after, until = (
        change - random.randint(0, 500) * (24 * HOUR + SECOND),
        change + 400 * (24 * HOUR + SECOND),
    )

    times = trigger.fire_times(after, until, 10**6)

    assert counted(trigger, after, until) == summed(times)


def assert_agreement(zone: str, change: datetime, random: Random, count: int) -> None:
    """Check `count` random triggers in the days about a clock change."""
    clock = minutes_about(zone, change)
    for spec, matches, is_periodic in samples(change, random, count):
        assert_fires(spec, zone, clock, oracle.fires(matches, is_periodic, clock))


def assert_agreement_to_the_second(zone: str, change: datetime, random: Random) -> None:
    fields = {
        "hour": random.choice(HOURS),
        "minute": random.choice(MINUTES),
        "second": random.choice(["*", "*/7", "0,59", "1-58", "30"]),
    }
    clock = oracle.wall_clock(zone, change - 65 * MINUTE, change + 65 * MINUTE, SECOND)
    expected = oracle.fires(oracle.cron_matcher(fields), covers_day(fields["hour"]), clock)
    assert_fires({"type": "cron", **fields}, zone, clock, expected)


def samples(change: datetime, random: Random, count: int) -> Iterator[tuple[Any, Any, bool]]:
    """Random triggers: the spec, the oracle's matcher, and whether it is periodic."""
    for _ in range(count):
        minute, hour = random.choice(MINUTES), random.choice(HOURS)
        if random.random() < 0.3:
            line = f"{minute} {hour} {random.choice(crontab_dates_near(change))}"
            spec = {"type": "crontab", "expression": line}
            yield spec, oracle.crontab_matcher(line), covers_day(hour)
        else:
            fields = {"minute": minute, "hour": hour, **random.choice(dates_near(change))}
            yield {"type": "cron", **fields}, oracle.cron_matcher(fields), covers_day(hour)


def assert_fires(
    spec: dict[str, str], zone: str, clock: oracle.Clock, expected: list[datetime]
) -> None:
    """The trigger fires as expected from the first to the last instant of the clock."""
    trigger = make_trigger(spec, zone)
    after, until = clock.shown[0][0] - SECOND, clock.shown[-1][0]
    label = (spec, zone, clock.shown[0][0])
    assert trigger.fire_times(after, until, 10**6) == expected, label
    assert counted(trigger, after, until) == summed(expected), label
    random = Random(f"{label}")
    middle = len(clock.shown) // 2
    for _ in range(3):
        # Asked near the change too: just before a gap, or while an hour is passed again.
        early, late = sorted(random.choices(clock.shown[middle - 180 : middle + 180], k=2))
        inside = [moment for moment in expected if early[0] < moment <= late[0]]
        assert trigger.fire_times(early[0], late[0], 10**6) == inside, (label, early)
        assert counted(trigger, early[0], late[0]) == summed(inside), (label, early, late)


def counted(trigger: Trigger, after: datetime, until: datetime) -> tuple[Any, ...]:
    """What the trigger's tally says: count, first, last."""
    tally = trigger.tally(after, until)
    return (0, None, None) if tally is None else (tally.count, tally.first, tally.last)


def summed(times: list[datetime]) -> tuple[Any, ...]:
    """The count, the first and the last of `times`."""
    return (len(times), times[0], times[-1]) if times else (0, None, None)


def covers_day(hour: str) -> bool:
    return len(oracle.numbers(hour, 0, 23)) == 24


def changes(zone: str) -> list[datetime]:
    """Three clock changes of the zone, spread over the years; fewer where it has fewer."""
    every = all_changes(zone)
    return sorted({every[0], every[len(every) // 2], every[-1]}) if every else []


@cache
def all_changes(zone: str) -> list[datetime]:
    return oracle.transitions(zone, FROM, TO)


@cache
def changing_zones() -> list[str]:
    return [zone for zone in sorted(available_timezones()) if all_changes(zone)]


@lru_cache(maxsize=8)
def minutes_about(zone: str, change: datetime) -> oracle.Clock:
    """The clock from 26 hours before the change to as long after: leaps are a day at most."""
    return oracle.wall_clock(zone, change - 26 * HOUR, change + 26 * HOUR, MINUTE)


@cache
def unlike_zones() -> list[str]:
    """One of all the zones that change their clocks at the same instants, to the same time."""
    alike = {}
    for zone in changing_zones():
        first = all_changes(zone)[0]
        alike[(*all_changes(zone), first.astimezone(ZoneInfo(zone)).utcoffset())] = zone
    return list(alike.values())
