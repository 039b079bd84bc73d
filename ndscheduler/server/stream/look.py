"""One look at the database, as events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from functools import partial
from typing import Any

from ndscheduler.corescheduler.change_feed import ChangeFeed, Changes
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.overview import Stats
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import InstanceView, JobService
from ndscheduler.server.json_out import Json
from ndscheduler.server.overview_shapes import stats_json
from ndscheduler.server.shapes import (
    audit_json,
    execution_json,
    instance_json,
    job_json,
)
from ndscheduler.server.stream.events import News, reload_of

# So many rows are one event; one that is larger than this is not sent, but read by its reader.
EVENT_ROWS = 100
EVENT_BYTES = 1024 * 1024
# Counts take longer than looking for changes: they come seldom, and are this part of the time.
COUNTS_SECONDS = 2.0
COUNTS_PART = 0.05
# As GET /stats counts by default.
LAST_DAY = timedelta(hours=24)
# Counts also change by the hour alone.
COUNTS_SECONDS_WITHOUT_CHANGE = 60.0


@dataclass(slots=True)
class Found:
    """What one look tells."""

    news: list[News] = field(default_factory=list)
    # So much goes on that the next look may wait.
    is_crowded: bool = False
    # Why this process does no work now, in one sentence; None when it does.
    problem: str | None = None


class Look:
    """Looks at the database again and again, one look at a time. Every look blocks.

    What fails raises DatastoreUnavailable, and the next look finds what it would have found.
    """

    def __init__(self, manager: SchedulerManager, service: JobService, zone: tzinfo) -> None:
        self._service = service
        self._feed = ChangeFeed(manager, service)
        self._counts = _Counts(service)
        self._zone = zone
        self._untold: list[News] = []

    def changes(self) -> Found:
        """What has changed since the last look; nothing at the first one."""
        changes = self._feed.look()
        return Found(self._listed(changes), changes.is_crowded, self._service.find_problem())

    def counts(self, is_changed: bool) -> list[News]:
        """What has changed of instances and stats; `is_changed` if a look found anything."""
        self._untold += self._counts.look(is_changed)
        told, self._untold = self._untold, []
        return told

    def _listed(self, changes: Changes) -> list[News]:
        shape_job = partial(job_json, zone=self._zone)
        listed = [
            *_portions("executions", execution_json, changes.executions),
            *_portions("jobs", shape_job, changes.jobs, deleted=[]),
            *_portions("logs", audit_json, changes.logs),
        ]
        if changes.deleted_job_ids:
            listed.append(News.of("jobs", jobs=[], deleted=changes.deleted_job_ids))
        news = [each for each in listed if len(each.data) <= EVENT_BYTES]
        too_many = changes.too_many.union(each.name for each in listed if each not in news)
        return [*news, reload_of(too_many)] if too_many else news


class _Counts:
    """Instances and stats, told at first and when they have changed."""

    def __init__(self, service: JobService) -> None:
        self._service = service
        self._due = 0.0
        self._stats_due = 0.0
        self._is_changed = True
        self._instances: list[InstanceView] | None = None
        self._stats: Stats | None = None

    def look(self, is_changed: bool) -> Iterator[News]:
        """What is told, with what has changed in the database known beside."""
        self._is_changed = self._is_changed or is_changed
        began = time.monotonic()
        if began < self._due:
            return
        yield from self._look_at_instances()
        if self._is_changed or began >= self._stats_due:
            self._stats_due = began + COUNTS_SECONDS_WITHOUT_CHANGE
            self._is_changed = False
            yield from self._look_at_stats()
        ended = time.monotonic()
        self._due = began + max(COUNTS_SECONDS, (ended - began) / COUNTS_PART)

    def _look_at_instances(self) -> Iterator[News]:
        before, self._instances = self._instances, self._service.instances()
        if before is None or _signs(before) != _signs(self._instances):
            yield News.of("instances", instances=[instance_json(view) for view in self._instances])

    def _look_at_stats(self) -> Iterator[News]:
        before, self._stats = self._stats, self._service.overview.stats(utc_now() - LAST_DAY)
        if before != self._stats:
            yield News.of("stats", **stats_json(self._stats))


def _portions(
    kind: str, shape: Callable[..., Json], rows: Sequence[Any], **more: Any
) -> Iterator[News]:
    """Events of this kind with the `rows`, so many each."""
    for start in range(0, len(rows), EVENT_ROWS):
        portion = rows[start : start + EVENT_ROWS]
        shown, hiding = (
            {kind: [shape(row, hides_secrets=hides) for row in portion], **more}
            for hides in (False, True)
        )
        yield News.of_both(kind, shown, hiding)


def _signs(views: list[InstanceView]) -> list[Any]:
    """All of instances but their heartbeats."""
    return [(v.instance.id, v.is_alive, v.running, v.instance.stopped_at) for v in views]
