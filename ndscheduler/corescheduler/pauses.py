"""A job as it is paused, and as it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ndscheduler.corescheduler.definitions import first_fire
from ndscheduler.corescheduler.models import Actor, Job


def paused_job(
    job: Job, actor: Actor, now: datetime, until: datetime | None, reason: str | None
) -> Job:
    """`job` paused by `actor`, until an instant or for good."""
    return replace(
        job,
        is_paused=True,
        next_fire=None,
        paused_by=actor.user,
        paused_at=now,
        paused_until=until,
        paused_reason=reason,
        updated_at=now,
    )


def resumed_job(job: Job, now: datetime) -> Job:
    """`job` active again, firing next at or after `now`; one that is not paused stays as it is.

    Raises InvalidTrigger if its trigger can not be read.
    """
    if not job.is_paused:
        return job
    active = replace(
        job,
        is_paused=False,
        paused_by=None,
        paused_at=None,
        paused_until=None,
        paused_reason=None,
        updated_at=now,
    )
    return replace(active, next_fire=first_fire(active, now))
