"""Cron cases recorded on a running scheduler: the same fields must name the same instants."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import make_trigger
from tests.unit import cron_oracle as oracle

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "cron_next_runs.json").read_text(encoding="utf-8")
)
DAY = timedelta(days=1)
END = oracle.utc(9999, 1, 1)


def is_given(case) -> bool:
    """False for the recorded job of no field at all, which ran every second; it is refused now."""
    return any(value is not None for value in case["fields"].values())


def start_of(case) -> datetime:
    return datetime.fromisoformat(case["now"]).replace(tzinfo=ZoneInfo(case["timezone"]))


def answers_of(case) -> list[datetime | None]:
    return [text and datetime.fromisoformat(text) for text in case["next"]]


def crosses_a_clock_change(case) -> bool:
    """True when the zone's offset changes between `now` and the last answer."""
    zone = ZoneInfo(case["timezone"])
    start = start_of(case).astimezone(ZoneInfo("UTC"))
    stop = max([start, *(answer for answer in answers_of(case) if answer)])
    days = (start + DAY * number for number in range((stop - start) // DAY + 2))
    offsets = (day.astimezone(zone).utcoffset() for day in days)
    return any(before != after for before, after in pairwise(offsets))


COMPUTED = [case for case in RECORDED["cases"] if "next" in case and is_given(case)]
PLAIN = [case for case in COMPUTED if not crosses_a_clock_change(case)]
CROSSING = [case for case in COMPUTED if crosses_a_clock_change(case)]
REFUSED = [
    case
    for case in [*RECORDED["cases"], *RECORDED["validation"]]
    if "error" in case or case["fields"] == {"day_of_week": "mon#1"}
]
ACCEPTED = [
    case
    for case in RECORDED["validation"]
    if "ok" in case and case["fields"] != {"day_of_week": "mon#1"}
]


def name_of(case) -> str:
    return f"{case['fields']} {case.get('timezone', '')} {case.get('now', '')}"


def test_the_recording_is_read_whole() -> None:
    left_out = len(RECORDED["cases"]) - len(COMPUTED) - 6

    assert len(RECORDED["cases"]) == 801
    assert left_out == len([case for case in RECORDED["cases"] if not is_given(case)])
    assert len(PLAIN) > 400
    assert (len(REFUSED), len(ACCEPTED)) == (62, 2)


def test_fire_times_are_as_recorded_where_no_clock_changes() -> None:
    for case in PLAIN:
        trigger = make_trigger(case["fields"], case["timezone"])
        answers = answers_of(case)

        before_now = start_of(case) - timedelta(microseconds=1)
        found: list[datetime | None] = list(trigger.fire_times(before_now, END, len(answers)))
        found += [None] * (len(answers) - len(found))

        assert found[: len(answers)] == answers, name_of(case)


def test_fire_times_are_the_oracles_where_a_clock_changes() -> None:
    """The recording holds mistakes there: days left out, and hours run twice."""
    for case in CROSSING:
        zone, start = case["timezone"], start_of(case).astimezone(ZoneInfo("UTC"))
        for change in oracle.transitions(zone, start, start + 2 * DAY):
            clock = clock_about(zone, change)
            fields = full_fields(case)
            is_periodic = len(oracle.numbers(fields["hour"], 0, 23)) == 24

            found = make_trigger(case["fields"], zone).fire_times(
                change - DAY - timedelta(seconds=1), change + 2 * DAY - oracle.MINUTE, 10**6
            )

            expected = oracle.fires(oracle.cron_matcher(fields), is_periodic, clock)
            assert found == expected, name_of(case)


@cache
def clock_about(zone: str, change: datetime) -> oracle.Clock:
    return oracle.wall_clock(zone, change - DAY, change + 2 * DAY, oracle.MINUTE)


def full_fields(case) -> dict[str, str]:
    """The recorded, normalised text of every field."""
    return {name: str(text) for name, text in case["normalised"].items()}


def test_normalised_strings_are_as_recorded() -> None:
    for case in COMPUTED:
        trigger = make_trigger(case["fields"], case["timezone"])

        strings = trigger.cron_strings()

        assert {name: case["normalised"][name] for name in strings} == strings, name_of(case)
        assert trigger.describe() == case["str"], name_of(case)


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_what_was_refused_is_refused_by_the_name_of_its_field(case) -> None:
    with pytest.raises(InvalidTrigger) as refusal:
        make_trigger(case["fields"])

    assert refusal.value.field in case["fields"]


@pytest.mark.parametrize("case", ACCEPTED, ids=name_of)
def test_what_was_accepted_is_accepted(case) -> None:
    assert make_trigger(case["fields"]).describe() == case["ok"]


def test_a_job_of_no_field_at_all_is_refused() -> None:
    for case in [case for case in RECORDED["cases"] if not is_given(case)]:
        with pytest.raises(InvalidTrigger):
            make_trigger(case["fields"], case["timezone"])
