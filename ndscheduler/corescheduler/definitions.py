"""What a job is made of: checking a user's fields and turning them into a Job."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.constants import (
    DEFAULT_JOB_COALESCE,
    DEFAULT_JOB_MAX_INSTANCES,
    DEFAULT_JOB_MISFIRE_GRACE_SEC,
    DEFAULT_TIMEZONE,
)
from ndscheduler.corescheduler.errors import InvalidInput, InvalidTrigger
from ndscheduler.corescheduler.field_checks import (
    checked_overlap,
    checked_tags,
    checked_text,
    checked_truth,
    checked_whole,
    checked_words,
)
from ndscheduler.corescheduler.models import MAX_GRACE_SECONDS, Job
from ndscheduler.corescheduler.triggers import Trigger, make_trigger, parse_trigger, trigger_text

MAX_INSTANCES = 10**6


class Unset(Enum):
    """Says that a field was not given, which is not the same as None."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class JobFields:
    """The fields of a job that a user gave. `trigger` is what `make_trigger` reads."""

    name: str | Unset = UNSET
    job_class_string: str | Unset = UNSET
    pub_args: Sequence[Any] | Unset | None = UNSET
    kwargs: Mapping[str, Any] | Unset | None = UNSET
    trigger: Mapping[str, Any] | Unset = UNSET
    timezone: str | Unset | None = UNSET
    start_date: datetime | Unset | None = UNSET
    end_date: datetime | Unset | None = UNSET
    misfire_grace_time: int | Unset | None = UNSET
    coalesce: bool | Unset = UNSET
    max_instances: int | Unset = UNSET
    overlap: str | Unset = UNSET
    tags: Sequence[str] | Unset | None = UNSET
    description: str | Unset | None = UNSET
    priority: int | Unset = UNSET
    retry_on_crash: bool | Unset = UNSET

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not UNSET}


@dataclass(frozen=True, slots=True)
class JobDefaults:
    """What a new job has where its user said nothing."""

    timezone: str = DEFAULT_TIMEZONE
    misfire_grace_seconds: int | None = DEFAULT_JOB_MISFIRE_GRACE_SEC
    coalesce: bool = DEFAULT_JOB_COALESCE
    max_instances: int = DEFAULT_JOB_MAX_INSTANCES


def define_job(given: JobFields, defaults: JobDefaults, now: datetime, job_id: str) -> Job:
    """A new job of `given` fields. Raises InvalidInput that names the first bad field."""
    for name in ("name", "job_class_string", "trigger"):
        required(getattr(given, name), name)
    blank = Job(
        id=job_id,
        name="",
        job_class_string="",
        args_json="[]",
        kwargs_json="{}",
        trigger_json="{}",
        timezone=defaults.timezone,
        created_at=now,
        updated_at=now,
        misfire_grace_seconds=defaults.misfire_grace_seconds,
        coalesce=defaults.coalesce,
        max_instances=defaults.max_instances,
        rev=0,
    )
    return change_job(blank, given, now, defaults)


def change_job(job: Job, given: JobFields, now: datetime, defaults: JobDefaults) -> Job:
    """`job` with the `given` fields, its next fire time computed anew if its schedule changed.

    Raises InvalidInput that names the first bad field.
    """
    changed = replace(job, **_plain_fields(given), rev=job.rev + 1, updated_at=now)
    changed = _with_options(_with_arguments(changed, given), given)
    return _with_schedule(job, changed, given, now, defaults)


def trigger_of(job: Job) -> Trigger:
    """The trigger of `job`. Raises InvalidTrigger if what is stored can not be read."""
    return parse_trigger(job.trigger_json, job.timezone, job.start_date, job.end_date)


def first_fire(job: Job, now: datetime) -> datetime | None:
    """The first fire time of `job` at or after `now`."""
    return trigger_of(job).next_fire(now - MICROSECOND)


def schedule_of(job: Job) -> tuple[Any, ...]:
    """What decides the fire times of `job`, to be compared."""
    return (job.trigger_json, job.timezone, job.start_date, job.end_date)


def find_trigger_error(job: Job) -> str | None:
    """Why the trigger of `job` can not be read, in one sentence; None if it can."""
    try:
        trigger_of(job)
    except InvalidTrigger as error:
        return str(error)
    return None


def required(value: str | Unset, field: str) -> str:
    """`value`, which must have been given. Raises InvalidInput that names `field`."""
    if value is UNSET:
        raise InvalidInput(field, "is required")
    return value


def _plain_fields(given: JobFields) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if given.name is not UNSET:
        values["name"] = checked_text(given.name, "name")
    if given.job_class_string is not UNSET:
        values["job_class_string"] = checked_text(given.job_class_string, "job_class_string")
    if given.misfire_grace_time is not UNSET:
        grace = given.misfire_grace_time
        values["misfire_grace_seconds"] = (
            None
            if grace is None
            else checked_whole(grace, "misfire_grace_time", 1, MAX_GRACE_SECONDS)
        )
    if given.coalesce is not UNSET:
        values["coalesce"] = checked_truth(given.coalesce, "coalesce")
    if given.max_instances is not UNSET:
        values["max_instances"] = checked_whole(
            given.max_instances, "max_instances", 1, MAX_INSTANCES
        )
    if given.overlap is not UNSET:
        values["overlap"] = checked_overlap(given.overlap)
    if given.tags is not UNSET:
        values["tags"] = checked_tags(given.tags or ())
    if given.description is not UNSET:
        description = given.description
        values["description"] = (
            None if description is None else checked_words(description, "description")
        )
    if given.priority is not UNSET:
        values["priority"] = checked_whole(given.priority, "priority", -1000, 1000)
    return values


def _with_arguments(job: Job, given: JobFields) -> Job:
    if given.pub_args is not UNSET:
        job = replace(job, args_json=arguments_text(given.pub_args, job.args_json))
    if given.kwargs is not UNSET:
        job = replace(job, kwargs_json=keywords_text(given.kwargs, job.kwargs_json))
    return job


def _with_options(job: Job, given: JobFields) -> Job:
    if given.retry_on_crash is UNSET:
        return job
    wanted = checked_truth(given.retry_on_crash, "retry_on_crash")
    return replace(job, options_json=json.dumps({**job.options, "retry_on_crash": wanted}))


def arguments_text(pub_args: Sequence[Any] | None, old: str = "[]") -> str:
    """`pub_args` as a job stores them. Raises InvalidArgument.

    The REST API shows a tuple as a list. A client that sends back what it was shown means no
    change, so arguments that look the same as the `old` ones keep their types.
    """
    if pub_args is not None and not isinstance(pub_args, (list, tuple)):
        raise InvalidInput("pub_args", "must be a list")
    text = codec.encode(list(pub_args or ()), "pub_args")
    return old if codec.plain(text) == codec.plain_or_text(old) else text


def keywords_text(kwargs: Mapping[str, Any] | None, old: str = "{}") -> str:
    """`kwargs` as a job stores them. Raises InvalidArgument."""
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise InvalidInput("kwargs", "must be an object")
    text = codec.encode_keywords(kwargs or {}, "kwargs")
    return old if codec.plain(text) == codec.plain_or_text(old) else text


def _with_schedule(
    job: Job, changed: Job, given: JobFields, now: datetime, defaults: JobDefaults
) -> Job:
    schedule = (given.trigger, given.timezone, given.start_date, given.end_date)
    if all(value is UNSET for value in schedule):
        return changed
    timezone = job.timezone if given.timezone is UNSET else given.timezone or defaults.timezone
    start = job.start_date if given.start_date is UNSET else given.start_date
    end = job.end_date if given.end_date is UNSET else given.end_date
    spec = _stored_spec(job) if given.trigger is UNSET else given.trigger
    if start == job.start_date:
        spec = _anchored(spec, job)
    trigger = make_trigger(spec, timezone, start, end, now)
    changed = replace(
        changed,
        trigger_json=trigger_text(trigger),
        timezone=trigger.timezone,
        start_date=trigger.start,
        end_date=trigger.end,
    )
    is_same = schedule_of(changed) == schedule_of(job) and job.next_fire is not None
    if changed.is_paused or is_same:
        return changed
    # An interval that starts now waits one interval first, as APScheduler's does.
    waits = _lacks_anchor(spec) and start is None
    return replace(changed, next_fire=trigger.next_fire(now if waits else now - MICROSECOND))


def _anchored(spec: Mapping[str, Any], job: Job) -> Mapping[str, Any]:
    """`spec` with the anchor of the interval that `job` has, if it is the same interval again.

    A client that sends its whole job with every change must not restart the interval.
    """
    if not _lacks_anchor(spec):
        return spec
    try:
        old = _stored_spec(job)
    except InvalidTrigger:
        return spec
    if old.get("type") != "interval" or not old.get("anchor"):
        return spec
    again = make_trigger({**spec, "anchor": old["anchor"]}, job.timezone)
    return again.to_json() if again.to_json() == old else spec


def _stored_spec(job: Job) -> Mapping[str, Any]:
    try:
        spec = json.loads(job.trigger_json)
    except ValueError as error:
        raise InvalidTrigger("trigger", "the stored one can not be read: send a new one") from error
    if not isinstance(spec, Mapping):
        raise InvalidTrigger("trigger", "the stored one can not be read: send a new one")
    return spec


def _lacks_anchor(spec: Mapping[str, Any]) -> bool:
    return (
        isinstance(spec, Mapping) and spec.get("type") == "interval" and spec.get("anchor") is None
    )
