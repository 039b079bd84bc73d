"""Packages of job classes that a test writes for itself, with the fixture `write`."""

from __future__ import annotations

from collections.abc import Callable

GOOD = """
from ndscheduler.corescheduler import job

class Good(job.JobBase):
    def run(self, *args, **kwargs):
        return 1
"""

WritePackage = Callable[..., str]
