"""Clock, ids, states and what a job is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import from_micros, new_id, to_micros
from ndscheduler.corescheduler.constants import (
    ALLOWED_MOVES,
    EXECUTION_STATUS_DICT,
    LIVE_STATES,
    ExecutionState,
)
from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.datastore.tables import build_tables
from ndscheduler.corescheduler.definitions import JobDefaults, JobFields, change_job, define_job
from ndscheduler.corescheduler.errors import ConfigError, InvalidInput, InvalidTrigger
from ndscheduler.corescheduler.models import Job
from tests.factories import MINUTE, NOON

DAILY = {"type": "cron", "hour": "13"}


def _defined(**fields: object) -> Job:
    given = JobFields(**{"name": "n", "job_class_string": "a.B", "trigger": DAILY, **fields})  # type: ignore[arg-type]
    return define_job(given, JobDefaults(), NOON, "id-1")


def test_ids_are_uuid7_and_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert all(len(one) == 32 and one[12] == "7" and one[16] in "89ab" for one in ids)
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)


@pytest.mark.parametrize("micros", [0, 1, -1, 1_772_452_800_000_001, -62_135_596_800_000_000])
def test_instants_survive_the_way_through_microseconds(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_micros(datetime(2026, 1, 1))


def test_only_live_states_may_move() -> None:
    assert set(ALLOWED_MOVES) == LIVE_STATES


def test_a_state_that_users_code_adds_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXECUTION_STATUS_DICT, 77, "published")

    assert ExecutionState(77).label == "published"
    assert not ExecutionState(77).is_live
    with pytest.raises(ValueError, match="78"):
        ExecutionState(78)


def test_a_new_job_fires_first_at_or_after_now() -> None:
    assert _defined().next_fire == NOON + timedelta(hours=1)
    assert _defined(trigger={"type": "cron", "hour": "12"}).next_fire == NOON


def test_a_new_job_has_the_schedulers_defaults() -> None:
    job = _defined()

    assert (job.timezone, job.misfire_grace_seconds, job.coalesce, job.max_instances) == (
        "UTC",
        3600,
        True,
        3,
    )
    assert (job.rev, job.overlap, job.executor) == (1, "skip", "threads")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"job_class_string": " "}, "job_class_string"),
        ({"trigger": {"type": "cron", "minute": "61"}}, "minute"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"pub_args": "abc"}, "pub_args"),
        ({"pub_args": [object()]}, r"pub_args\[0\]"),
        ({"kwargs": [1]}, "kwargs"),
        ({"kwargs": {"a": {1}}}, r"kwargs\.a"),
        ({"misfire_grace_time": 0}, "misfire_grace_time"),
        ({"misfire_grace_time": True}, "misfire_grace_time"),
        ({"coalesce": 1}, "coalesce"),
        ({"max_instances": 0}, "max_instances"),
        ({"overlap": "queue"}, "overlap"),
        ({"tags": "db"}, "tags"),
        ({"tags": ["x" * 101]}, "tags"),
        ({"description": 5}, "description"),
        ({"start_date": NOON, "end_date": NOON - MINUTE}, "end_date"),
    ],
)
def test_a_bad_field_is_refused_by_name(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}"):
        _defined(**fields)


@pytest.mark.parametrize("missing", ["name", "job_class_string", "trigger"])
def test_what_a_job_needs_is_asked_for(missing: str) -> None:
    fields = {"name": "n", "job_class_string": "a.B", "trigger": DAILY}
    del fields[missing]

    with pytest.raises(InvalidInput, match=f"{missing}: is required"):
        define_job(JobFields(**fields), JobDefaults(), NOON, "id-1")  # type: ignore[arg-type]


def test_a_change_that_leaves_the_schedule_keeps_the_next_fire() -> None:
    job = _defined()

    changed = change_job(job, JobFields(name="m"), NOON + timedelta(days=9), JobDefaults())

    assert (changed.name, changed.next_fire, changed.rev) == ("m", job.next_fire, 2)


def test_a_new_schedule_is_computed_from_now_on() -> None:
    trigger = {"type": "cron", "minute": "*"}

    changed = change_job(_defined(), JobFields(trigger=trigger), NOON + MINUTE, JobDefaults())

    assert changed.next_fire == NOON + MINUTE


def test_an_interval_keeps_its_anchor_when_something_else_changes() -> None:
    job = _defined(trigger={"type": "interval", "seconds": 90})
    later = NOON + timedelta(seconds=100)

    changed = change_job(job, JobFields(end_date=NOON + timedelta(days=1)), later, JobDefaults())

    assert job.next_fire == NOON + timedelta(seconds=90)
    assert changed.next_fire == NOON + timedelta(seconds=180)


def test_arguments_sent_back_as_they_were_shown_keep_their_types() -> None:
    job = _defined(pub_args=[(1, 2), datetime(2026, 1, 1, tzinfo=timezone.utc)])

    shown = [[1, 2], datetime(2026, 1, 1, tzinfo=timezone.utc)]
    same = change_job(job, JobFields(pub_args=shown), NOON, JobDefaults())
    other = change_job(job, JobFields(pub_args=[[1, 3]]), NOON, JobDefaults())

    assert same.pub_args[0] == (1, 2)
    assert other.pub_args == [[1, 3]]


def test_an_interval_that_is_sent_again_goes_on() -> None:
    again = JobFields(trigger={"type": "interval", "minutes": 1.5})
    job = _defined(trigger={"type": "interval", "seconds": 90})

    changed = change_job(job, again, NOON + timedelta(seconds=3), JobDefaults())

    assert (changed.trigger_json, changed.next_fire) == (job.trigger_json, job.next_fire)


def test_another_interval_starts_anew() -> None:
    other = JobFields(trigger={"type": "interval", "seconds": 60})
    job = _defined(trigger={"type": "interval", "seconds": 90})

    changed = change_job(job, other, NOON + timedelta(seconds=3), JobDefaults())

    assert changed.next_fire == NOON + timedelta(seconds=63)


@pytest.mark.parametrize("micros", [2**63 - 1, -(2**63)])
def test_an_instant_that_no_datetime_can_hold_becomes_the_nearest(micros: int) -> None:
    assert from_micros(micros).year == (9999 if micros > 0 else 1)


@pytest.mark.parametrize(
    "names",
    [
        {"bogus": "x"},
        {"jobs_tablename": "a b"},
        {"jobs_tablename": 5},
        {"jobs_tablename": ""},
        {"jobs_tablename": "one", "executions_tablename": "One"},
    ],
)
def test_table_names_that_are_none_are_refused(names: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="DATABASE_TABLENAMES"):
        TableNames.from_settings(names)


def test_a_table_name_that_is_that_of_a_further_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="begins with runs_: choose another"):
        build_tables(TableNames(jobs="runs_stats", executions="runs"))


@pytest.mark.parametrize("stored", ["garbage", "[]", '{"type": "interval"}'])
def test_a_job_whose_stored_trigger_is_broken_is_mended_by_a_new_one(stored: str) -> None:
    job = replace(_defined(), trigger_json=stored)
    interval = JobFields(trigger={"type": "interval", "seconds": 60})

    with pytest.raises(InvalidTrigger, match="trigger"):
        change_job(job, JobFields(timezone="Europe/Berlin"), NOON, JobDefaults())

    assert change_job(job, interval, NOON, JobDefaults()).next_fire == NOON + MINUTE


def test_a_naive_start_is_a_time_in_the_zone_of_the_job() -> None:
    job = _defined(timezone="Europe/Berlin", start_date=datetime(2030, 1, 1))

    assert job.start_date == datetime(2029, 12, 31, 23, tzinfo=timezone.utc)


def test_an_interval_with_a_new_start_begins_there() -> None:
    job = _defined(trigger={"type": "interval", "seconds": 90})
    start = NOON + timedelta(days=1, seconds=7)
    again = JobFields(trigger={"type": "interval", "seconds": 90}, start_date=start)

    assert change_job(job, again, NOON, JobDefaults()).next_fire == start


def test_a_job_that_lost_its_next_fire_gets_one_when_its_schedule_is_sent_again() -> None:
    job = _defined()

    mended = change_job(replace(job, next_fire=None), JobFields(trigger=DAILY), NOON, JobDefaults())

    assert mended.next_fire == job.next_fire
