"""The overview as REST shows it. Counts are by the labels of states; states that count none are
left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from ndscheduler.corescheduler.attention import Item
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.overview import Period, Stats
from ndscheduler.corescheduler.upcoming import Fire, HourAhead
from ndscheduler.server.json_out import Json, iso, seconds


def stats_json(stats: Stats) -> Json:
    """Counts of jobs and executions."""
    return {
        "jobs": {
            "total": stats.jobs,
            "active": stats.jobs - stats.paused_jobs,
            "paused": stats.paused_jobs,
        },
        "live": _by_label(stats.live),
        "ended": _by_label(stats.ended),
        "since": iso(stats.since),
        "success_rate": stats.success_rate,
        "next_run": _next_run(stats.next_job),
        "broken_jobs": stats.broken_jobs,
        "jobs_without_next_run": stats.jobs_without_next_run,
    }


def hour_json(period: Period) -> Json:
    """What ended within one hour."""
    return {"hour": iso(period.start), **_ended(period)}


def day_json(period: Period) -> Json:
    """What ended on one day."""
    return {"day": period.start.date().isoformat(), **_ended(period)}


def item_json(item: Item) -> Json:
    """One job that needs attention."""
    return {
        "kind": item.kind.value,
        "job_id": item.job_id,
        "job_name": item.job_name,
        "since": iso(item.since),
        "last_time": iso(item.last_time),
        "count": item.count,
        "execution_id": item.execution_id,
        "sentence": item.sentence,
    }


def fire_json(fire: Fire) -> Json:
    """One fire of a job that is to come."""
    return {
        "job_id": fire.job.id,
        "job_name": fire.job.name,
        "fire_time": iso(fire.at),
        "tags": list(fire.job.tags),
    }


def hour_ahead_json(hour: HourAhead) -> Json:
    """How many fires an hour has that is to come."""
    return {"hour": iso(hour.start), "count": hour.count}


def _ended(period: Period) -> Json:
    return {
        "counts": _by_label({state: found.count for state, found in period.ended.items()}),
        "mean_duration": seconds(period.mean_duration),
    }


def _by_label(counts: Mapping[ExecutionState, int]) -> dict[str, int]:
    return {state.label: count for state, count in sorted(counts.items())}


def _next_run(job: Job | None) -> Json | None:
    if job is None:
        return None
    return {"job_id": job.id, "name": job.name, "fire_time": iso(job.next_fire)}
