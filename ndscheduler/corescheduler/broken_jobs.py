"""Which jobs can not run: their class is not found, or their row can not be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from ndscheduler.corescheduler.clock import EPOCH, utc_now
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import Broken
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.views import JobViewer

_ROWS = 1000
# An instant in a row is of before its COMMIT, and of the clock of whoever wrote it.
_OVERLAP = timedelta(minutes=5)


class BrokenJobs:
    """Finds them without reading every job every time. Safe to use from several threads.

    What is wrong with a row changes only with the row, so after the first time only rows that
    were changed since are read.
    """

    def __init__(self, datastore: DatastoreBase, viewer: JobViewer) -> None:
        self._jobs = datastore.jobs
        self._viewer = viewer
        self._lock = threading.Lock()
        self._seen_until = EPOCH
        self._row_problems: dict[str, str] = {}

    def find(self, connection: Connection) -> Broken:
        """Those that can not run; some of `job_ids` may be of jobs that were deleted since."""
        return Broken(
            frozenset(self.class_problems(connection)), frozenset(self.row_problems(connection))
        )

    def class_problems(self, connection: Connection) -> dict[str, str]:
        """A sentence for each class of a job that can not be found."""
        names = self._jobs.classes(connection)
        problems = {name: self._viewer.class_problem(name) for name in names}
        return {name: problem for name, problem in problems.items() if problem is not None}

    def row_problems(self, connection: Connection) -> dict[str, str]:
        """A sentence for each job whose schedule or arguments can not be read, by its id."""
        with self._lock:
            since = self._seen_until - _OVERLAP
        # No thread waits for another's database here: what two read twice, they find the same.
        looked_at = list(self._changed(connection, since))
        with self._lock:
            for job_id, problem, updated_at in looked_at:
                self._row_problems.pop(job_id, None)
                if problem is not None:
                    self._row_problems[job_id] = problem
                self._seen_until = max(self._seen_until, min(updated_at, utc_now()))
            return dict(self._row_problems)

    def _changed(
        self, connection: Connection, since: datetime
    ) -> Iterator[tuple[str, str | None, datetime]]:
        """(id, problem, when it was changed) of every job that was changed at `since` or later."""
        found = self._jobs.changed_since(connection, since, "", _ROWS)
        while found:
            for job in found:
                yield job.id, self._viewer.row_problem(job), job.updated_at
            found = self._jobs.changed_since(connection, since, found[-1].id, _ROWS)
