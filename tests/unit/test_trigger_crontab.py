"""Crontab lines mean what crontab says."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import make_trigger

# A Thursday.
NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
JUST_BEFORE = timedelta(microseconds=1)


def crontab(expression):
    return make_trigger({"type": "crontab", "expression": expression})


def days_of_january(expression):
    """The days of January 2026 on which the line fires."""
    times = crontab(expression).fire_times(NEW_YEAR - JUST_BEFORE, NEW_YEAR + 30.5 * DAY, 10**6)
    return sorted({moment.day for moment in times})


def minutes_of(expression):
    """The minutes of the first hour at which the line fires."""
    times = crontab(expression).fire_times(
        NEW_YEAR - JUST_BEFORE, NEW_YEAR + timedelta(minutes=59), 99
    )
    return [moment.minute for moment in times]


MONDAYS = [5, 12, 19, 26]
SATURDAYS = [3, 10, 17, 24, 31]
SUNDAYS = [4, 11, 18, 25]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("0", SUNDAYS),
        ("7", SUNDAYS),
        ("sun", SUNDAYS),
        ("Sun", SUNDAYS),
        ("1", MONDAYS),
        ("MON", MONDAYS),
        ("6-7", sorted(SATURDAYS + SUNDAYS)),
        ("sat-sun", sorted(SATURDAYS + SUNDAYS)),
        ("5-7", sorted([2, 9, 16, 23, 30, *SATURDAYS, *SUNDAYS])),
        ("0-1", sorted(SUNDAYS + MONDAYS)),
        ("sun-mon", sorted(SUNDAYS + MONDAYS)),
        ("7,1", sorted(SUNDAYS + MONDAYS)),
        ("0-7", list(range(1, 32))),
        ("*", list(range(1, 32))),
        ("mon-fri", [day for day in range(1, 32) if day not in SATURDAYS + SUNDAYS]),
        ("*/7", SUNDAYS),
        ("1-5/4", sorted([*MONDAYS, 2, 9, 16, 23, 30])),
        ("mon-fri/4", sorted([*MONDAYS, 2, 9, 16, 23, 30])),
        ("4/2", sorted([1, 8, 15, 22, 29, *SATURDAYS])),
        ("7/2", SUNDAYS),
    ],
)
def test_days_of_the_week_count_from_sunday_which_is_0_and_7(field, expected) -> None:
    assert days_of_january(f"0 0 * * {field}") == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("13 * 1", sorted([13, *MONDAYS])),
        ("1-3 * 1", sorted([1, 2, 3, *MONDAYS])),
        ("13 * *", [13]),
        ("* * 1", MONDAYS),
        # A field that begins with a star is unrestricted: both must match.
        ("*/2 * 1", [5, 19]),
        ("*,5 * 1", MONDAYS),
        ("1-7 * */2", [1, 3, 4, 6]),
        ("13 2 1", []),
        ("31 1 *", [31]),
        ("1 feb,JAN *", [1]),
        ("1 jan-feb *", [1]),
        ("1 jan-jun/2 *", [1]),
        ("1 2-12 *", []),
    ],
)
def test_day_and_day_of_week_mean_either_where_both_are_restricted(dates, expected) -> None:
    assert days_of_january(f"0 0 {dates}") == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("*/20", [0, 20, 40]),
        ("10-40/15", [10, 25, 40]),
        ("40/8", [40, 48, 56]),
        ("5,1-2,50/5", [1, 2, 5, 50, 55]),
        ("*/60", [0]),
        ("07", [7]),
        ("59", [59]),
        ("3-3", [3]),
    ],
)
def test_steps_ranges_and_lists_mean_what_crontab_says(field, expected) -> None:
    assert minutes_of(f"{field} * * * *") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@hourly", "2026-01-01T01:00"),
        ("@daily", "2026-01-02T00:00"),
        ("@midnight", "2026-01-02T00:00"),
        ("@Weekly", "2026-01-04T00:00"),
        ("@monthly", "2026-02-01T00:00"),
        ("@yearly", "2027-01-01T00:00"),
        ("@annually", "2027-01-01T00:00"),
    ],
)
def test_names_stand_for_lines(name, expected) -> None:
    trigger = crontab(name)

    assert trigger.next_fire(NEW_YEAR).strftime("%Y-%m-%dT%H:%M") == expected
    assert trigger.to_json() == {"type": "crontab", "expression": name}


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("@reboot", "@reboot"),
        ("@fortnightly", "@daily"),
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("0 * * * * *", "five fields"),
        ("0 3 * * 1 /usr/bin/backup", "five fields"),
        ("60 * * * *", "field minute is out of range: 0 to 59"),
        ("* 24 * * *", "field hour"),
        ("* * 0 * *", "field day of month"),
        ("* * 32 * *", "field day of month"),
        ("* * * 13 *", "field month"),
        ("* * * 0 *", "field month"),
        ("* * * * 8", "field day of week"),
        ("* * * * 5-8", "field day of week"),
        ("* * ? * *", "field day of month is not understood; .*not part of crontab"),
        ("* * L * *", "not part of crontab"),
        ("* * 15W * *", "not part of crontab"),
        ("* * * * 5L", "not part of crontab"),
        ("* * * * 1#2", "not part of crontab"),
        ("*/0 * * * *", "step"),
        ("*/61 * * * *", "step"),
        ("* * * * */8", "step"),
        ("50-10 * * * *", "ends before"),
        ("* * * * fri-mon", "ends before"),
        ("* * * * 5-0", "ends before"),
        ("-5 * * * *", "field minute"),
        ("*-5 * * * *", "field minute"),
        ("1,,2 * * * *", "field minute"),
        ("1, * * * *", "field minute"),
        ("1.5 * * * *", "field minute"),
        ("mon * * * *", "field minute"),
        ("* * * monday *", "field month"),
        ("* * * * monday", "field day of week"),
        ("\uff11 * * * *", "field minute"),
        ("\u0661 * * * *", "field minute"),
        ("9" * 900 + " * * * *", "field minute"),
        ("* * * * *" + " " * 5000, "longer than"),
        (5, "must be a string"),
        (None, "must be a string"),
        (["* * * * *"], "must be a string"),
    ],
)
def test_a_line_that_names_no_times_is_refused_and_the_sentence_says_why(expression, says) -> None:
    with pytest.raises(InvalidTrigger, match=says) as refusal:
        crontab(expression)

    assert refusal.value.field == "trigger.expression"


def test_the_line_is_kept_as_typed_save_for_white_space() -> None:
    trigger = crontab("  0\t3 * *  MON ")

    assert trigger.to_json() == {"type": "crontab", "expression": "0 3 * * MON"}
    assert trigger.describe() == "crontab[0 3 * * MON]"
    assert set(trigger.cron_strings().values()) == {""}


def test_a_line_shows_itself_to_apscheduler_with_its_day_numbers() -> None:
    shown = crontab("0 3 * feb 5-7").to_apscheduler()

    assert str(shown) == "cron[month='2', day='*', day_of_week='4,5,6', hour='3', minute='0']"
