"""Deletes old history: now and then, in small batches, never in the way of firing."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from ndscheduler.corescheduler.clock import uptime, utc_now
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.retention import OldExecution, Span
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import DatastoreUnavailable
from ndscheduler.corescheduler.keep_rules import (
    INSTANCE_AGE,
    INSTANCES_KEPT,
    LEAST_AGE,
    KeepRules,
    protected_age,
)

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MAX_BATCH_ROWS = 500
MIN_BATCH_ROWS = 20
FIRST_BATCH_ROWS = 100
# Batches grow and shrink towards this. Where a batch keeps all other writers waiting, a claim
# waits about so long.
BATCH_SECONDS = 0.15
ALONE_BATCH_SECONDS = 0.03
# After a batch nothing is done for so many times as long as it took.
PAUSE_FACTOR = 4.0
MIN_PAUSE_SECONDS = 0.01
# For each job as many index entries are read as are kept; so many in one transaction.
ENTRIES_AT_ONCE = 200_000
MAX_JOBS_AT_ONCE = 20

PASS_SECONDS = 3600.0
FIRST_PASS_SECONDS = 60.0
RETRY_SECONDS = 300.0
STOP_SECONDS = 1.0


class Stopped(Exception):
    """The scheduler ends; the rest is for the next pass."""


@dataclass(slots=True)
class Deleted:
    """How many rows of each kind a pass has deleted."""

    executions: int = 0
    output: int = 0
    statistics: int = 0
    audit: int = 0
    instances: int = 0

    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        return (
            f"{self.executions} executions ({self.output} pieces of output), "
            f"{self.statistics} rows of statistics, {self.audit} audit entries, "
            f"{self.instances} instances"
        )


class RetentionPass:
    """One look at all history. `pause(seconds)` is called after each batch; it may raise."""

    def __init__(
        self,
        datastore: DatastoreBase,
        rules: KeepRules,
        pause: Callable[[float], None],
        silent_before: dict[str, datetime] | None = None,
    ) -> None:
        self._datastore = datastore
        self._retention = datastore.retention
        self._rules = rules
        self._pause = pause
        # Signs of life that the pass before saw: only who has shown none since may go.
        self._silent_before = silent_before or {}
        self._batch_rows = FIRST_BATCH_ROWS
        locks_rows = datastore.dialect.locks_rows
        self._batch_seconds = BATCH_SECONDS if locks_rows else ALONE_BATCH_SECONDS
        self._now = utc_now()
        self.silent: dict[str, datetime] = {}
        self.deleted = Deleted()

    def run(self) -> Deleted:
        """Delete what the rules do not keep; what was deleted, also in `deleted` if it raises."""
        # By the database's clock, but never more than this machine's clock agrees with: one
        # clock that is set wrong must not cost the history.
        self._now = min(utc_now(), self._datastore.loop.read(self._datastore.dialect.now))
        rules = self._rules
        if rules.executions is not None:
            age = max(rules.executions, LEAST_AGE)
            self._delete_executions(self._now - age, age)
            self._delete_statistics(self._now - age)
        if rules.executions_per_job is not None:
            self._delete_beyond(rules.executions_per_job)
        if rules.audit is not None:
            self._delete_audit(self._now - max(rules.audit, LEAST_AGE))
        self._delete_instances()
        return self.deleted

    def _delete_executions(
        self, before: datetime, age: timedelta, job_id: str | None = None
    ) -> None:
        """Delete executions, of one job or of all, that were scheduled before `before`.

        And that nothing has changed for `age`.
        """
        last: OldExecution | None = None
        while True:
            limit = self._batch_rows
            window = self._read(self._retention.window, before, last, limit, job_id)
            if not window:
                return
            self._delete(self._old_enough(window, age))
            last = window[-1]

    def _old_enough(self, window: Sequence[OldExecution], age: timedelta) -> list[str]:
        """The ids of the finished ones of at least `age` that no grace time protects."""
        old = [e for e in window if not e.is_live and e.young_at < self._now - age]
        job_ids = {execution.job_id for execution in old}
        if not job_ids:
            return []
        graces = self._read(self._retention.graces, job_ids)
        default = self._rules.default_grace
        ages = {job_id: protected_age(graces.get(job_id, default)) for job_id in job_ids}
        return [e.id for e in old if e.young_at < self._now - ages[e.job_id]]

    def _delete(self, ids: list[str]) -> None:
        """Delete executions that may go, their output first."""
        if not ids:
            return
        pieces = MAX_BATCH_ROWS
        while pieces == MAX_BATCH_ROWS:
            pieces, executions = self._write(self._delete_in, ids)
            self.deleted.output += pieces
            self.deleted.executions += executions

    def _delete_in(self, connection: Connection, ids: list[str]) -> tuple[int, int]:
        """Delete some output, and once there is no more of it the executions; how many of each."""
        pieces = self._retention.delete_output(connection, ids, MAX_BATCH_ROWS)
        if pieces == MAX_BATCH_ROWS:
            return pieces, 0
        since = self._now - LEAST_AGE
        return pieces, self._retention.delete_executions(connection, ids, since)

    def _delete_beyond(self, count: int) -> None:
        """Delete the executions of each job that are older than its `count` newest."""

        jobs_at_once = max(1, min(MAX_JOBS_AT_ONCE, ENTRIES_AT_ONCE // count))

        def look(connection: Connection, after_id: str) -> dict[str, datetime | None]:
            nth = self._retention.nth_newest
            ids = self._retention.next_jobs(connection, after_id, jobs_at_once)
            return {job_id: nth(connection, job_id, count) for job_id in ids}

        after_id = ""
        while oldest_kept := self._read(look, after_id):
            for job_id, instant in oldest_kept.items():
                if instant is not None:
                    before = min(instant, self._now - LEAST_AGE)
                    self._delete_executions(before, LEAST_AGE, job_id)
            # The last in the database's order, which need not be Python's.
            after_id = list(oldest_kept)[-1]

    def _delete_statistics(self, before: datetime) -> None:
        span: Span | None = Span(before)
        while span is not None:
            rows, span = self._next(self._retention.delete_stats, span)
            self.deleted.statistics += rows

    def _delete_audit(self, before: datetime) -> None:
        span: Span | None = Span(before)
        while span is not None:
            rows, span = self._next(self._retention.delete_audit, span)
            self.deleted.audit += rows

    def _next(
        self,
        delete: Callable[[Connection, Span, int], tuple[int, datetime | None]],
        span: Span,
    ) -> tuple[int, Span | None]:
        """Delete one batch of `span`; how many rows, and what is left of the span."""
        rows, last = self._write(delete, span, self._batch_rows)
        return rows, None if last is None else Span(span.before, last)

    def _delete_instances(self) -> None:
        """Delete instances that showed no sign of life for long, nor since the pass before."""
        before = self._now - INSTANCE_AGE
        self.silent = self._read(self._retention.silent_instances, before, INSTANCES_KEPT)
        gone = [(i, at) for i, at in self.silent.items() if self._silent_before.get(i) == at]
        for start in range(0, len(gone), MAX_BATCH_ROWS):
            batch = dict(gone[start : start + MAX_BATCH_ROWS])
            self.deleted.instances += self._write(self._retention.delete_instances, batch)

    def _read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        began = uptime()
        answer = self._datastore.loop.read(work, *args, **kwargs)
        self._rest(uptime() - began)
        return answer

    def _write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        began = uptime()
        answer = self._datastore.loop.write(work, *args, **kwargs)
        took = uptime() - began
        self._batch_rows = _next_size(self._batch_rows, took / self._batch_seconds)
        self._rest(took)
        return answer

    def _rest(self, took: float) -> None:
        self._pause(max(MIN_PAUSE_SECONDS, PAUSE_FACTOR * took))


class RetentionThread:
    """Makes a pass about once an hour, and outlives every failure."""

    def __init__(
        self,
        datastore: DatastoreBase,
        rules: KeepRules,
        first_seconds: float = FIRST_PASS_SECONDS,
        every_seconds: float = PASS_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._datastore = datastore
        self._rules = rules
        self._first = first_seconds
        self._every = every_seconds
        self._retry = retry_seconds
        self._silent: dict[str, datetime] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._work, name="ndscheduler-retention", daemon=True
        )

    def start(self) -> None:
        """Start the thread; the first pass begins about a minute later."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is under way; wait for it only briefly."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        pause = self._first
        # Instances that were started together do not all look at the same minute.
        while not self._closing.wait(pause * random.uniform(0.75, 1.25)):  # nosec B311
            try:
                self._make_pass()
                pause = self._every
            except Stopped:
                return
            except DatastoreUnavailable as error:
                logger.warning("Old history was not deleted, which is tried again: %s", error)
                pause = self._retry
            except Exception:
                logger.exception("Old history was not deleted, which is tried again.")
                pause = self._retry

    def _make_pass(self) -> None:
        one = RetentionPass(self._datastore, self._rules, self._rest, self._silent)
        began = uptime()
        try:
            one.run()
            self._silent = one.silent
        finally:
            if one.deleted.total():
                logger.info("Deleted in %.1f s: %s.", uptime() - began, one.deleted)

    def _rest(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise Stopped


def _next_size(rows: int, part: float) -> int:
    """How many rows the next batch has, after one of `rows` that took this part of its time."""
    if part > 1:
        return max(MIN_BATCH_ROWS, rows // 2)
    return min(MAX_BATCH_ROWS, rows * 2) if part < 0.5 else rows
