"""Which jobs can not run: their class is not found, or their row can not be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import Broken
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.views import JobViewer

_ROWS = 1000
# A change is dated before its COMMIT, which may come late.
_OVERLAP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Problems:
    """A sentence for each class that can not be found, and for each job whose row is broken."""

    by_class: dict[str, str]
    by_job_id: dict[str, str]

    @property
    def which(self) -> Broken:
        """The jobs that these are the problems of; some may have been deleted."""
        return Broken(frozenset(self.by_class), frozenset(self.by_job_id))


class BrokenJobs:
    """Finds them without reading every job every time. Safe to use from several threads.

    What is wrong with a row changes only with the row, so after the first time only rows that
    were changed since are read.
    """

    def __init__(self, datastore: DatastoreBase, viewer: JobViewer) -> None:
        self._jobs = datastore.jobs
        self._now = datastore.dialect.now
        self._viewer = viewer
        self._lock = threading.Lock()
        self._seen_until = EPOCH
        self._by_job_id: dict[str, str] = {}

    def find(self, connection: Connection) -> Problems:
        """All that is wrong with classes and rows; whether the jobs are paused or not."""
        names = self._jobs.classes(connection)
        looked_at = {name: self._viewer.class_problem(name) for name in names}
        missing = {name: problem for name, problem in looked_at.items() if problem is not None}
        return Problems(missing, self._row_problems(connection))

    def _row_problems(self, connection: Connection) -> dict[str, str]:
        """A sentence for each job whose schedule or arguments can not be read, by its id."""
        with self._lock:
            since = self._seen_until - _OVERLAP
        now = self._now(connection)
        # No thread waits for another's database here: what two read twice, they find the same.
        looked_at = list(self._changed(connection, since))
        with self._lock:
            for job_id, problem in looked_at:
                self._by_job_id.pop(job_id, None)
                if problem is not None:
                    self._by_job_id[job_id] = problem
            self._seen_until = max(self._seen_until, now)
            return dict(self._by_job_id)

    def _changed(self, connection: Connection, since: datetime) -> Iterator[tuple[str, str | None]]:
        """(id, problem) of every job that was changed at `since` or later."""
        found = self._jobs.changed_since(connection, since, "", _ROWS)
        while found:
            for job in found:
                yield job.id, self._viewer.row_problem(job)
            found = self._jobs.changed_since(connection, since, found[-1].id, _ROWS)
