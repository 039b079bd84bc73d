"""Which rows a due job gives rise to."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.claim_plan import plan_claim, skipped_instead
from ndscheduler.corescheduler.clock import FIRST_INSTANT
from ndscheduler.corescheduler.constants import ExecutionState
from tests.factories import MINUTE, NOON, a_job

SECOND = timedelta(seconds=1)
YEAR = timedelta(days=365)


def test_one_due_fire_time_becomes_one_queued_row() -> None:
    job = a_job()

    plan = plan_claim(job, NOON + SECOND, 0, "me")

    (row,) = plan.executions
    assert (row.state, row.fire_time, row.count) == (ExecutionState.SCHEDULED, NOON, 1)
    assert (row.start_deadline, row.claimed_by) == (NOON + timedelta(hours=1), "me")
    assert plan.next_fire == NOON + MINUTE


def test_the_row_carries_a_snapshot_of_the_job() -> None:
    job = a_job(args_json="[1]", kwargs_json='{"a":2}', rev=7, priority=3)

    (row,) = plan_claim(job, NOON, 0, "me").executions

    assert (row.pub_args, row.kwargs, row.job_rev, row.priority) == ([1], {"a": 2}, 7, 3)
    assert (row.job_name, row.job_class_string) == (job.name, job.job_class_string)


def test_several_due_fire_times_coalesce_into_one_row_that_counts_them() -> None:
    plan = plan_claim(a_job(coalesce=True), NOON + 5 * MINUTE, 0, "me")

    (row,) = plan.executions
    assert (row.first_fire_time, row.fire_time, row.count) == (NOON, NOON + 5 * MINUTE, 6)
    assert plan.next_fire == NOON + 6 * MINUTE


def test_without_coalescing_they_run_one_after_another() -> None:
    plan = plan_claim(a_job(coalesce=False), NOON + 2 * MINUTE, 0, "me")

    assert [row.fire_time for row in plan.executions] == [NOON + n * MINUTE for n in range(3)]
    assert {row.series_id for row in plan.executions} == {plan.executions[0].id}
    assert {row.count for row in plan.executions} == {1}


def test_fires_older_than_the_grace_are_one_missed_row_with_the_exact_count() -> None:
    job = a_job(misfire_grace_seconds=90)

    plan = plan_claim(job, NOON + 10 * MINUTE, 0, "me")

    missed, runs = plan.executions
    assert (missed.state, missed.count) == (ExecutionState.MISSED, 9)
    assert (missed.first_fire_time, missed.fire_time) == (NOON, NOON + 8 * MINUTE)
    assert missed.reason is not None
    assert "90 seconds" in missed.reason
    assert (runs.first_fire_time, runs.fire_time, runs.count) == (
        NOON + 9 * MINUTE,
        NOON + 10 * MINUTE,
        2,
    )


def test_a_fire_exactly_at_the_edge_of_the_grace_still_runs() -> None:
    job = a_job(misfire_grace_seconds=30)

    (at_edge,) = plan_claim(job, NOON + 30 * SECOND, 0, "me").executions
    (late,) = plan_claim(job, NOON + 30 * SECOND + timedelta(microseconds=1), 0, "me").executions

    assert at_edge.state is ExecutionState.SCHEDULED
    assert late.state is ExecutionState.MISSED


def test_without_a_grace_nothing_is_missed() -> None:
    plan = plan_claim(a_job(misfire_grace_seconds=None), NOON + YEAR, 0, "me")

    (row,) = plan.executions
    assert (row.state, row.count, row.start_deadline) == (
        ExecutionState.SCHEDULED,
        365 * 24 * 60 + 1,
        None,
    )


def test_a_year_of_missed_minutes_is_counted_exactly() -> None:
    plan = plan_claim(a_job(misfire_grace_seconds=30), NOON + YEAR + 31 * SECOND, 0, "me")

    (missed,) = plan.executions
    assert (missed.state, missed.count) == (ExecutionState.MISSED, 365 * 24 * 60 + 1)


def test_a_job_that_overlaps_itself_is_skipped_with_the_reason() -> None:
    job = a_job(max_instances=2, coalesce=False)

    plan = plan_claim(job, NOON + MINUTE, 2, "me")

    (row,) = plan.executions
    assert (row.state, row.count, row.first_fire_time) == (ExecutionState.SKIPPED, 2, NOON)
    assert row.reason is not None
    assert "max_instances is 2" in row.reason


def test_a_job_below_its_limit_runs() -> None:
    (row,) = plan_claim(a_job(max_instances=2), NOON, 1, "me").executions

    assert row.state is ExecutionState.SCHEDULED


def test_a_job_whose_trigger_is_broken_leaves_a_scheduled_error() -> None:
    plan = plan_claim(a_job(timezone="Mars/Olympus"), NOON, 0, "me")

    (row,) = plan.executions
    assert (row.state, row.fire_time) == (ExecutionState.SCHEDULED_ERROR, NOON)
    assert row.reason is not None
    assert "Mars/Olympus" in row.reason


def test_a_date_fires_once_and_then_never() -> None:
    trigger = json.dumps({"type": "date", "run_date": NOON.isoformat()})

    plan = plan_claim(a_job(trigger_json=trigger), NOON, 0, "me")

    assert len(plan.executions) == 1
    assert plan.next_fire is None


def test_a_job_that_is_not_due_gives_nothing() -> None:
    assert plan_claim(a_job(next_fire=None), NOON, 0, "me").executions == []


@pytest.mark.parametrize(
    "damage", [{"misfire_grace_seconds": 10**15}, {"next_fire": FIRST_INSTANT}]
)
def test_a_damaged_row_gives_a_row_and_no_error(damage: dict[str, Any]) -> None:
    plan = plan_claim(a_job(**{"next_fire": NOON, **damage}), NOON, 0, "me")

    assert len(plan.executions) >= 1


def test_refused_fires_are_all_counted_also_without_coalescing() -> None:
    rows = skipped_instead(
        a_job(coalesce=False, misfire_grace_seconds=None), NOON + YEAR, "deleted", "me"
    )

    assert [(row.state, row.count) for row in rows] == [(ExecutionState.SKIPPED, 365 * 24 * 60 + 1)]
