"""Making triggers: zones, types, dates, and what the database keeps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import (
    get_zone,
    make_trigger,
    parse_instant,
    parse_trigger,
    trigger_text,
)

SECOND = timedelta(seconds=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "",
        5,
        None,
        ["UTC"],
        "Mars/Olympus",
        "Europe",
        "posix/Europe/Berlin",
        "right/Europe/Berlin",
        "localtime",
        "zone.tab",
        "Europe/Berlin\x00",
        "Europe/Berl\u0131n",
        "tzdata.zi",
        "A" * 100_000,
        "a/" * 30,
        "__init__",
    ],
)
def test_a_name_that_is_no_time_zone_is_refused(name) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger({"minute": "0"}, name)

    assert refusal.value.field == "timezone"
    assert len(str(refusal.value)) < 300


def test_a_near_miss_of_a_time_zone_gets_a_suggestion() -> None:
    with pytest.raises(InvalidTrigger, match="did you mean 'Europe/Berlin'"):
        make_trigger({"minute": "0"}, "Europe/Berln")


def test_unknown_parts_and_types_of_a_trigger_are_refused() -> None:
    specs = {
        "trigger.colour": {"type": "cron", "minute": "0", "colour": "red"},
        "trigger.expression": {"type": "cron", "minute": "0", "expression": "* * * * *"},
        "trigger.type": {"type": "solar"},
        "trigger": "cron",
    }

    for field, spec in specs.items():
        with pytest.raises(InvalidTrigger) as refusal:
            make_trigger(spec)
        assert refusal.value.field == field


@pytest.mark.parametrize("kind", [5, None, ["cron"], {"cron": 1}, ""])
def test_a_type_that_is_no_known_word_is_refused(kind) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger({"type": kind, "expression": "* * * * *"})

    assert refusal.value.field == "trigger.type"


@pytest.mark.parametrize(
    "spec",
    [
        {"minute": "*/5"},
        {"day": "LAST FRI, 1", "month": "JAN-mar", "hour": " 5 "},
        {"year": 2030, "week": "1-10/3", "second": "0"},
        {"type": "crontab", "expression": "  5/10  0 1 *   MON "},
        {"type": "interval", "minutes": 1.5, "anchor": "2026-01-01T00:00:00+02:00"},
        {"type": "date", "run_date": "2026-10-25T02:30:00.123456"},
    ],
)
def test_a_trigger_comes_back_from_the_database_as_it_was(spec) -> None:
    trigger = make_trigger(spec, "Europe/Berlin", start=NEW_YEAR)

    stored = parse_trigger(trigger_text(trigger), "Europe/Berlin", trigger.start, None)

    until = NEW_YEAR + 900 * 86400 * SECOND
    assert stored.to_json() == trigger.to_json()
    assert stored.fire_times(NEW_YEAR, until, 50) == trigger.fire_times(NEW_YEAR, until, 50)
    assert (stored.timezone, stored.start, stored.end) == ("Europe/Berlin", NEW_YEAR, None)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "5", '{"type":"interval","seconds":5}', '{"minute":"61"}', "[" * 10**5],
)
def test_a_broken_stored_trigger_is_refused(text) -> None:
    with pytest.raises(InvalidTrigger):
        parse_trigger(text, "UTC", None, None)


def test_stored_triggers_are_parsed_once() -> None:
    first = parse_trigger('{"minute":"17"}', "UTC", None, None)

    assert parse_trigger('{"minute":"17"}', "UTC", None, None) is first


def test_a_trigger_shows_itself_as_apscheduler_does() -> None:
    trigger = make_trigger({"minute": "*/5", "hour": 3}, "Europe/Berlin", start=NEW_YEAR)

    shown = trigger.to_apscheduler()

    assert str(shown) == trigger.describe() == "cron[hour='3', minute='*/5']"
    assert [str(field) for field in shown.fields] == ["*", "*", "*", "*", "*", "3", "*/5", "0"]
    assert trigger.to_json() == {"type": "cron", "hour": "3", "minute": "*/5"}


def test_a_naive_start_is_a_time_in_the_zone_of_the_job() -> None:
    trigger = make_trigger({"minute": "0"}, "Asia/Tokyo", start=datetime(2026, 1, 1))

    assert trigger.start == NEW_YEAR - 9 * 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29T02:30:00.5", "2026-03-29T01:00:00"),
        ("2026-10-25T02:30:00.5", "2026-10-25T00:30:00.500000"),
        ("2026-10-25T02:30:00Z", "2026-10-25T02:30:00"),
        ("2026-07-01", "2026-06-30T22:00:00"),
    ],
)
def test_an_instant_without_offset_follows_the_rule_for_clock_changes(text, expected) -> None:
    found = parse_instant(text, get_zone("Europe/Berlin"), "start_date")

    assert found.isoformat() == f"{expected}+00:00"


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026", "2026-13-01", "2026-01-32", 5, True, None, [], "1" * 999, "10000-01-01"],
)
def test_what_is_no_date_is_refused(value) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        parse_instant(value, get_zone("Pacific/Kiritimati"), "start_date")

    assert refusal.value.field == "start_date"
