"""One date: it fires once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import Tally, make_trigger

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def on(run_date, zone="UTC", **bounds):
    return make_trigger({"type": "date", "run_date": run_date}, zone, **bounds)


def test_it_fires_once() -> None:
    trigger = on("2026-01-01T12:00:00Z")

    assert trigger.next_fire(NOON - DAY) == NOON
    assert trigger.next_fire(NOON) is None
    assert trigger.fire_times(NOON - DAY, NOON, 5) == [NOON]
    assert trigger.tally(NOON - DAY, NOON) == Tally(1, NOON, NOON)
    assert trigger.tally(NOON, NOON + DAY) is None


@pytest.mark.parametrize(
    "run_date",
    [
        "2026-01-01T21:00:00+09:00",
        "2026-01-01 12:00Z",
        "20260101T120000Z",
        NOON.astimezone(timezone(timedelta(hours=-5))),
    ],
)
def test_a_date_with_an_offset_is_that_instant(run_date) -> None:
    assert on(run_date, "Asia/Tokyo").next_fire(NOON - DAY) == NOON


@pytest.mark.parametrize("run_date", ["2026-01-01T21:00:00", datetime(2026, 1, 1, 21)])
def test_a_date_without_an_offset_is_a_time_in_the_zone_of_the_job(run_date) -> None:
    assert on(run_date, "Asia/Tokyo").next_fire(NOON - DAY) == NOON


def test_a_date_outside_start_and_end_never_fires() -> None:
    assert on(NOON, start=NOON + DAY).next_fire(NOON - DAY) is None
    assert on(NOON, end=NOON - DAY).next_fire(NOON - 2 * DAY) is None
    assert on(NOON, start=NOON, end=NOON).next_fire(NOON - DAY) == NOON


@pytest.mark.parametrize(
    "run_date",
    [None, "", "tomorrow", "2026-02-30", "2026-01-01T25:00", "9999-12-31T23:59:59-05:00", 5, {}],
)
def test_what_is_no_date_is_refused(run_date) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        on(run_date)

    assert refusal.value.field == "trigger.run_date"


def test_it_keeps_microseconds_and_shows_itself_in_utc() -> None:
    trigger = on("2026-01-01T12:00:00.000001Z")

    assert trigger.to_json() == {"type": "date", "run_date": "2026-01-01T12:00:00.000001+00:00"}
    assert trigger.describe() == "date[2026-01-01 12:00:00 UTC]"
    assert set(trigger.cron_strings().values()) == {""}
