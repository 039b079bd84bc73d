"""Rows of the old jobs table, whose jobs were pickled, as jobs of ours."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.constants import (
    DEFAULT_JOB_COALESCE,
    DEFAULT_JOB_MAX_INSTANCES,
    DEFAULT_JOB_MISFIRE_GRACE_SEC,
)
from ndscheduler.corescheduler.datastore.legacy.arguments import (
    MAX_PROBLEMS,
    arguments_as_json,
    find_call,
    keywords_as_json,
    plain_text,
)
from ndscheduler.corescheduler.datastore.legacy.inert import as_text, describe
from ndscheduler.corescheduler.datastore.legacy.old_triggers import OldSchedule, schedule_of
from ndscheduler.corescheduler.datastore.legacy.old_values import epoch_of, id_of, text_of
from ndscheduler.corescheduler.datastore.legacy.pickle_reader import UnreadablePickle, read_pickle
from ndscheduler.corescheduler.definitions import MAX_INSTANCES, trigger_of
from ndscheduler.corescheduler.models import MAX_GRACE_SECONDS, Job
from ndscheduler.corescheduler.triggers import trigger_text

logger = logging.getLogger(__name__)

COLUMNS = ("id", "next_run_time", "job_state")

UPGRADE_USER = "upgrade"
# The id of a job whose row has none; no URL names an empty one.
NO_ID = "0x-job"
MAX_ZONE = 64

# A FLOAT of MySQL may be of single precision: instants of today, two minutes apart.
_ROUNDING = timedelta(seconds=200)


@dataclass(frozen=True)
class AuditFacts:
    """What the audit log tells of a job that its row does not."""

    name: str = ""
    added_at: datetime | None = None
    modified_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: str | None = None


@dataclass(frozen=True)
class OldJob:
    """A job of 0.x as a job of ours; `problems` are clauses on what could not be kept as it was."""

    job: Job
    problems: tuple[str, ...] = ()
    # What was left out and needs no pause.
    notes: tuple[str, ...] = ()


def job_of(old: dict[str, Any], facts: AuditFacts, now: datetime) -> OldJob:
    """The job that the row `old` holds. One with problems is paused, with them as the reason."""
    job_id = id_of(old["id"]) or NO_ID
    blank = Job(
        id=job_id,
        name=facts.name or job_id,
        job_class_string="",
        args_json="[]",
        kwargs_json="{}",
        trigger_json=json.dumps({"type": "0.x"}),
        timezone="UTC",
        created_at=facts.added_at or now,
        updated_at=facts.modified_at or facts.added_at or now,
        misfire_grace_seconds=DEFAULT_JOB_MISFIRE_GRACE_SEC,
        coalesce=DEFAULT_JOB_COALESCE,
        max_instances=DEFAULT_JOB_MAX_INSTANCES,
    )
    try:
        return _read(old, blank, facts, now)
    except UnreadablePickle as error:
        problem = f"its stored job can not be read: {error}"
    except Exception as error:
        # One row that nobody thought of must not keep all others from being upgraded.
        logger.exception("The upgrade from 0.x can not read the job %s.", job_id)
        problem = f"its stored job can not be read: {type(error).__name__}: {error}"
    return _paused(OldJob(blank, (problem,)), now)


def _read(old: dict[str, Any], blank: Job, facts: AuditFacts, now: datetime) -> OldJob:
    state = _state(old["job_state"])
    read = _with_schedule(_with_call(OldJob(blank), state, text_of(old["id"]) or ""), state)
    read = _with_options(read, state)
    due = epoch_of(old["next_run_time"])
    if due is None and old["next_run_time"] is not None:
        problem = f"its next_run_time was {describe(old['next_run_time'])}"
        read = replace(read, problems=(*read.problems, problem))
    if read.problems:
        return _paused(read, now)
    return replace(read, job=_with_next_fire(read.job, state, due, facts, now))


def _state(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, (bytes, bytearray, memoryview)):
        raise UnreadablePickle("it is missing" if raw is None else "it is text")
    state = read_pickle(bytes(raw))
    if not isinstance(state, dict):
        raise UnreadablePickle("it holds no job")
    return state


def _with_call(read: OldJob, state: dict[str, Any], row_id: str) -> OldJob:
    """The job with its name, class and arguments."""
    name = as_text(state.get("name"))
    name = text_of(name) if isinstance(name, str) else None
    job = replace(read.job, name=name) if name else read.job
    func = as_text(state.get("func"))
    ids = [row_id, *filter(None, [plain_text(state.get("id"))])]
    call = find_call(func, state.get("args"), ids)
    if call is None:
        # Its arguments are not shown: the database's password may be among them.
        shown = plain_text(func) or describe(func)
        problem = f"it calls {shown}, which is not how ndscheduler runs a job class"
        return OldJob(replace(job, job_class_string=text_of(shown) or ""), (problem,))
    args, bad_args = arguments_as_json(call.pub_args)
    kwargs = state.get("kwargs") or {}
    words, bad_words = keywords_as_json(kwargs if isinstance(kwargs, dict) else {})
    if not isinstance(kwargs, dict):
        bad_words = [f"kwargs, {describe(kwargs)}: is no dict"]
    job = replace(job, job_class_string=call.job_class_string, args_json=args, kwargs_json=words)
    return OldJob(job, (*bad_args, *bad_words))


def _with_schedule(read: OldJob, state: dict[str, Any]) -> OldJob:
    schedule = schedule_of(state.get("trigger"))
    job = replace(
        read.job,
        trigger_json=_trigger_json(schedule),
        timezone=(text_of(schedule.timezone) or "")[:MAX_ZONE],
        start_date=schedule.start,
        end_date=schedule.end,
    )
    if not schedule.jitter:
        return replace(read, job=job, problems=(*read.problems, *schedule.problems))
    # Every execution belongs to an instant that the schedule names, and all instances work that out
    # for themselves: there is nobody to draw another one.
    shown = describe(schedule.jitter)
    return OldJob(
        replace(job, options_json=json.dumps({"old_jitter": shown})),
        (*read.problems, *schedule.problems),
        (f"its jitter of {shown} seconds was dropped: it fires exactly when its schedule says",),
    )


def _trigger_json(schedule: OldSchedule) -> str:
    if schedule.problems:
        return json.dumps(schedule.spec)
    return trigger_text(schedule.make())


def _with_options(read: OldJob, state: dict[str, Any]) -> OldJob:
    job, problems = read.job, list(read.problems)
    grace = state.get("misfire_grace_time")
    if grace is None or _is_whole(grace, MAX_GRACE_SECONDS):
        job = replace(job, misfire_grace_seconds=grace)
    else:
        problems.append(f"its misfire_grace_time was {describe(grace)}")
    if state.get("coalesce") in (True, False):
        job = replace(job, coalesce=bool(state["coalesce"]))
    else:
        problems.append(f"its coalesce was {describe(state.get('coalesce'))}")
    if _is_whole(state.get("max_instances"), MAX_INSTANCES):
        job = replace(job, max_instances=int(state["max_instances"]))
    else:
        problems.append(f"its max_instances was {describe(state.get('max_instances'))}")
    return replace(read, job=job, problems=tuple(problems))


def _is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _with_next_fire(
    job: Job, state: dict[str, Any], due: datetime | None, facts: AuditFacts, now: datetime
) -> Job:
    """The job with its next fire time as it was; without one it was paused, or never fires.

    APScheduler went by the column, here `due`. MySQL may have rounded it; the pickle is exact.
    """
    pickled = state.get("next_run_time")
    if due is None:
        return _paused_by_user(job, facts, now)
    if isinstance(pickled, datetime) and pickled.tzinfo is not None:
        is_near = abs(pickled - due) <= _ROUNDING
        due = pickled.astimezone(timezone.utc) if is_near else due
    return replace(job, next_fire=due)


def _paused_by_user(job: Job, facts: AuditFacts, now: datetime) -> Job:
    if trigger_of(job).next_fire(now - MICROSECOND) is None and facts.paused_at is None:
        return job
    return replace(
        job,
        is_paused=True,
        paused_by=facts.paused_by,
        paused_at=facts.paused_at or job.updated_at,
    )


def _paused(read: OldJob, now: datetime) -> OldJob:
    shown = "; ".join(read.problems[:MAX_PROBLEMS])
    reason = f"The upgrade from 0.x could not keep all of this job: {shown}."
    job = replace(
        read.job,
        next_fire=None,
        is_paused=True,
        paused_by=UPGRADE_USER,
        paused_at=now,
        paused_reason=text_of(reason),
    )
    return replace(read, job=job)
