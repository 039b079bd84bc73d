"""Jobs for benchmarks, made as records: all due at one instant, or spread over intervals."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

from benchmarks.cron_lines import cron_fields
from benchmarks.places import Place
from ndscheduler.corescheduler.datastore.rows import job_row
from ndscheduler.corescheduler.models import Job

NOOP = "benchmarks.jobs_for_benchmarks.NoopJob"
CHUNK = 5_000
FAR = timedelta(days=300)
# Job ids are told by their numbers, and as time-ordered as new ones.
ID_PREFIX = "0190000000007"


def job_id(number: int) -> str:
    """The id of the job with this number."""
    return f"{ID_PREFIX}{number:019x}"


def instant_in(seconds: float) -> datetime:
    """A whole second, at least so many seconds from now."""
    return datetime.fromtimestamp(math.ceil(time.time() + seconds), timezone.utc)


def cron_job(number: int, job_class: str = NOOP, args: Sequence[Any] | None = None) -> Job:
    """An active job whose cron line differs from its neighbours'; it is due in the far future."""
    trigger = {"type": "cron", **cron_fields(number)}
    return a_job(number, trigger, job_class, [number] if args is None else args)


def interval_job(number: int, first: datetime, seconds: int) -> Job:
    """An active job that fires every so many seconds from `first` on."""
    trigger = {"type": "interval", "seconds": seconds, "anchor": first.isoformat()}
    return a_job(number, trigger, NOOP, [number], first)


def a_job(
    number: int,
    trigger: dict[str, Any],
    job_class: str,
    args: Sequence[Any],
    next_fire: datetime | None = None,
) -> Job:
    """A job that may be an hour late."""
    now = datetime.now(timezone.utc)
    return Job(
        id=job_id(number),
        name=f"Job {number:05}",
        job_class_string=job_class,
        args_json=json.dumps(list(args)),
        kwargs_json="{}",
        trigger_json=json.dumps(trigger),
        timezone="UTC",
        created_at=now,
        updated_at=now,
        misfire_grace_seconds=3600,
        next_fire=next_fire or now + FAR,
    )


def add_jobs(place: Place, jobs: Iterable[Job]) -> None:
    """Put `jobs` into the database, some thousands a transaction."""
    left = iter(jobs)
    with place.datastore() as store:
        while chunk := [job_row(job) for job in islice(left, CHUNK)]:
            with store.engine.begin() as connection:
                connection.execute(store.tables.jobs.insert(), chunk)


def make_due(place: Place, due: datetime, count: int) -> None:
    """Let the first `count` jobs be due at `due`."""
    with place.datastore() as store, store.engine.begin() as connection:
        table = store.tables.jobs
        chosen = table.update().where(table.c.id < job_id(count))
        connection.execute(chosen.values(next_fire=due))
