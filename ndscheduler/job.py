"""[compat] The path of release 0.3.0 for `ndscheduler.corescheduler.job`."""

from __future__ import annotations

from ndscheduler.corescheduler.job import JobBase

__all__ = ["JobBase"]
