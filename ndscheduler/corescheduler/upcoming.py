"""What comes next: the next fire times of all jobs in order, and how many each hour has.

The work is bounded, however many jobs there are and however often they fire: the first n fires are
all of the n jobs that fire next, so no more are read, and their fire times are made one by one.
Those of an hour are counted, not made, and those of equal schedules are counted once.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ndscheduler.corescheduler.clock import MICROSECOND
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.jobs import Schedule
from ndscheduler.corescheduler.definitions import trigger_of
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.overview import start_of_hour
from ndscheduler.corescheduler.triggers import Trigger, parse_trigger

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fire:
    """One fire time of one job."""

    job: Job
    at: datetime


@dataclass(frozen=True, slots=True)
class Fires:
    """Fire times in order; `is_truncated` when there are more than were asked for."""

    fires: list[Fire]
    is_truncated: bool


@dataclass(frozen=True, slots=True)
class HourAhead:
    """How many fires an hour has that is to come."""

    start: datetime
    count: int


class Upcoming:
    """Tells what comes. Safe to use from several threads."""

    def __init__(self, datastore: DatastoreBase) -> None:
        self._datastore = datastore

    def fires(self, now: datetime, until: datetime, limit: int) -> Fires:
        """The first `limit` fires of active jobs up to `until`, in order.

        A fire that is overdue at `now` is there once, and then what comes after `now`.
        """
        jobs = self._datastore.read(self._datastore.jobs.next_to_fire, until, limit + 1)
        merged = heapq.merge(
            *(_fires_of(job, now, until) for job in jobs), key=lambda fire: (fire.at, fire.job.id)
        )
        found = [fire for _, fire in zip(range(limit + 1), merged, strict=False)]
        return Fires(found[:limit], len(found) > limit)

    def hours(self, now: datetime, hours: int) -> list[HourAhead]:
        """How many fires the rest of this hour has, and each of the `hours` hours after it.

        What is overdue at `now` counts as one fire of a job, in this hour.
        """
        first = start_of_hour(now)
        starts = tuple(first + number * HOUR for number in range(hours + 2))
        counts = [0] * (hours + 1)
        schedules = self._datastore.read(self._datastore.jobs.schedules, starts[-1] - MICROSECOND)
        for schedule in schedules:
            for number, count in enumerate(_counted(schedule, now, starts)):
                counts[number] += count * schedule.jobs
        return [HourAhead(start, count) for start, count in zip(starts, counts, strict=False)]


def _fires_of(job: Job, now: datetime, until: datetime) -> Iterator[Fire]:
    try:
        trigger = trigger_of(job)
    except InvalidTrigger:
        # The claim makes its next fire time a scheduled error, and no more are known.
        trigger = None
    at = job.next_fire
    while at is not None and at <= until:
        yield Fire(job, at)
        at = trigger.next_fire(max(at, now)) if trigger is not None else None


def _counted(schedule: Schedule, now: datetime, starts: tuple[datetime, ...]) -> list[int]:
    """How many fires one job of this schedule has from each of `starts` to the next."""
    is_overdue = schedule.next_fire <= now
    times = (schedule.trigger_json, schedule.timezone, schedule.start_date, schedule.end_date)
    try:
        after = now if is_overdue else schedule.next_fire - MICROSECOND
        counts = list(_by_hour(parse_trigger(*times), after, starts))
    except InvalidTrigger:
        counts = [0] * (len(starts) - 1)
        counts[_place(starts, schedule.next_fire)] += not is_overdue
    counts[0] += is_overdue
    return counts


# Within an hour, most jobs keep their next fire time, and what comes then does not change.
@lru_cache(maxsize=16384)
def _by_hour(trigger: Trigger, after: datetime, starts: tuple[datetime, ...]) -> Sequence[int]:
    """How many fire times later than `after` lie between each of `starts` and the next."""
    counts = [0] * (len(starts) - 1)
    end = starts[-1] - MICROSECOND
    tally = trigger.tally(after, end)
    if tally is None:
        return counts
    if tally.count <= len(counts):
        for fire in trigger.fire_times(after, end, tally.count):
            counts[_place(starts, fire)] += 1
        return counts
    for number, start in enumerate(starts[:-1]):
        of_hour = trigger.tally(max(after, start - MICROSECOND), starts[number + 1] - MICROSECOND)
        counts[number] = of_hour.count if of_hour else 0
    return counts


def _place(starts: Sequence[datetime], instant: datetime) -> int:
    return bisect_right(starts, instant) - 1
