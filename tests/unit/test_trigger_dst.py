"""What cron jobs do in the nights when clocks are changed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from ndscheduler.corescheduler.triggers import make_trigger

HOUR = timedelta(hours=1)

BERLIN_SPRING = ("Europe/Berlin", "2026-03-29")
BERLIN_AUTUMN = ("Europe/Berlin", "2026-10-25")
NEW_YORK_SPRING = ("America/New_York", "2026-03-08")
LORD_HOWE_SPRING = ("Australia/Lord_Howe", "2026-10-04")
LORD_HOWE_AUTUMN = ("Australia/Lord_Howe", "2026-04-05")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


# (zone and local date, minute and hour fields, fire times in UTC between the two instants given)
GOLDEN = [
    (BERLIN_SPRING, "30 2", "03-28T23:00 03-29T22:00", "03-29T01:00"),
    (BERLIN_SPRING, "*/15 2", "03-28T23:00 03-29T22:00", "03-29T01:00"),
    (BERLIN_SPRING, "30 *", "03-29T00:00 03-29T02:00", "03-29T00:30 03-29T01:30"),
    (BERLIN_SPRING, "0 */2", "03-28T22:59 03-29T02:00", "03-28T23:00 03-29T01:00 03-29T02:00"),
    (BERLIN_AUTUMN, "30 2", "10-24T22:00 10-25T23:00", "10-25T00:30"),
    (
        BERLIN_AUTUMN,
        "*/15 2",
        "10-24T22:00 10-25T23:00",
        "10-25T00:00 10-25T00:15 10-25T00:30 10-25T00:45",
    ),
    (BERLIN_AUTUMN, "30 *", "10-25T00:00 10-25T02:00", "10-25T00:30 10-25T01:30"),
    (BERLIN_AUTUMN, "0 */2", "10-24T22:00 10-25T03:00", "10-25T00:00 10-25T03:00"),
    (NEW_YORK_SPRING, "30 2", "03-08T05:00 03-09T03:59", "03-08T07:00"),
    (NEW_YORK_SPRING, "*/15 2", "03-08T05:00 03-09T03:59", "03-08T07:00"),
    (NEW_YORK_SPRING, "30 *", "03-08T06:00 03-08T08:00", "03-08T06:30 03-08T07:30"),
    (NEW_YORK_SPRING, "0 */2", "03-08T05:00 03-08T08:00", "03-08T07:00 03-08T08:00"),
    (LORD_HOWE_SPRING, "30 2", "10-03T13:30 10-04T12:59", "10-03T15:30"),
    (LORD_HOWE_SPRING, "*/15 2", "10-03T13:30 10-04T12:59", "10-03T15:30 10-03T15:45"),
    (LORD_HOWE_SPRING, "30 *", "10-03T14:30 10-03T16:00", "10-03T15:00 10-03T15:30"),
    (LORD_HOWE_SPRING, "0 */2", "10-03T13:30 10-03T16:59", "10-03T15:30"),
    (LORD_HOWE_AUTUMN, "30 2", "04-04T13:00 04-05T13:29", "04-04T16:00"),
    (LORD_HOWE_AUTUMN, "45 1", "04-04T13:00 04-05T13:29", "04-04T14:45"),
    (
        LORD_HOWE_AUTUMN,
        "*/15 1",
        "04-04T13:00 04-05T13:29",
        "04-04T14:00 04-04T14:15 04-04T14:30 04-04T14:45",
    ),
    (LORD_HOWE_AUTUMN, "30 *", "04-04T14:00 04-04T15:00", "04-04T14:30 04-04T15:00"),
    (LORD_HOWE_AUTUMN, "0 */2", "04-04T13:00 04-04T17:30", "04-04T15:30 04-04T17:30"),
]


@pytest.mark.parametrize("kind", ["cron", "crontab"])
@pytest.mark.parametrize(("night", "fields", "between", "fires"), GOLDEN)
def test_fire_times_on_the_night_of_a_clock_change_are_those_of_the_manual(
    night, fields, between, fires, kind
) -> None:
    zone, day = night
    minute, hour = fields.split()
    spec = {"type": "cron", "minute": minute, "hour": hour}
    if kind == "crontab":
        spec = {"type": "crontab", "expression": f"{fields} * * *"}
    after, until = (utc(f"{day[:4]}-{text}") for text in between.split())

    found = make_trigger(spec, zone).fire_times(after, until, 100)

    assert found == [utc(f"{day[:4]}-{text}") for text in fires.split()]


def test_a_daily_job_runs_once_on_each_day_of_a_year_with_two_clock_changes() -> None:
    trigger = make_trigger({"hour": "2", "minute": "30"}, "Europe/Berlin")

    times = trigger.fire_times(utc("2025-12-31T23:00"), utc("2026-12-31T22:59"), 1000)

    assert len(times) == 365
    gaps = {later - earlier for earlier, later in pairwise(times)}
    # 02:30 is skipped to 03:00 one day, half an hour late; the day after is back to 02:30.
    assert gaps == {23.5 * HOUR, 24 * HOUR, 25 * HOUR}


def test_an_hourly_job_follows_real_time_through_both_clock_changes() -> None:
    trigger = make_trigger({"minute": "0"}, "America/New_York")

    tally = trigger.tally(utc("2026-01-01T05:00"), utc("2027-01-01T05:00"))

    assert tally is not None
    assert tally.count == 365 * 24


def test_the_times_of_a_day_that_a_zone_skipped_fire_once_at_its_end() -> None:
    """Samoa went from 29 December 2011 to the 31st at midnight, which is 10:00 UTC."""
    trigger = make_trigger({"hour": "3,15", "minute": "0"}, "Pacific/Apia")

    times = trigger.fire_times(utc("2011-12-29T10:00"), utc("2012-01-01T09:59"), 10)

    assert times == [
        utc("2011-12-29T13:00"),
        utc("2011-12-30T01:00"),
        utc("2011-12-30T10:00"),
        utc("2011-12-30T13:00"),
        utc("2011-12-31T01:00"),
        utc("2011-12-31T13:00"),
        utc("2012-01-01T01:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        # Midnight does not exist: clocks go from 23:59:59 to 01:00.
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00"),
        # At 24:00 clocks go back to 23:00, so they read midnight an hour later, once.
        ("Asia/Beirut", "2026-10-25", "2026-10-24T22:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00"),
        # Midnight comes twice: at 01:00 clocks go back to 00:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
        # Winter is the time with the negative saving here; for a clock it makes no difference.
        ("Europe/Dublin", "2026-03-29", "2026-03-29T00:00"),
    ],
)
def test_midnight_fires_once_where_clocks_change_at_midnight(zone, day, expected) -> None:
    trigger = make_trigger({"day": "*"}, zone)
    noon = utc(f"{day}T12:00")

    times = trigger.fire_times(noon - 24 * HOUR, noon, 10)

    assert times == [utc(expected)]


def test_offsets_of_seconds_in_history_are_exact() -> None:
    """Liberia was 44 minutes 30 seconds behind UTC until 7 January 1972."""
    trigger = make_trigger({"hour": "12"}, "Africa/Monrovia")

    times = trigger.fire_times(utc("1972-01-05T13:00"), utc("1972-01-08T00:00"), 10)

    assert times == [utc("1972-01-06T12:44:30"), utc("1972-01-07T12:00")]


def test_seconds_fire_at_every_real_second_of_an_hour_that_comes_twice() -> None:
    trigger = make_trigger({"second": "*"}, "Europe/Berlin")

    tally = trigger.tally(utc("2026-10-25T00:00"), utc("2026-10-25T02:00"))

    assert tally is not None
    assert tally.count == 7200


def test_a_job_with_one_hour_left_out_is_fixed() -> None:
    every_hour_but_noon = "0-11,13-23"
    trigger = make_trigger({"hour": every_hour_but_noon}, "Europe/Berlin")

    times = trigger.fire_times(utc("2026-10-24T23:00"), utc("2026-10-25T03:00"), 10)

    assert times == [utc("2026-10-25T00:00"), utc("2026-10-25T02:00"), utc("2026-10-25T03:00")]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Pacific/Auckland", "2026-05-31T12:00"),
        ("Pacific/Chatham", "2026-05-31T11:15"),
        ("America/Los_Angeles", "2026-06-01T07:00"),
        ("Pacific/Kiritimati", "2026-05-31T10:00"),
    ],
)
def test_a_periodic_job_finds_the_first_hour_of_a_day_months_away(zone, first) -> None:
    trigger = make_trigger({"month": "6", "day": "1", "hour": "*"}, zone)

    times = trigger.fire_times(utc("2026-01-01T00:00"), utc("2026-12-31T00:00"), 100)

    assert times == [utc(first) + HOUR * number for number in range(24)]


def test_asked_in_the_second_pass_of_an_hour_a_fixed_job_does_not_look_back() -> None:
    trigger = make_trigger({"hour": "2", "minute": "30"}, "Europe/Berlin")
    second_pass_of_2_10 = utc("2026-10-25T01:10")

    assert trigger.next_fire(second_pass_of_2_10) == utc("2026-10-26T01:30")


def test_times_that_share_the_end_of_a_gap_are_counted_once() -> None:
    trigger = make_trigger({"hour": "1-3", "minute": "*/10"}, "Europe/Berlin")

    tally = trigger.tally(utc("2026-03-28T23:00"), utc("2026-03-29T22:00"))

    assert tally is not None
    assert (tally.count, tally.first, tally.last) == (
        6 + 6,
        utc("2026-03-29T00:00"),
        utc("2026-03-29T01:50"),
    )


@pytest.mark.parametrize(
    ("zone", "month", "day"),
    [
        ("Pacific/Auckland", "6", "1"),
        ("America/Los_Angeles", "3", "9"),
        # The day begins with the change: at 00:00 clocks go to 01:00.
        ("America/Havana", "3", "8"),
        ("Asia/Beirut", "3", "29"),
    ],
)
def test_a_periodic_job_finds_its_one_day_from_however_far_away(zone, month, day) -> None:
    trigger = make_trigger({"month": month, "day": day, "hour": "*"}, zone)
    first = trigger.next_fire(utc("2026-01-01T00:00"))
    assert first is not None

    answers = {trigger.next_fire(first - HOUR * number) for number in range(1, 300)}

    assert answers == {first}
