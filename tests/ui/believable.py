"""A history that could be somebody's: jobs of a small company, two weeks of their executions.

`python -m tests.ui.believable FILE` fills a SQLite file for a server that one wants to look at.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.datastore.rows import execution_row
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.models import AuditEntry, Execution, Job
from ndscheduler.corescheduler.triggers import make_trigger
from tests.factories import a_job, an_execution

SHELL = "simple_scheduler.jobs.shell_job.ShellJob"
SAMPLE = "simple_scheduler.jobs.sample_job.AwesomeJob"

DAYS = 14
FIRES_PER_JOB = 700


@dataclass(frozen=True)
class Kind:
    """A job and how its executions go: usual seconds, and how often each bad state comes."""

    name: str
    job_class: str
    trigger: dict[str, Any]
    seconds: float
    args: tuple[Any, ...] = ()
    tags: tuple[str, ...] = ()
    zone: str = "Europe/Berlin"
    bad: float = 0.004
    error: str = "ConnectionError: could not connect to server"
    fails_since_days: float | None = None
    description: str | None = None


KINDS = (
    Kind("Backup", SHELL, {"type": "cron", "hour": "3", "minute": "0"}, 41, ("/bin/true",), ("db",), description="Dumps every database to the store."),
    Kind("Nightly report", SAMPLE, {"type": "cron", "hour": "2", "minute": "0"}, 75, ("sales", "pdf"), ("reports",), fails_since_days=2.6),
    Kind("Sync prices", SAMPLE, {"type": "cron", "minute": "*/10"}, 3.1, ("prices", "shop"), ("erp", "shop")),
    Kind("Import orders", SAMPLE, {"type": "cron", "minute": "*/5"}, 12, ("orders", "erp"), ("erp",), bad=0.02, error="TimeoutError: no answer from the ERP within 30 seconds"),
    Kind("Send newsletter", SAMPLE, {"type": "crontab", "expression": "30 9 * * 1"}, 320, ("weekly", "all"), ("mail",)),
    Kind("Clean up temporary files", SHELL, {"type": "cron", "hour": "*/6", "minute": "15"}, 1.4, ("/bin/true",), ("maintenance",)),
    Kind("Check certificates", SHELL, {"type": "cron", "hour": "7", "minute": "45"}, 6, ("/bin/true",), ("maintenance", "tls")),
    Kind("Invoice run", SAMPLE, {"type": "cron", "day": "1", "hour": "6", "minute": "0"}, 900, ("monthly", "pdf"), ("billing",)),
    Kind("Refresh search index", SAMPLE, {"type": "interval", "seconds": 900}, 48, ("products", "all"), ("shop",)),
    Kind("Post exchange rates", SAMPLE, {"type": "crontab", "expression": "5 16 * * 1-5"}, 0.8, ("rates", "EUR"), ("billing",)),
    Kind("Heartbeat to monitoring", SHELL, {"type": "cron", "minute": "*"}, 0.2, ("/bin/true",), ("ops",), bad=0.001),
    Kind("Warm the cache", SAMPLE, {"type": "cron", "day_of_week": "mon-fri", "hour": "8-18", "minute": "*/30"}, 22, ("home", "shop"), ("shop",), bad=0.03),
    Kind("Old export", SHELL, {"type": "cron", "hour": "4", "minute": "30"}, 130, ("/bin/true",), ("legacy",)),
    Kind("Archive logs", SHELL, {"type": "cron", "day": "last", "hour": "23", "minute": "30"}, 260, ("/bin/true",), ("maintenance",)),
)  # fmt: skip


def fill(datastore: DatastoreBase, now: datetime, seed: int = 7) -> list[Job]:
    """Put jobs and history into `datastore`, whose tables are empty; the jobs."""
    chance = random.Random(seed)
    jobs = [_job(kind, now) for kind in KINDS]
    for kind, job in zip(KINDS, jobs, strict=True):
        history = list(_history(kind, job, now, chance))
        datastore.write(lambda connection, job=job: datastore.jobs.insert(connection, job))
        datastore.write(lambda connection, rows=history: _insert(datastore, connection, rows))
    datastore.write(lambda connection: _audit(datastore, connection, jobs, now))
    return jobs


def _job(kind: Kind, now: datetime) -> Job:
    trigger = make_trigger(kind.trigger, kind.zone, now=now - timedelta(days=30))
    is_paused = kind.name == "Old export"
    return a_job(
        name=kind.name,
        job_class_string=kind.job_class,
        args_json=json.dumps(kind.args),
        trigger_json=json.dumps(trigger.to_json()),
        timezone=kind.zone,
        tags=kind.tags,
        description=kind.description,
        max_instances=1,
        created_at=now - timedelta(days=40),
        updated_at=now - timedelta(days=3),
        next_fire=None if is_paused else trigger.next_fire(now),
        is_paused=is_paused,
        paused_by="ana" if is_paused else None,
        paused_at=now - timedelta(days=12) if is_paused else None,
        paused_reason="migration to the new store" if is_paused else None,
    )


def _history(kind: Kind, job: Job, now: datetime, chance: random.Random) -> Iterator[Execution]:
    trigger = make_trigger(kind.trigger, kind.zone, now=now - timedelta(days=30))
    end = now - timedelta(days=12) if job.is_paused else now - timedelta(seconds=kind.seconds * 2)
    fires = trigger.fire_times(now - timedelta(days=DAYS), end, 100_000)[-FIRES_PER_JOB:]
    for at, fire in enumerate(fires):
        yield _execution(kind, job, fire, now, chance)
        if at % 211 == 100:
            yield _by_hand(job, fire + timedelta(minutes=2), kind.seconds)


def _execution(
    kind: Kind, job: Job, fire: datetime, now: datetime, chance: random.Random
) -> Execution:
    started = fire + timedelta(milliseconds=chance.uniform(3, 60))
    seconds = kind.seconds * chance.lognormvariate(0, 0.25)
    row = an_execution(
        job,
        fire_time=fire,
        first_fire_time=fire,
        started_time=started,
        finished_time=started + timedelta(seconds=seconds),
        updated_time=started + timedelta(seconds=seconds),
        hostname=chance.choice(("sched-1", "sched-2")),
        pid=chance.randint(900, 30000),
        state=ExecutionState.SUCCEEDED,
        result=json.dumps({"done": chance.randint(10, 5000), "of": kind.name}, indent=4),
    )
    fails = kind.fails_since_days
    if fails is not None and fire > now - timedelta(days=fails):
        return _failed(row, kind.error)
    if chance.random() < kind.bad:
        return _bad(row, kind, chance)
    return row


def _failed(row: Execution, error: str) -> Execution:
    name, _, text = error.partition(": ")
    result = (
        "Traceback (most recent call last):\n"
        '  File "/srv/jobs/report.py", line 31, in run\n'
        "    rows = self.fetch(period)\n"
        '  File "/srv/jobs/report.py", line 58, in fetch\n'
        "    return connection.execute(QUERY, period).fetchall()\n"
        f"{name}: {text}\n"
    )
    return replace(row, state=ExecutionState.FAILED, error_summary=error, result=result)


def _bad(row: Execution, kind: Kind, chance: random.Random) -> Execution:
    state = chance.choice(
        (ExecutionState.FAILED, ExecutionState.FAILED, ExecutionState.MISSED,
         ExecutionState.SKIPPED, ExecutionState.INTERRUPTED)
    )  # fmt: skip
    if state is ExecutionState.FAILED:
        return _failed(row, kind.error)
    reasons = {
        ExecutionState.MISSED: "No scheduler could claim it within the grace time of 3600 seconds.",
        ExecutionState.SKIPPED: (
            "1 executions of this job were queued or running; max_instances is 1."
        ),
        ExecutionState.INTERRUPTED: "Process 4711 on sched-1 died; its last sign of life was 12 s old.",
    }  # fmt: skip
    never_began = state is not ExecutionState.INTERRUPTED
    return replace(
        row,
        state=state,
        reason=reasons[state],
        result=None,
        started_time=None if never_began else row.started_time,
        hostname=None if never_began else row.hostname,
        pid=None if never_began else row.pid,
    )


def _by_hand(job: Job, at: datetime, seconds: float) -> Execution:
    return an_execution(
        job,
        fire_time=None,
        scheduled_time=at,
        started_time=at + timedelta(milliseconds=8),
        finished_time=at + timedelta(seconds=seconds),
        updated_time=at + timedelta(seconds=seconds),
        trigger_kind=TriggerKind.MANUAL,
        requested_by="ana",
        hostname="sched-1",
        pid=812,
        state=ExecutionState.SUCCEEDED,
        result=json.dumps({"done": 1}),
    )


def _insert(datastore: DatastoreBase, connection: Any, rows: list[Execution]) -> None:
    table = datastore.tables.executions
    if rows:
        connection.execute(table.insert(), [execution_row(row) for row in rows])
    endings = [
        Ending(row.job_id, row.state, row.finished_time, row.duration or timedelta(0))
        for row in rows
        if row.finished_time is not None
    ]
    datastore.stats.add(connection, endings)


def _audit(datastore: DatastoreBase, connection: Any, jobs: list[Job], now: datetime) -> None:
    by_name = {job.name: job for job in jobs}
    said = [
        *((AuditEvent.ADDED, job, "ana", 40 - at / 10, None) for at, job in enumerate(jobs)),
        (AuditEvent.PAUSED, by_name["Old export"], "ana", 12, {"paused_reason": [None, "migration to the new store"]}),
        (AuditEvent.MODIFIED, by_name["Sync prices"], "ben", 6.2, {"minute": ["*/15", "*/10"]}),
        (AuditEvent.MODIFIED, by_name["Nightly report"], "carla", 3, {"pub_args": [["sales"], ["sales", "pdf"]], "hour": ["1", "2"]}),
        (AuditEvent.SKIPPED_NEXT, by_name["Send newsletter"], "ben", 2, {"reason": [None, "holiday"]}),
        (AuditEvent.CUSTOM_RUN, by_name["Import orders"], "ana", 0.3, None),
        (AuditEvent.MODIFIED, by_name["Backup"], "ana", 0.1, {"description": [None, "Dumps every database to the store."]}),
    ]  # fmt: skip
    for event, job, user, days, changes in said:
        entry = AuditEntry(
            id=f"{job.id[:16]}{event.value:04d}{user.encode().hex():0>12}"[:32],
            event=event,
            job_id=job.id,
            job_name=job.name,
            user=user,
            created_time=now - timedelta(days=days),
            remote="192.0.2.17",
            changes=changes,
        )
        datastore.audit_logs.insert(connection, entry)


def main() -> None:
    """Fill the SQLite file that the command line names."""
    datastore = DatastoreSqlite({"file_path": sys.argv[1]}, {})
    try:
        datastore.open()
        fill(datastore, utc_now())
    finally:
        datastore.close()


if __name__ == "__main__":
    main()
