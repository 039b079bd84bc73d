"""Intervals: counted from an anchor, in real time."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import make_trigger, parse_trigger, trigger_text

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


def every(now=NOON, **parts):
    return make_trigger({"type": "interval", **parts}, now=now)


def test_units_add_up() -> None:
    trigger = every(weeks=1, days=1, hours=1, minutes=1, seconds=1.5)

    assert trigger.next_fire(NOON) - NOON == timedelta(8, 3661, 500_000)
    assert trigger.to_json() == {
        "type": "interval",
        "seconds": 8 * 86400 + 3661.5,
        "anchor": "2026-01-01T12:00:00+00:00",
    }


def test_a_restart_does_not_shift_it() -> None:
    text = trigger_text(every(seconds=90))

    restarted = parse_trigger(text, "UTC", None, None)

    assert restarted.next_fire(NOON + 100 * SECOND) == NOON + 180 * SECOND


def test_the_anchor_is_the_first_fire_time() -> None:
    trigger = every(hours=1)

    assert trigger.next_fire(NOON - timedelta(days=9)) == NOON
    assert trigger.next_fire(NOON) == NOON + timedelta(hours=1)


def test_without_an_anchor_it_counts_from_the_start_date() -> None:
    start = NOON + timedelta(days=1)

    trigger = make_trigger({"type": "interval", "hours": 5}, start=start, now=NOON)

    assert trigger.next_fire(NOON) == start


def test_a_start_after_the_anchor_does_not_move_the_beat() -> None:
    trigger = make_trigger(
        {"type": "interval", "minutes": 10, "anchor": NOON},
        start=NOON + timedelta(minutes=15),
        end=NOON + timedelta(minutes=40),
    )

    times = trigger.fire_times(NOON, NOON + timedelta(days=1), 99)

    assert [(moment - NOON) // timedelta(minutes=1) for moment in times] == [20, 30, 40]


def test_thirds_of_a_second_do_not_drift() -> None:
    trigger = every(seconds=1.333333)

    much_later = trigger.next_fire(NOON + timedelta(days=3650))

    assert (much_later - NOON) % timedelta(microseconds=1_333_333) == timedelta(0)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({}, "trigger.seconds"),
        ({"seconds": None}, "trigger.seconds"),
        ({"seconds": 0}, "trigger.seconds"),
        ({"minutes": 0.001}, "trigger.minutes"),
        ({"seconds": -5}, "trigger.seconds"),
        ({"hours": 2, "minutes": -1}, "trigger.minutes"),
        ({"seconds": math.nan}, "trigger.seconds"),
        ({"seconds": math.inf}, "trigger.seconds"),
        ({"seconds": "90"}, "trigger.seconds"),
        ({"seconds": True}, "trigger.seconds"),
        ({"seconds": [1]}, "trigger.seconds"),
        ({"weeks": 10**6}, "trigger.weeks"),
        ({"weeks": 10**400}, "trigger.weeks"),
        ({"weeks": 1e308}, "trigger.weeks"),
        ({"years": 1}, "trigger.years"),
        ({"seconds": 5, "anchor": "soon"}, "trigger.anchor"),
        ({"seconds": 5, "anchor": 5}, "trigger.anchor"),
    ],
)
def test_what_is_no_length_of_time_is_refused(parts, field) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        every(**parts)

    assert refusal.value.field == field


def test_near_the_end_of_time_there_is_no_next() -> None:
    trigger = every(weeks=5000)

    assert trigger.next_fire(datetime.max.replace(tzinfo=timezone.utc)) is None


def test_it_shows_itself_as_apscheduler_does() -> None:
    trigger = every(seconds=90)

    assert trigger.describe() == str(trigger.to_apscheduler()) == "interval[0:01:30]"
    assert set(trigger.cron_strings().values()) == {""}


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    seconds=st.floats(1, 5000),
    after=st.integers(-(10**10), 10**11),
    length=st.integers(-(10**6), 10**9),
)
def test_a_tally_is_what_a_walk_finds(seconds, after, length) -> None:
    trigger = every(seconds=seconds)
    start = NOON + timedelta(microseconds=after)
    stop = start + timedelta(microseconds=length)

    tally = trigger.tally(start, stop)

    times = trigger.fire_times(start, stop, 10**6)
    assert (tally is None) == (not times)
    if tally is not None:
        assert (tally.count, tally.first, tally.last) == (len(times), times[0], times[-1])
