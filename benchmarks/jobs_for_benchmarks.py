"""Job classes that the benchmarks schedule."""

from __future__ import annotations

import time

from ndscheduler.corescheduler.job import JobBase


class NoopJob(JobBase):
    """Does nothing, so that only the scheduler's own work is measured."""

    def run(self, *args: object, **kwargs: object) -> None:
        """Return at once."""


class NapJob(JobBase):
    """Waits as a job that asks others over the network does."""

    def run(self, seconds: float = 0.02, *args: object, **kwargs: object) -> None:
        """Return after so many seconds."""
        time.sleep(seconds)
