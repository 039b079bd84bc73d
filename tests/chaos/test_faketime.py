"""The clocks that the harness sets wrong are wrong, and those that it must leave true are true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ndscheduler.corescheduler.clock import uptime, utc_now
from tests.chaos.faketime import WrongClock, missing_reason

TELL = """
import time
from ndscheduler.corescheduler.clock import uptime, utc_now
before = time.monotonic()
time.sleep(0.2)
print(utc_now().timestamp(), uptime(), time.monotonic() - before)
"""


@pytest.mark.parametrize("seconds", [600, -600, 3600, -3600])
def test_only_the_wall_clock_is_wrong(seconds: int, tmp_path: Path) -> None:
    if missing_reason() is not None:
        pytest.skip(str(missing_reason()))
    clock = WrongClock(tmp_path / "clock")
    clock.step(seconds)

    wall, up, slept = told_by_a_process(clock)

    assert wall - utc_now().timestamp() == pytest.approx(seconds, abs=5)
    assert up == pytest.approx(uptime(), abs=5)
    assert slept == pytest.approx(0.2, abs=0.15)


def told_by_a_process(clock: WrongClock) -> list[float]:
    """Wall clock, uptime and the length of a sleep of 0.2 s in a process that has `clock`."""
    done = subprocess.run(
        [sys.executable, "-c", TELL],
        env={**os.environ, **clock.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(part) for part in done.stdout.split()]
