"""Loaded by Python processes with a wrong clock.

libfaketime 0.9.10 breaks clock_nanosleep(), with which Python 3.11 and later sleep: it fails with
EINVAL while the monotonic clock is left true. To wait for nothing does the same.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], max(0.0, seconds))


time.sleep = _sleep  # type: ignore[assignment]
