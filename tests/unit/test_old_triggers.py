"""Schedules that 0.x pickled name the same instants here, or pause their job."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldName,
    OldObject,
    OldZone,
)
from ndscheduler.corescheduler.datastore.legacy.old_triggers import schedule_of
from ndscheduler.corescheduler.datastore.legacy.old_zones import UnmappedZone, zone_name
from ndscheduler.corescheduler.datastore.legacy.pickle_reader import read_pickle
from ndscheduler.corescheduler.definitions import trigger_of
from tests.unit.pickled_rows import CLASS, LABELS, NEXT, NOW, PICKLED, cases, read, wrote

EXPECTED_TRIGGERS: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({"type": "cron", "minute": "*/5"}, "UTC"),
    "fields": (
        {
            "type": "cron",
            "year": "2026-2030",
            "month": "1,7",
            "day": "last,1-10/3",
            "week": "*/2",
            "day_of_week": "mon-fri",
            "hour": "5-8/2",
            "minute": "10,20,40",
            "second": "15",
        },
        "UTC",
    ),
    "positions": ({"type": "cron", "day": "2nd tue,last fri", "hour": "3"}, "UTC"),
    "every_second": (
        dict.fromkeys(
            ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second"), "*"
        )
        | {"type": "cron"},
        "UTC",
    ),
    "new_york": ({"type": "cron", "hour": "2", "minute": "30"}, "America/New_York"),
    "tokyo": ({"type": "cron", "hour": "2"}, "Asia/Tokyo"),
    "bounded": ({"type": "cron", "minute": "0"}, "America/New_York"),
    "interval": (
        {"type": "interval", "seconds": 90.0, "anchor": "2026-01-01T17:00:00+00:00"},
        "America/New_York",
    ),
    "date": ({"type": "date", "run_date": "2026-01-01T17:00:00+00:00"}, "UTC"),
    "minus_five": ({"type": "cron", "hour": "2"}, "Etc/GMT+5"),
    "local": ({"type": "cron", "hour": "2"}, "Europe/Berlin"),
    "zoneinfo": ({"type": "cron", "hour": "2"}, "Europe/Berlin"),
    "utc_of_datetime": ({"type": "cron", "hour": "2"}, "UTC"),
    "offset_of_datetime": ({"type": "cron", "hour": "2"}, "Etc/GMT+5"),
    "jitter": ({"type": "cron", "minute": "5"}, "UTC"),
}


@pytest.mark.parametrize(("label", "job_id"), cases(*EXPECTED_TRIGGERS))
def test_a_trigger_is_kept_with_its_zone(label: str, job_id: str) -> None:
    spec, zone = EXPECTED_TRIGGERS[job_id]

    old = read(label, job_id)

    assert old.problems == ()
    assert (json.loads(old.job.trigger_json), old.job.timezone) == (spec, zone)
    assert old.job.next_fire == NEXT
    assert not old.job.is_paused


@pytest.mark.parametrize("label", LABELS)
def test_bounds_are_kept_to_the_microsecond(label: str) -> None:
    bounded, interval = read(label, "bounded").job, read(label, "interval").job

    end = datetime(2027, 7, 1, 16, 0, 0, 5, tzinfo=timezone.utc)
    assert bounded.start_date == datetime(2026, 1, 1, 17, 0, tzinfo=timezone.utc)
    assert (bounded.end_date, interval.end_date) == (end, end)
    # The start of an interval is its anchor, at which it fires first.
    assert trigger_of(interval).next_fire(NOW - timedelta(days=900)) == bounded.start_date


@pytest.mark.parametrize(("label", "job_id"), cases("both", "either", "half_past"))
def test_a_schedule_without_counterpart_pauses_the_job(label: str, job_id: str) -> None:
    job = read(label, job_id).job

    reasons = {
        "both": "a combination of 2 triggers has no counterpart",
        "either": "a combination of 2 triggers has no counterpart",
        "half_past": "no time zone has the fixed offset UTC+5:30:00",
    }
    assert job.is_paused
    assert reasons[job_id] in (job.paused_reason or "")
    assert job.job_class_string == CLASS


@pytest.mark.parametrize("label", wrote("jitter"))
def test_a_jitter_is_dropped_and_told(label: str) -> None:
    old = read(label, "jitter")

    (note,) = old.notes
    assert note == "its jitter of 10 seconds was dropped: it fires exactly when its schedule says"
    assert old.job.options == {"old_jitter": "10"}


COMBINING = "apscheduler.triggers.combining"
CRON_3_11 = "apscheduler.triggers.cron:CronTrigger"


def combination(name: str, *triggers: Any) -> OldObject:
    return OldObject(OldName(COMBINING, name), state={"triggers": list(triggers), "jitter": None})


def cron_state(label: str = "master_aps3110") -> Any:
    return read_pickle(PICKLED[label]["new_york"])["trigger"].state


@pytest.mark.parametrize("name", ["AndTrigger", "OrTrigger"])
def test_a_trigger_alone_in_a_combination_of_3_11_is_that_trigger(name: str) -> None:
    schedule = schedule_of(combination(name, (CRON_3_11, cron_state())))

    assert schedule.problems == ()
    assert (schedule.spec["hour"], schedule.timezone) == ("2", "America/New_York")


def test_a_combination_shows_what_was_combined() -> None:
    schedule = schedule_of(combination("OrTrigger", (CRON_3_11, cron_state()), (5, None)))

    assert "a combination of 2 triggers has no counterpart" in schedule.problems[0]
    assert '"hour": "2", "minute": "30"} in America/New_York' in schedule.problems[0]


def test_a_combination_that_holds_itself_is_refused() -> None:
    endless = combination("OrTrigger")
    endless.state["triggers"].append(endless)

    schedule = schedule_of(endless)

    assert "without end" in schedule.problems[0]


def test_an_instant_that_utc_does_not_have_is_refused() -> None:
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    trigger = OldObject(OldName("apscheduler.triggers.date", "DateTrigger"))
    trigger.state = {"run_date": first}

    assert "is no time in UTC" in schedule_of(trigger).problems[0]


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (OldZone("Europe/Berlin"), "Europe/Berlin"),
        (OldZone("America/New_York", timedelta(seconds=-17760)), "America/New_York"),
        (OldZone("UTC", timedelta(0)), "UTC"),
        (OldZone(None, timedelta(0)), "UTC"),
        (OldZone(None, timedelta(hours=14)), "Etc/GMT-14"),
        (OldZone(None, timedelta(hours=-12)), "Etc/GMT+12"),
        (OldZone("Asia/Calcutta"), "Asia/Calcutta"),
        (OldObject(OldName("dateutil.tz.tz", "tzutc")), "UTC"),
        (OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", timedelta(hours=1))), "Etc/GMT-1"),
        (OldObject(OldName("dateutil.tz", "tzoffset"), (), {"_offset": -3600}), "Etc/GMT+1"),
        (
            OldObject(OldName("dateutil.tz.tz", "tzfile"), (None, "/a/zoneinfo/Europe/Rome")),
            "Europe/Rome",
        ),
    ],
)
def test_a_zone_that_has_a_name_keeps_it(zone: Any, name: str) -> None:
    assert zone_name(zone) == name


@pytest.mark.parametrize(
    "zone",
    [
        OldZone("US/Pacific-New"),
        OldZone("local", timedelta(hours=1)),
        OldZone("../../etc/passwd"),
        OldZone(None, timedelta(hours=5, minutes=30)),
        OldZone(None, timedelta(hours=15)),
        OldObject(OldName("dateutil.tz.tz", "tzlocal")),
        OldObject(OldName("dateutil.tz.tz", "tzfile"), (None, "/etc/localtime")),
        OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", timedelta(days=400))),
        OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", 10**30)),
        None,
    ],
)
def test_a_zone_without_a_name_is_refused(zone: Any) -> None:
    with pytest.raises(UnmappedZone):
        zone_name(zone)
