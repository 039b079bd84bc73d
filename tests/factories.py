"""Records for tests, with every field filled that a test does not care about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.models import Execution, Instance, Job

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def a_job(**fields: Any) -> Job:
    """An active job that fires every minute, next at NOON."""
    job = Job(
        id=new_id(),
        name="Backup",
        job_class_string="simple_scheduler.jobs.sample_job.AwesomeJob",
        args_json='["a","b"]',
        kwargs_json="{}",
        trigger_json=json.dumps({"type": "cron", "minute": "*"}),
        timezone="UTC",
        created_at=NOON - timedelta(days=1),
        updated_at=NOON - timedelta(days=1),
        misfire_grace_seconds=3600,
        next_fire=NOON,
    )
    return replace(job, **fields)


def an_execution(job: Job, **fields: Any) -> Execution:
    """A queued execution of `job`, fired at NOON."""
    execution = Execution(
        id=new_id(),
        job_id=job.id,
        job_name=job.name,
        job_class_string=job.job_class_string,
        args_json=job.args_json,
        kwargs_json=job.kwargs_json,
        scheduled_time=fields.get("fire_time") or NOON,
        updated_time=NOON,
        fire_time=NOON,
    )
    return replace(execution, **fields)


def an_instance(**fields: Any) -> Instance:
    """A live scheduler process."""
    instance = Instance(
        id=new_id(),
        kind="scheduler",
        hostname="host-1",
        pid=4711,
        version="1.0.0",
        started_at=NOON,
        heartbeat_at=NOON,
    )
    return replace(instance, **fields)
