"""Counts of jobs and executions come from the statistics, now and by hour and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.broken_jobs import BrokenJobs
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.overview import Overview, Period
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.views import JobViewer
from tests.factories import MINUTE, NOON, a_job, an_execution

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OK, BAD, MISSED = ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.MISSED
PACKAGES = ["simple_scheduler.jobs"]


@pytest.fixture
def broken(datastore: DatastoreBase) -> BrokenJobs:
    return BrokenJobs(datastore, JobViewer(Registry(PACKAGES)))


@pytest.fixture
def overview(datastore: DatastoreBase, broken: BrokenJobs) -> Overview:
    return Overview(datastore, broken)


def _insert(datastore: DatastoreBase, *jobs: Job) -> None:
    for job in jobs:
        datastore.write(datastore.jobs.insert, job)


def _ended(datastore: DatastoreBase, *endings: Ending) -> None:
    datastore.write(datastore.stats.add, endings)


def _counts(periods: list[Period]) -> list[tuple[Any, dict[ExecutionState, int], Any]]:
    return [
        (period.start, {s: e.count for s, e in period.ended.items()}, period.mean_duration)
        for period in periods
    ]


def test_stats_of_an_empty_database_are_empty(overview: Overview) -> None:
    stats = overview.stats(NOON)

    assert (stats.jobs, stats.broken_jobs, stats.jobs_without_next_run) == (0, 0, 0)
    assert (stats.next_job, stats.success_rate) == (None, None)


def test_stats_tell_of_jobs_what_is_next_and_what_is_wrong(
    datastore: DatastoreBase, overview: Overview
) -> None:
    paused = {"is_paused": True, "next_fire": None}
    later, sooner = a_job(next_fire=NOON + 2 * MINUTE), a_job(next_fire=NOON + MINUTE)
    _insert(datastore, later, sooner, a_job(**paused), a_job(next_fire=None))
    _insert(datastore, a_job(job_class_string="simple_scheduler.jobs.none.Such", **paused))

    stats = overview.stats(NOON)

    assert (stats.jobs, stats.paused_jobs) == (5, 2)
    assert (stats.broken_jobs, stats.jobs_without_next_run) == (1, 1)
    assert stats.next_job == sooner


def test_the_rate_of_success_leaves_out_what_was_skipped_or_stopped(
    datastore: DatastoreBase, overview: Overview
) -> None:
    _ended(
        datastore,
        Ending("a", OK, NOON, count=6),
        Ending("a", BAD, NOON),
        Ending("b", MISSED, NOON),
        Ending("b", ExecutionState.SKIPPED, NOON, count=100),
        Ending("b", ExecutionState.STOPPED, NOON),
        Ending("b", BAD, NOON - MINUTE, count=50),
    )

    stats = overview.stats(NOON + 59 * MINUTE)

    assert stats.since == NOON
    assert stats.success_rate == 6 / 8


def test_what_runs_is_counted(datastore: DatastoreBase, overview: Overview) -> None:
    rows = [an_execution(a_job(), state=ExecutionState.RUNNING), an_execution(a_job())]
    datastore.write(datastore.claims.insert_executions, rows)

    live = overview.stats(NOON).live

    assert live == {ExecutionState.RUNNING: 1, ExecutionState.SCHEDULED: 1}


def test_hours_tell_what_ended_in_each(datastore: DatastoreBase, overview: Overview) -> None:
    _ended(
        datastore,
        Ending("a", OK, NOON + 59 * MINUTE, 2 * SECOND),
        Ending("b", OK, NOON, 4 * SECOND),
        Ending("a", BAD, NOON, 100 * SECOND),
        Ending("a", MISSED, NOON + 2 * HOUR, count=7),
        Ending("a", OK, NOON - MINUTE),
        Ending("a", OK, NOON + 3 * HOUR),
    )

    of_all = overview.hours(NOON + MINUTE, NOON + 2 * HOUR + MINUTE)
    of_one = overview.hours(NOON, NOON + HOUR, "b")

    assert _counts(of_all) == [
        (NOON, {OK: 2, BAD: 1}, 3 * SECOND),
        (NOON + 2 * HOUR, {MISSED: 7}, None),
    ]
    assert _counts(of_one) == [(NOON, {OK: 1}, 4 * SECOND)]


def test_days_tell_what_ended_on_each(datastore: DatastoreBase, overview: Overview) -> None:
    midnight = NOON - 12 * HOUR
    _ended(
        datastore,
        Ending("a", OK, midnight, 1 * SECOND),
        Ending("a", OK, midnight + DAY - SECOND, 2 * SECOND),
        Ending("a", BAD, midnight + DAY),
        Ending("a", OK, midnight - SECOND),
        Ending("b", BAD, midnight),
    )

    days = overview.days(NOON, NOON + DAY, "a")

    assert _counts(days) == [
        (midnight, {OK: 2}, 1.5 * SECOND),
        (midnight + DAY, {BAD: 1}, None),
    ]


def test_a_job_is_broken_by_its_class_its_schedule_or_its_arguments(
    datastore: DatastoreBase, broken: BrokenJobs
) -> None:
    no_class = a_job(job_class_string="simple_scheduler.jobs.none.Such")
    no_schedule = a_job(trigger_json='{"type":"lunar"}')
    no_arguments = a_job(args_json="[")
    lost_argument = a_job(kwargs_json='{"x":{"$unreadable":"<lock>"}}')
    _insert(datastore, a_job(), no_class, no_schedule, no_arguments, lost_argument)

    found = datastore.read(broken.find).which

    assert found.job_classes == {no_class.job_class_string}
    assert found.job_ids == {no_schedule.id, no_arguments.id, lost_argument.id}


def test_a_job_that_was_changed_is_looked_at_again(
    datastore: DatastoreBase, broken: BrokenJobs
) -> None:
    torn, whole = a_job(args_json="["), a_job()
    _insert(datastore, torn, whole)
    assert set(datastore.read(broken.find).by_job_id) == {torn.id}

    now = datastore.read(datastore.dialect.now)
    datastore.write(datastore.jobs.update, replace(torn, args_json="[]", updated_at=now))
    datastore.write(datastore.jobs.update, replace(whole, kwargs_json="{", updated_at=now))

    assert set(datastore.read(broken.find).by_job_id) == {whole.id}


def test_more_jobs_are_broken_than_are_read_at_once(
    datastore: DatastoreBase, broken: BrokenJobs, overview: Overview
) -> None:
    jobs = [a_job(trigger_json="{") for _ in range(1001)]

    def insert_all(connection: Any) -> None:
        for job in jobs:
            datastore.jobs.insert(connection, job)

    datastore.write(insert_all)

    assert len(set(datastore.read(broken.find).by_job_id)) == 1001
    assert overview.stats(NOON).broken_jobs == 1001
