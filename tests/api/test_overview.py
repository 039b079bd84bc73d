"""The overview: counts now, by hour, by day."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.stats import Ending
from tests.api.api_server import Api

FAILING_JOB = "extra_jobs.probe_jobs.FailingJob"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def test_stats_tell_how_it_goes_and_what_comes_next(fresh_api: Api) -> None:
    good, bad = fresh_api.add_job(), fresh_api.add_job(job_class_string=FAILING_JOB)
    soon = fresh_api.add_job(name="soon", trigger={"type": "interval", "hours": 1})
    for job_id in (good, good, good, bad):
        fresh_api.run_job(job_id)

    stats = fresh_api.get("/api/v1/stats").json()

    assert stats["success_rate"] == 0.75
    assert stats["next_run"] == {
        "job_id": soon,
        "name": "soon",
        "fire_time": fresh_api.job(soon)["next_run_time"],
    }
    assert (stats["broken_jobs"], stats["jobs_without_next_run"]) == (0, 0)


def test_stats_without_jobs_have_neither_a_rate_nor_a_next_run(fresh_api: Api) -> None:
    stats = fresh_api.get("/api/v1/stats").json()

    assert (stats["success_rate"], stats["next_run"]) == (None, None)


def _ended(api: Api, *endings: Ending) -> None:
    datastore = api.server.scheduler_manager.get_datastore()
    datastore.write(datastore.stats.add, endings)


def test_hours_and_days_count_what_ended(api: Api) -> None:
    second = timedelta(seconds=1)
    ok, missed = ExecutionState.SUCCEEDED, ExecutionState.SCHEDULED_ERROR
    _ended(api, Ending("counted", ok, NOON, second), Ending("counted", ok, NOON + HOUR, 2 * second))
    _ended(api, Ending("counted", missed, NOON + 2 * HOUR, count=3))
    query = "job_id=counted&time_range_start=2026-03-02T00:00Z&time_range_end=2026-03-02T13:30Z"

    hours = api.get(f"/api/v1/stats/hours?{query}").json()["hours"]
    days = api.get(f"/api/v1/stats/days?{query}").json()["days"]

    assert hours == [
        {"hour": "2026-03-02T12:00:00+00:00", "counts": {"succeeded": 1}, "mean_duration": 1.0},
        {"hour": "2026-03-02T13:00:00+00:00", "counts": {"succeeded": 1}, "mean_duration": 2.0},
    ]
    counts = {"succeeded": 2, "scheduled error": 3}
    assert days == [{"day": "2026-03-02", "counts": counts, "mean_duration": 1.5}]


def test_hours_and_days_are_those_just_past_by_default(api: Api) -> None:
    job_id = api.add_job()
    now = datetime.now(timezone.utc)
    for age in (timedelta(0), timedelta(hours=20), timedelta(days=10), timedelta(days=50)):
        _ended(api, Ending(job_id, ExecutionState.FAILED, now - age))

    assert len(api.get(f"/api/v1/stats/hours?job_id={job_id}").json()["hours"]) == 2
    days = api.get(f"/api/v1/stats/days?job_id={job_id}").json()["days"]
    assert sum(day["counts"]["failed"] for day in days) == 3


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("hours", "time_range_start=2026-01-01&time_range_end=2026-02-02", "time_range_start"),
        ("days", "time_range_start=2024-01-01&time_range_end=2026-02-02", "time_range_start"),
        ("hours", "time_range_start=2026-01-02&time_range_end=2026-01-01", "time_range_end"),
        ("hours", "time_range_start=9000-01-01", "time_range_start"),
        ("days", "time_range_start=9000-01-01", "time_range_start"),
        ("hours", "time_range_start=yesterday", "time_range_start"),
    ],
)
def test_a_bad_range_is_refused_by_name(api: Api, path: str, query: str, field: str) -> None:
    answer = api.get(f"/api/v1/stats/{path}?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("end", ["0001-01-01", "9999-12-31T23:59:59"])
def test_the_ends_of_time_are_no_error(api: Api, end: str) -> None:
    for path in ("hours", "days"):
        answer = api.get(f"/api/v1/stats/{path}?time_range_end={end}Z")

        assert answer.status_code in (200, 400)


def test_attention_names_the_job_that_fails(fresh_api: Api) -> None:
    fresh_api.run_job(fresh_api.add_job())
    bad = fresh_api.add_job(name="bad", job_class_string=FAILING_JOB)
    first, last = fresh_api.run_job(bad), fresh_api.run_job(bad)

    answer = fresh_api.get("/api/v1/attention").json()

    assert answer == {
        "items": [
            {
                "kind": "failing",
                "job_id": bad,
                "job_name": "bad",
                "since": first["scheduled_time"],
                "last_time": last["scheduled_time"],
                "count": 2,
                "execution_id": last["execution_id"],
                "sentence": f"Failed 2 times in a row: {last['error_summary']}.",
            }
        ],
        "total": 1,
    }


def test_what_comes_next_is_told_in_order_and_by_the_hour(fresh_api: Api) -> None:
    trigger = {"type": "interval", "minutes": 40}
    job_id = fresh_api.add_job(name="often", trigger=trigger, tags=["x"])
    first = datetime.fromisoformat(fresh_api.job(job_id)["next_run_time"])

    answer = fresh_api.get("/api/v1/upcoming?limit=2").json()
    whole = fresh_api.get("/api/v1/upcoming").json()
    hours = fresh_api.get("/api/v1/upcoming/hours?hours=6").json()["hours"]

    assert answer == {
        "fires": [
            {
                "job_id": job_id,
                "job_name": "often",
                "fire_time": (first + number * timedelta(minutes=40)).isoformat(),
                "tags": ["x"],
            }
            for number in range(2)
        ],
        "truncated": True,
    }
    # 6 hours ahead of the answer, which came a moment after the job.
    assert (len(whole["fires"]), whole["truncated"]) in ((9, False), (8, False))
    assert len(hours) == 7
    assert {hour["count"] for hour in hours[1:]} <= {1, 2}
    assert hours[1]["hour"].endswith(":00:00+00:00")


@pytest.mark.parametrize(
    "query",
    ["upcoming?limit=0", "upcoming?limit=501", "upcoming?until=soon", "upcoming/hours?hours=73"],
)
def test_a_bad_parameter_of_what_comes_is_refused_by_name(api: Api, query: str) -> None:
    answer = api.get(f"/api/v1/{query}")

    field = query.partition("?")[2].partition("=")[0]
    assert (answer.status_code, answer.json()["field"]) == (400, field)
