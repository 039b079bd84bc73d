"""The jobs that a fault is tried on, and the fire times that they ought to have had."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.triggers import parse_trigger
from tests.factories import a_job

NOTED = "tests.chaos.probe_jobs.NotedJob"
SECOND = timedelta(seconds=1)
EVERY_SECOND = {"type": "cron", "second": "*"}
# More than any run of the harness fires.
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a job should have fired: every fire time t of its trigger with first <= t < until."""

    job_id: str
    trigger_json: str
    timezone: str
    first: datetime | None
    # The job's next fire time at the end; None when it has no further one.
    until: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    max_instances: int = 1

    @classmethod
    def of(cls, job: Job, until: datetime | None = None) -> Schedule:
        """The schedule of a job as it was added."""
        return cls(
            job.id,
            job.trigger_json,
            job.timezone,
            job.next_fire,
            until,
            job.start_date,
            job.end_date,
            job.max_instances,
        )

    def expected_fires(self) -> list[datetime]:
        """The fire times, oldest first, worked out without the code that claims."""
        if self.first is None:
            return []
        spec = json.loads(self.trigger_json)
        if spec == EVERY_SECOND and self.end is None and self.until is not None:
            return _every(SECOND, self.first, self.until)
        if spec["type"] == "interval" and self.end is None and self.until is not None:
            return _every(timedelta(seconds=spec["seconds"]), self.first, self.until)
        if spec["type"] == "date":
            return [self.first]
        trigger = parse_trigger(self.trigger_json, self.timezone, self.start, self.end)
        until = self.until or self.end
        if until is None:
            raise ValueError(f"job {self.job_id} fires for ever: say until when")
        before = self.first - timedelta(microseconds=1)
        fires = trigger.fire_times(before, until, MANY)
        return [fire for fire in fires if self.until is None or fire < self.until]


def _every(step: timedelta, first: datetime, until: datetime) -> list[datetime]:
    count = max(0, -((first - until) // step))
    return [first + step * number for number in range(count)]


def noted_jobs(
    datastore: DatastoreBase,
    notes: Path,
    count: int,
    seconds: float = 0.0,
    delay: timedelta = SECOND,
    **fields: Any,
) -> list[Schedule]:
    """Add `count` jobs that fire every second, or as `fields` of the job say.

    Each notes its starts in `notes` and runs for `seconds`. They fire first after `delay`.
    """
    now = datastore.read(datastore.dialect.now)
    first = now.replace(microsecond=0) + delay + SECOND
    given: dict[str, Any] = {
        "trigger_json": json.dumps(EVERY_SECOND),
        "next_fire": first,
        "max_instances": 1000,
        "misfire_grace_seconds": 3600,
        "job_class_string": NOTED,
        "created_at": now,
        "updated_at": now,
        **fields,
    }
    jobs = [
        a_job(name=f"probe {number}", args_json=json.dumps([str(notes), seconds]), **given)
        for number in range(count)
    ]
    add_jobs(datastore, jobs)
    return [Schedule.of(job) for job in jobs]


def add_jobs(datastore: DatastoreBase, jobs: Iterable[Job]) -> None:
    """Store `jobs` as they are, in one transaction."""

    def insert(connection: Any) -> None:
        for job in jobs:
            datastore.jobs.insert(connection, job)

    datastore.write(insert)


def freeze(datastore: DatastoreBase) -> dict[str, datetime | None]:
    """Let no job become due any more; what is claimed goes on.

    The next fire time that each job had, so that the checker knows how far it came.
    """
    jobs = datastore.tables.jobs
    query = select(jobs.c.id, jobs.c.next_fire)

    def work(connection: Connection) -> dict[str, datetime | None]:
        locked = query.with_for_update() if datastore.dialect.locks_rows else query
        next_fires = {row.id: row.next_fire for row in connection.execute(locked)}
        connection.execute(jobs.update().values(next_fire=None))
        return next_fires

    return datastore.write(work)
