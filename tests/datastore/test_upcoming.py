"""What comes next, in order and by the hour."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.upcoming import Upcoming
from tests.factories import MINUTE, NOON, a_job

HOUR = timedelta(hours=1)
NOW = NOON + 20 * MINUTE


@pytest.fixture
def upcoming(datastore: DatastoreBase) -> Upcoming:
    return Upcoming(datastore)


def _job(name: str, next_fire: datetime | None, **trigger: Any) -> Job:
    spec = {"type": "cron", **trigger}
    return a_job(name=name, trigger_json=json.dumps(spec), next_fire=next_fire)


def _insert(datastore: DatastoreBase, *jobs: Job) -> None:
    for job in jobs:
        datastore.write(datastore.jobs.insert, job)


def test_fires_of_all_jobs_come_in_order_and_a_job_several_times(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    _insert(
        datastore,
        _job("quarter", NOON + 30 * MINUTE, minute="*/15"),
        _job("hourly", NOON + 40 * MINUTE, minute="40"),
        _job("later", NOON + 5 * HOUR, hour="17", minute="0"),
    )

    found = upcoming.fires(NOW, NOON + HOUR, 50)

    assert [(fire.job.name, (fire.at - NOON) // MINUTE) for fire in found.fires] == [
        ("quarter", 30),
        ("hourly", 40),
        ("quarter", 45),
        ("quarter", 60),
    ]
    assert found.is_truncated is False


def test_no_more_fires_are_told_than_are_asked_for(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    minute = NOON + 21 * MINUTE
    _insert(datastore, *[_job(str(n), minute + n * MINUTE, minute="*") for n in range(10)])

    some, all_of_them = upcoming.fires(NOW, minute, 1), upcoming.fires(NOW, minute + MINUTE, 3)
    cut = upcoming.fires(NOW, minute + MINUTE, 2)

    assert ([fire.at for fire in some.fires], some.is_truncated) == ([minute], False)
    assert [fire.job.name for fire in all_of_them.fires][:1] == ["0"]
    assert (len(all_of_them.fires), all_of_them.is_truncated) == (3, False)
    assert (len(cut.fires), cut.is_truncated) == (2, True)


def test_an_overdue_fire_is_told_once_and_then_what_comes_after_now(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    _insert(datastore, _job("late", NOON, minute="*/10"))

    fires = upcoming.fires(NOW, NOON + 40 * MINUTE, 50).fires

    assert [(fire.at - NOON) // MINUTE for fire in fires] == [0, 30, 40]


def test_paused_and_ended_jobs_fire_not(datastore: DatastoreBase, upcoming: Upcoming) -> None:
    paused = a_job(is_paused=True, next_fire=None)
    _insert(datastore, paused, _job("ended", None, minute="*"))

    assert upcoming.fires(NOW, NOW + HOUR, 50).fires == []
    assert {hour.count for hour in upcoming.hours(NOW, 2)} == {0}


def test_a_schedule_that_can_not_be_read_has_its_next_fire_alone(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    _insert(datastore, a_job(trigger_json="{", next_fire=NOON + 90 * MINUTE, tags=("a", "b")))

    (fire,) = upcoming.fires(NOW, NOON + 5 * HOUR, 50).fires

    assert (fire.at, fire.job.tags) == (NOON + 90 * MINUTE, ("a", "b"))
    assert [hour.count for hour in upcoming.hours(NOW, 2)] == [0, 1, 0]


def test_hours_count_what_is_left_of_this_one_and_all_of_the_next(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    minutely = [_job("minutely", NOON + 21 * MINUTE, minute="*") for _ in range(2)]
    _insert(
        datastore,
        *minutely,
        _job("at two", NOON + 2 * HOUR, hour="14", minute="0"),
        _job("skips one", NOON + 2 * HOUR, minute="0"),
        _job("overdue", NOON, minute="0"),
    )

    hours = upcoming.hours(NOW, 3)

    assert [(hour.start, hour.count) for hour in hours] == [
        (NOON, 2 * 39 + 1),
        (NOON + HOUR, 2 * 60 + 1),
        (NOON + 2 * HOUR, 2 * 60 + 1 + 1 + 1),
        (NOON + 3 * HOUR, 2 * 60 + 1 + 1),
    ]


def test_a_fire_at_the_edge_of_an_hour_is_counted_in_the_hour_it_begins(
    datastore: DatastoreBase, upcoming: Upcoming
) -> None:
    spec = {"type": "interval", "hours": 1, "anchor": (NOON - MICROSECOND).isoformat()}
    edge = NOON + HOUR - MICROSECOND
    _insert(datastore, a_job(trigger_json=json.dumps(spec), next_fire=edge))
    _insert(datastore, _job("on the hour", NOON + HOUR, minute="0"))

    assert [hour.count for hour in upcoming.hours(NOW, 2)] == [1, 2, 2]


def test_hours_and_fires_tell_the_same(datastore: DatastoreBase, upcoming: Upcoming) -> None:
    _insert(
        datastore,
        _job("a", NOON + 21 * MINUTE, minute="*/7"),
        _job("b", NOON + 55 * MINUTE, minute="55", hour="*/2"),
        _job("c", NOON + 25 * MINUTE, minute="5,25"),
    )

    counted = sum(hour.count for hour in upcoming.hours(NOW, 3))

    assert counted == len(upcoming.fires(NOW, NOON + 4 * HOUR - MICROSECOND, 500).fires)
