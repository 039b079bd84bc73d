"""Cron fields: what is accepted, what is refused, what they mean."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import CRON_FIELDS, make_trigger

SECOND = timedelta(seconds=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
# Too large for Python to print.
HUGE = 10**5000


def fires(spec, count=3, after=NEW_YEAR, zone="UTC", **bounds):
    """The first fire times as text."""
    end = datetime.max.replace(tzinfo=timezone.utc)
    times = make_trigger(spec, zone, **bounds).fire_times(after, end, count)
    return [moment.strftime("%Y-%m-%dT%H:%M:%S") for moment in times]


@pytest.mark.parametrize(
    ("fields", "strings"),
    [
        ({"hour": "*/2"}, "* * * * */2 0"),
        ({"day_of_week": "0"}, "* * * 0 0 0"),
        ({"week": "5"}, "* * 5 * 0 0"),
        ({"month": "2"}, "2 1 * * 0 0"),
        ({"day": "last"}, "* last * * 0 0"),
        ({"minute": "5"}, "* * * * * 5"),
        ({"second": "5"}, "* * * * * *"),
        ({"year": "2027"}, "1 1 * * 0 0"),
        ({"minute": 5, "hour": None}, "* * * * * 5"),
    ],
)
def test_fields_not_given_default_to_any_above_and_to_the_minimum_below(fields, strings) -> None:
    names = ("month", "day", "week", "day_of_week", "hour", "minute")

    assert make_trigger(fields).cron_strings() == dict(zip(names, strings.split(), strict=True))


@pytest.mark.parametrize("spec", [{}, {"type": "cron"}, {"type": "cron", "minute": None}])
def test_a_cron_trigger_without_a_field_is_refused(spec) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger(spec)

    assert refusal.value.field in ("trigger", "trigger.type")


@pytest.mark.parametrize("field", CRON_FIELDS)
@pytest.mark.parametrize(
    "value",
    [True, False, 5.5, 5.0, [5], {"at": 5}, b"5", "", " ", "mon#1", "9" * 6000, HUGE],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_no_cron_expression_is_refused_by_the_name_of_its_field(
    field, value
) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger({field: value})

    assert refusal.value.field == field
    assert len(str(refusal.value)) < 700


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day_of_week", "mon-fri/2"),
        ("day_of_week", "mon-5"),
        ("day_of_week", "mon-"),
        ("day_of_week", "tue foo"),
        ("day_of_week", "mon,tue#2"),
        ("month", "jan1"),
        ("month", "jan-mar/2"),
        ("day", "lastly"),
        ("day", "last-1"),
        ("day", "1st mon#2"),
        ("minute", "0-0/5"),
        ("year", "1969"),
        ("year", "10000"),
        ("week", "54"),
        ("second", "60"),
    ],
)
def test_an_expression_that_would_be_read_in_part_is_refused(field, value) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger({field: value})

    assert refusal.value.field == field


def test_the_refusal_of_a_hash_says_what_to_write() -> None:
    with pytest.raises(InvalidTrigger, match="1st mon"):
        make_trigger({"day_of_week": "mon#1"})


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"day": "13", "day_of_week": "fri"}, "2026-02-13 2026-03-13 2026-11-13"),
        ({"day": "last"}, "2026-01-31 2026-02-28 2026-03-31"),
        ({"day": "last", "month": "feb", "year": "*/2"}, "2026-02-28 2028-02-29 2030-02-28"),
        ({"day": "1st mon"}, "2026-01-05 2026-02-02 2026-03-02"),
        ({"day": "5th thu"}, "2026-01-29 2026-04-30 2026-07-30"),
        ({"day": "last fri,1"}, "2026-01-30 2026-02-01 2026-02-27"),
        ({"week": "53"}, "2026-12-28 2026-12-29 2026-12-30"),
        ({"week": "1", "day_of_week": "0"}, "2027-01-04 2028-01-03 2029-01-01"),
        ({"week": "53", "day_of_week": "sun"}, "2027-01-03 2033-01-02 2038-01-03"),
        ({"month": "2", "day": "29"}, "2028-02-29 2032-02-29 2036-02-29"),
        ({"month": "2", "day": "29", "day_of_week": "6"}, "2032-02-29 2060-02-29 2088-02-29"),
        ({"day_of_week": "0"}, "2026-01-05 2026-01-12 2026-01-19"),
        ({"year": "2030,2028"}, "2028-01-01 2030-01-01"),
        ({"month": "2", "day": "30"}, ""),
        ({"year": "2020"}, ""),
    ],
)
def test_dates_are_those_that_all_fields_name(spec, expected) -> None:
    assert fires(spec) == [f"{day}T00:00:00" for day in expected.split()]


def test_seconds_are_a_field() -> None:
    assert fires({"second": "*/25"}) == [
        "2026-01-01T00:00:25",
        "2026-01-01T00:00:50",
        "2026-01-01T00:01:00",
    ]


def test_a_leap_day_is_found_over_the_years_that_leave_it_out() -> None:
    after = datetime(2097, 1, 1, tzinfo=timezone.utc)

    assert fires({"month": 2, "day": 29}, 1, after) == ["2104-02-29T00:00:00"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_date_that_does_not_exist_is_told_at_once(zone) -> None:
    triggers = [
        make_trigger({"month": "2", "day": "31"}, zone),
        make_trigger({"month": "2", "day": "30", "hour": "*"}, zone),
        make_trigger({"month": "4,6", "day": "31", "second": "*"}, zone),
        make_trigger({"month": "1", "week": "20"}, zone),
        make_trigger({"type": "crontab", "expression": "0 0 31 2 *"}, zone),
    ]

    started = time.process_time()
    assert [trigger.next_fire(NEW_YEAR) for trigger in triggers] == [None] * 5
    assert [trigger.tally(NEW_YEAR, NEW_YEAR + 366 * 86400 * SECOND) for trigger in triggers] == [
        None
    ] * 5
    assert time.process_time() - started < 2


def test_a_fire_time_is_later_than_the_instant_asked_about() -> None:
    trigger = make_trigger({"minute": "*"})

    assert trigger.next_fire(NEW_YEAR) == NEW_YEAR + 60 * SECOND
    assert trigger.next_fire(NEW_YEAR - MICROSECOND) == NEW_YEAR
    assert trigger.next_fire(NEW_YEAR + MICROSECOND) == NEW_YEAR + 60 * SECOND


def test_start_and_end_are_included() -> None:
    bounds = {"start": NEW_YEAR + 60 * SECOND, "end": NEW_YEAR + 180 * SECOND}

    times = fires({"minute": "*"}, 10, NEW_YEAR - 86400 * SECOND, **bounds)

    assert times == ["2026-01-01T00:01:00", "2026-01-01T00:02:00", "2026-01-01T00:03:00"]
    trigger = make_trigger({"minute": "*"}, **bounds)
    tally = trigger.tally(NEW_YEAR - 86400 * SECOND, NEW_YEAR + 86400 * SECOND)
    assert (tally.count, tally.first, tally.last) == (3, bounds["start"], bounds["end"])


def test_a_start_between_two_seconds_does_not_let_the_earlier_one_fire() -> None:
    times = fires({"second": "*"}, 1, NEW_YEAR - SECOND, start=NEW_YEAR + MICROSECOND)

    assert times == ["2026-01-01T00:00:01"]


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger({"minute": "*"}, start=NEW_YEAR, end=NEW_YEAR - SECOND)

    assert refusal.value.field == "end_date"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"])
@pytest.mark.parametrize("spec", [{"minute": "*"}, {"hour": "3"}, {"day": "last", "hour": "23"}])
def test_the_ends_of_time_give_none_or_a_time_and_never_an_error(spec, zone) -> None:
    trigger = make_trigger(spec, zone)
    dawn = datetime.min.replace(tzinfo=timezone.utc)
    dusk = datetime.max.replace(tzinfo=timezone.utc)

    first = trigger.next_fire(dawn)

    assert first is not None
    assert first.year in (1969, 1970)
    assert trigger.next_fire(dusk) is None
    assert trigger.next_fire(dusk - SECOND) is None
    assert trigger.tally(dusk - SECOND, dusk) is None
    last_days = trigger.fire_times(dusk - 40 * 86400 * SECOND, dusk, 10**6)
    assert last_days == sorted(set(last_days))
    assert trigger.tally(dusk - 40 * 86400 * SECOND, dusk).count == len(last_days)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
def test_a_year_of_seconds_is_counted_and_not_walked(zone) -> None:
    trigger = make_trigger({"second": "*"}, zone)
    until = NEW_YEAR + 365 * 86400 * SECOND

    started = time.process_time()
    tally = trigger.tally(NEW_YEAR, until)

    assert time.process_time() - started < 0.5
    assert (tally.count, tally.first, tally.last) == (365 * 86400, NEW_YEAR + SECOND, until)


def test_a_tally_of_nothing_is_none() -> None:
    trigger = make_trigger({"hour": "3"})

    assert trigger.tally(NEW_YEAR, NEW_YEAR) is None
    assert trigger.tally(NEW_YEAR + SECOND, NEW_YEAR) is None
    assert trigger.tally(NEW_YEAR, NEW_YEAR + 3600 * SECOND) is None


def test_no_more_fire_times_are_listed_than_asked_for() -> None:
    trigger = make_trigger({"second": "*"})

    assert len(trigger.fire_times(NEW_YEAR, NEW_YEAR + 3600 * SECOND, 7)) == 7
    assert trigger.fire_times(NEW_YEAR, NEW_YEAR + 3600 * SECOND, 0) == []
