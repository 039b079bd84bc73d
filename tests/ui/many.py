"""Ten thousand jobs and what they did: five executions each, thirty of the first fifty."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.rows import execution_row, job_row
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.models import Execution, Job
from tests.factories import a_job, an_execution

JOBS = 10_000
EXECUTIONS_PER_JOB = 5
# What a list shows of each; the first page of it has so many.
RECENT = 30
WITH_RECENT = 50
TAGS = 10
CHUNK = 5_000
# Beyond what any test lasts.
NEXT = timedelta(days=2)


def fill_many(datastore: DatastoreBase, now: datetime, jobs: int = JOBS) -> list[Job]:
    """Put `jobs` jobs with their executions into `datastore`, whose tables are empty; the jobs.

    Every tenth job's last execution failed. The first job fires next, the others after it.
    """
    made = [_job(number, now) for number in range(jobs)]
    executions = [
        _execution(number, job, back, now)
        for number, job in enumerate(made)
        for back in range(RECENT if number < WITH_RECENT else EXECUTIONS_PER_JOB)
    ]
    tables = datastore.tables
    tags = [{"job_id": job.id, "tag": tag} for job in made for tag in job.tags]
    _insert(datastore, tables.jobs, [job_row(job) for job in made])
    _insert(datastore, tables.job_tags, tags)
    _insert(datastore, tables.executions, [execution_row(row) for row in executions])
    endings = [
        Ending(row.job_id, row.state, row.finished_time or now, row.duration or timedelta(0))
        for row in executions
    ]
    datastore.write(lambda connection: datastore.stats.add(connection, endings))
    return made


def name_of(number: int) -> str:
    """The name of the job with this number."""
    return f"Job {number:05}"


def _job(number: int, now: datetime) -> Job:
    minute, hour = number % 60, number // 60 % 24
    return a_job(
        name=name_of(number),
        trigger_json=json.dumps({"type": "cron", "minute": str(minute), "hour": str(hour)}),
        args_json=json.dumps(["number", number]),
        tags=(f"team-{number % TAGS}",),
        next_fire=now + NEXT + timedelta(seconds=number),
        created_at=now - timedelta(days=9),
        updated_at=now - timedelta(days=9),
    )


def _execution(number: int, job: Job, back: int, now: datetime) -> Execution:
    fire = now - timedelta(hours=6 * back + 1, milliseconds=number)
    started = fire + timedelta(milliseconds=4)
    finished = started + timedelta(seconds=1 + (number + back) % 7)
    failed = number % 10 == 0 and back == 0
    return an_execution(
        job,
        fire_time=fire,
        first_fire_time=fire,
        started_time=started,
        finished_time=finished,
        updated_time=finished,
        hostname="sched-1",
        pid=812,
        state=ExecutionState.FAILED if failed else ExecutionState.SUCCEEDED,
        error_summary="ValueError: no such row" if failed else None,
        result="Traceback ..." if failed else json.dumps({"number": number}),
    )


def _insert(datastore: DatastoreBase, table: Any, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        datastore.write(lambda connection, chunk=chunk: connection.execute(table.insert(), chunk))
