"""What may surprise in a schedule is said before a job has it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import LAST_INSTANT, MICROSECOND
from ndscheduler.corescheduler.schedule_warnings import WarningCode, schedule_warnings
from ndscheduler.corescheduler.triggers import Trigger, make_trigger

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
BERLIN = "Europe/Berlin"


def _sentences(trigger: Trigger, code: WarningCode, after: datetime = NEW_YEAR) -> list[str]:
    warnings = schedule_warnings(trigger, after)
    return [warning.sentence for warning in warnings if warning.code is code]


def _crontab(expression: str, zone: str = "UTC") -> Trigger:
    return make_trigger({"type": "crontab", "expression": expression}, zone)


@pytest.mark.parametrize(
    "trigger",
    [
        make_trigger({"minute": "*/5"}, BERLIN),
        make_trigger({"hour": "3"}, BERLIN),
        make_trigger({"day_of_week": "mon-fri", "hour": "8"}, BERLIN),
        make_trigger({"day_of_week": "*/2", "hour": "8"}),
        make_trigger({"type": "interval", "hours": 1}),
        make_trigger({"type": "interval", "days": 1}, BERLIN),
        make_trigger({"type": "date", "run_date": "2026-03-29T02:30:00"}, BERLIN),
        _crontab("0 3 * * 1", BERLIN),
        _crontab("0 3 */2 * 1"),
        _crontab("30 2 * * *"),
    ],
    ids=repr,
)
def test_an_ordinary_schedule_has_no_warning(trigger: Trigger) -> None:
    assert schedule_warnings(trigger, NEW_YEAR) == []


def test_a_schedule_that_never_fires_is_told() -> None:
    trigger = make_trigger({"month": "2", "day": "31"})

    assert _sentences(trigger, WarningCode.NEVER_FIRES) == [
        "It never fires: no time to come fits it."
    ]


def test_a_schedule_whose_end_has_passed_is_told() -> None:
    trigger = make_trigger({"minute": "*"}, end=NEW_YEAR)

    assert _sentences(trigger, WarningCode.NEVER_FIRES) == ["It never fires: its end has passed."]
    assert schedule_warnings(trigger, NEW_YEAR - MICROSECOND) == []


@pytest.mark.parametrize(
    ("spec", "is_told"),
    [
        ({"second": "*"}, True),
        ({"second": "*", "minute": "5", "hour": "3"}, True),
        ({"type": "interval", "seconds": 1}, True),
        ({"type": "interval", "seconds": 1.5}, False),
        ({"second": "0-58"}, False),
    ],
)
def test_a_schedule_of_every_second_is_told(spec: dict[str, Any], is_told: bool) -> None:
    trigger = make_trigger(spec, now=NEW_YEAR)

    assert bool(_sentences(trigger, WarningCode.EVERY_SECOND)) is is_told


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("0", "Monday"),
        ("1-5", "Tuesday-Saturday"),
        ("0,6", "Monday,Sunday"),
        ("0-6/2", "Monday-Sunday/2"),
    ],
)
def test_numbers_of_days_are_told_by_name(text: str, meaning: str) -> None:
    trigger = make_trigger({"day_of_week": text})

    assert _sentences(trigger, WarningCode.MONDAY_IS_ZERO) == [
        f"In day_of_week 0 is Monday, unlike in crontab: {text} means {meaning}."
    ]


def test_numbers_of_days_in_a_crontab_line_mean_what_crontab_means() -> None:
    assert _sentences(_crontab("0 3 * * 1-5"), WarningCode.MONDAY_IS_ZERO) == []


def test_day_and_day_of_week_are_both_or_either() -> None:
    both = make_trigger({"day": "1", "day_of_week": "mon"})

    (of_fields,) = _sentences(both, WarningCode.DAY_AND_DAY_OF_WEEK)
    (of_line,) = _sentences(_crontab("0 3 1 * 1"), WarningCode.DAY_AND_DAY_OF_WEEK)

    assert "only on days that fit both" in of_fields
    assert "either will do" in of_line


@pytest.mark.parametrize(
    ("line", "zone", "spring", "autumn"),
    [
        (
            "30 2",
            BERLIN,
            "On 2026-03-29 clocks in Europe/Berlin go from 02:00 to 03:00: "
            "the fire at 02:30 comes at 03:00.",
            "On 2026-10-25 clocks in Europe/Berlin go back from 03:00 to 02:00: "
            "02:30 comes twice, and it fires the first time only.",
        ),
        (
            "*/15 2",
            BERLIN,
            "On 2026-03-29 clocks in Europe/Berlin go from 02:00 to 03:00: "
            "the fires at 02:00 to 02:45 come as one at 03:00.",
            "On 2026-10-25 clocks in Europe/Berlin go back from 03:00 to 02:00: "
            "02:00 to 02:45 come twice, and they fire the first time only.",
        ),
        (
            "0 2,3",
            BERLIN,
            "On 2026-03-29 clocks in Europe/Berlin go from 02:00 to 03:00: "
            "the fires at 02:00 and 03:00 come as one at 03:00.",
            "On 2026-10-25 clocks in Europe/Berlin go back from 03:00 to 02:00: "
            "02:00 comes twice, and it fires the first time only.",
        ),
        (
            "45 1",
            "Australia/Lord_Howe",
            None,
            "On 2026-04-05 clocks in Australia/Lord_Howe go back from 02:00 to 01:30: "
            "01:45 comes twice, and it fires the first time only.",
        ),
        (
            "0,30 0",
            "Africa/Cairo",
            "On 2026-04-24 clocks in Africa/Cairo go from 00:00 to 01:00: "
            "the fires at 00:00 and 00:30 come as one at 01:00.",
            None,
        ),
    ],
)
def test_a_change_of_the_clocks_is_told_with_what_it_does(
    line: str, zone: str, spring: str | None, autumn: str | None
) -> None:
    minute, hour = line.split()

    found = _sentences(
        make_trigger({"minute": minute, "hour": hour}, zone), WarningCode.CLOCK_CHANGE
    )

    assert set(found) == {sentence for sentence in (spring, autumn) if sentence}


def test_a_change_of_the_clocks_outside_its_dates_does_not_concern_a_schedule() -> None:
    spec = {"minute": "30", "hour": "2", "month": "1-3"}
    until_march = make_trigger(spec, BERLIN, end=datetime(2026, 3, 28, tzinfo=timezone.utc))
    from_april = make_trigger(
        {"minute": "30", "hour": "2"},
        BERLIN,
        start=datetime(2026, 4, 1, tzinfo=timezone.utc),
        end=datetime(2026, 10, 1, tzinfo=timezone.utc),
    )

    for trigger in (until_march, from_april):
        assert _sentences(trigger, WarningCode.CLOCK_CHANGE) == []


def test_a_change_of_the_clocks_is_told_a_year_ahead_and_not_afterwards() -> None:
    trigger = make_trigger({"minute": "30", "hour": "2"}, BERLIN)
    spring = datetime(2026, 3, 29, 1, tzinfo=timezone.utc)

    (next_autumn, next_spring) = trigger.clock_changes(spring, spring + timedelta(days=365))

    assert (next_autumn.is_gap, next_spring.is_gap) == (False, True)
    assert next_spring.at == datetime(2027, 3, 28, 1, tzinfo=timezone.utc)


def test_the_end_of_time_is_no_error() -> None:
    trigger = make_trigger({"minute": "30", "hour": "2"}, BERLIN)

    assert len(schedule_warnings(trigger, LAST_INSTANT)) >= 1
