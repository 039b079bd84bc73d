"""Our jobs and triggers as APScheduler's objects, and APScheduler's triggers as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from apscheduler.job import Job as SchedulerJob
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from ndscheduler.corescheduler.definitions import trigger_of
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.models import Job

CRON_NAMES = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")


class UnreadableTrigger(BaseTrigger):  # type: ignore[misc]
    """Stands for a stored trigger that can not be read; it never fires."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.fields: list[Any] = []

    def get_next_fire_time(self, previous_fire_time: object, now: object) -> None:
        """None: it never fires."""

    def __str__(self) -> str:
        return f"unreadable[{self.reason}]"


def scheduler_job(scheduler: Any, job: Job, run: Callable[..., Any], leading: int) -> SchedulerJob:
    """`job` as APScheduler's Job: `args` is (class, id, None ..., *pub_args), `leading` + args."""
    try:
        trigger = trigger_of(job).to_apscheduler()
    except InvalidTrigger as error:
        trigger = UnreadableTrigger(str(error))
    blanks = (None,) * (leading - 2)
    view = SchedulerJob(
        scheduler,
        id=job.id,
        func=run,
        args=(job.job_class_string, job.id, *blanks, *job.pub_args),
        kwargs=job.kwargs,
        name=job.name,
        trigger=trigger,
        executor="default",
        misfire_grace_time=job.misfire_grace_seconds,
        coalesce=job.coalesce,
        max_instances=job.max_instances,
        next_run_time=_local(job.next_fire, scheduler.timezone),
    )
    view._jobstore_alias = "default"
    return view


def trigger_spec(
    trigger: str | BaseTrigger | None, arguments: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(spec for make_trigger, further fields of the job) of what `add_job` of APScheduler takes.

    Raises InvalidTrigger for a trigger that ndscheduler has no counterpart of.
    """
    rest = dict(arguments)
    further: dict[str, Any] = {
        name: rest.pop(name) for name in ("start_date", "end_date") if name in rest
    }
    timezone = rest.pop("timezone", None)
    if timezone is not None:
        further["timezone"] = str(timezone)
    if isinstance(trigger, str):
        return {"type": trigger, **rest}, further
    if isinstance(trigger, CronTrigger):
        fields = {field.name: str(field) for field in trigger.fields if not field.is_default}
        return {"type": "cron", **fields}, _bounds(trigger)
    if isinstance(trigger, IntervalTrigger):
        spec = {"type": "interval", "seconds": trigger.interval.total_seconds()}
        return {**spec, "anchor": trigger.start_date.isoformat()}, {"end_date": trigger.end_date}
    if isinstance(trigger, DateTrigger):
        return {"type": "date", "run_date": trigger.run_date.isoformat()}, {}
    raise InvalidTrigger("trigger", f"{type(trigger).__name__} is not supported")


def _bounds(trigger: CronTrigger) -> dict[str, Any]:
    return {
        "timezone": str(trigger.timezone),
        "start_date": trigger.start_date,
        "end_date": trigger.end_date,
    }


def _local(instant: datetime | None, zone: tzinfo) -> datetime | None:
    return None if instant is None else instant.astimezone(zone)
