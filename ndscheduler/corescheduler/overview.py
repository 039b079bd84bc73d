"""Counts of jobs and of executions, now and by hour: what tiles and charts show.

Nothing here reads the executions that have ended: they are counted in the statistics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ndscheduler.corescheduler.broken_jobs import BrokenJobs
from ndscheduler.corescheduler.clock import LAST_INSTANT
from ndscheduler.corescheduler.constants import FAILURE_STATES, ExecutionState, JobStatus
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import JobFilter
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.summary import Endings


@dataclass(frozen=True, slots=True)
class Stats:
    """How many jobs there are, and how executions end; `ended` counts whole hours from `since`."""

    jobs: int
    paused_jobs: int
    live: dict[ExecutionState, int]
    ended: dict[ExecutionState, int]
    since: datetime
    next_job: Job | None
    broken_jobs: int
    jobs_without_next_run: int

    @property
    def success_rate(self) -> float | None:
        """What part of those that succeeded or went wrong succeeded; None when there are none."""
        succeeded = self.ended.get(ExecutionState.SUCCEEDED, 0)
        wrong = sum(count for state, count in self.ended.items() if state in FAILURE_STATES)
        return succeeded / (succeeded + wrong) if succeeded + wrong else None


@dataclass(frozen=True, slots=True)
class Period:
    """How executions ended within an hour or a day that begins at `start`."""

    start: datetime
    ended: dict[ExecutionState, Endings]

    @property
    def mean_duration(self) -> timedelta | None:
        """The mean duration of those that succeeded; None when none did."""
        succeeded = self.ended.get(ExecutionState.SUCCEEDED)
        return succeeded.total / succeeded.count if succeeded and succeeded.count else None


class Overview:
    """Reads the counts. Safe to use from several threads."""

    def __init__(self, datastore: DatastoreBase, broken: BrokenJobs) -> None:
        self._datastore = datastore
        self._broken = broken

    def stats(self, since: datetime) -> Stats:
        """Counts of jobs now, and of executions that ended in the hours from that of `since` on."""
        since = start_of_hour(since)

        def read(connection: Connection) -> Stats:
            store = self._datastore
            upcoming = store.jobs.next_to_fire(connection, LAST_INSTANT, 1)
            broken = self._broken.find(connection).which
            can_not_run = JobFilter(statuses=(JobStatus.BROKEN,), broken=broken)
            return Stats(
                jobs=store.jobs.count(connection, JobFilter()),
                paused_jobs=store.jobs.count(connection, JobFilter(is_paused=True)),
                live=store.stats.live_counts(connection),
                ended=store.stats.totals(connection, since),
                since=since,
                next_job=upcoming[0] if upcoming else None,
                broken_jobs=store.jobs.count(connection, can_not_run),
                jobs_without_next_run=store.jobs.count(
                    connection, JobFilter(statuses=(JobStatus.ENDED,))
                ),
            )

        return self._datastore.read(read)

    def hours(self, start: datetime, end: datetime, job_id: str | None = None) -> list[Period]:
        """How executions ended in each hour from that of `start` to that of `end`, in order.

        Of one job or of all; hours in which none ended are left out.
        """
        by_hour = self._datastore.stats.by_hour
        found = self._datastore.read(by_hour, start_of_hour(start), end, job_id)
        return [Period(hour, ended) for hour, ended in sorted(found.items())]

    def days(self, start: datetime, end: datetime, job_id: str | None = None) -> list[Period]:
        """How executions ended on each day (UTC) from that of `start` to that of `end`, in order.

        Of one job or of all; days on which none ended are left out.
        """
        by_day: dict[datetime, list[Period]] = defaultdict(list)
        last = start_of_day(end) + timedelta(hours=23)
        for period in self.hours(start_of_day(start), last, job_id):
            by_day[start_of_day(period.start)].append(period)
        return [Period(day, _together(periods)) for day, periods in by_day.items()]


def start_of_hour(instant: datetime) -> datetime:
    """The beginning of the hour (UTC) of `instant`, which is in UTC."""
    return instant.replace(minute=0, second=0, microsecond=0)


def start_of_day(instant: datetime) -> datetime:
    """The beginning of the day (UTC) of `instant`, which is in UTC."""
    return start_of_hour(instant).replace(hour=0)


def _together(periods: Iterable[Period]) -> dict[ExecutionState, Endings]:
    sums: dict[ExecutionState, Endings] = {}
    for period in periods:
        for state, ended in period.ended.items():
            before = sums.get(state, Endings(0, timedelta(0)))
            sums[state] = Endings(before.count + ended.count, before.total + ended.total)
    return sums
