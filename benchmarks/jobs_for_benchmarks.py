"""Job classes that the benchmarks schedule."""

from __future__ import annotations

from ndscheduler.corescheduler.job import JobBase


class NoopJob(JobBase):
    """Does nothing, so that only the scheduler's own work is measured."""

    def run(self, *args: object, **kwargs: object) -> None:
        """Return at once."""
