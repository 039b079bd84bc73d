"""What the programs for peers share. They know nothing of ndscheduler."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

THREADS = 8
LEAD_SECONDS = 3.0
MOST_SECONDS = 1200.0


def options() -> dict[str, Any]:
    """What the benchmark asks for, from the command line."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    return given


def wait_for_all(ended: Sequence[float], count: int) -> None:
    """Return when `ended` has `count` entries; ends the program where that takes too long."""
    deadline = time.monotonic() + MOST_SECONDS
    while len(ended) < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(ended)} of {count} have ended after {MOST_SECONDS} s.")
        time.sleep(0.02)


def print_figures(due: float, started: Sequence[float], ended: Sequence[float], count: int) -> None:
    """The figures of a burst, all times as seconds since 1970, on the last line."""
    late = sorted(1000 * (at - due) for at in started)
    figures = {
        "all_finished_s": max(ended) - due,
        "lateness_p50_ms": statistics.median(late),
        "lateness_p99_ms": late[min(len(late) - 1, int(len(late) * 0.99))],
        "unrecorded": count - len(ended),
    }
    print(json.dumps(figures))
