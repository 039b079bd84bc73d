"""Huey on SQLite: calls scheduled for one instant, run by eight threads; results are kept."""

from __future__ import annotations

import logging
import math
import time
from datetime import datetime, timezone
from typing import Any

from huey import SqliteHuey
from huey.signals import SIGNAL_COMPLETE

from benchmarks.peers.common import LEAD_SECONDS, THREADS, options, print_figures, wait_for_all

started: list[float] = []
ended: list[float] = []


def main() -> None:
    """Schedule the calls, run the consumer, print the figures."""
    logging.disable(logging.INFO)
    asked = options()
    file = asked["url"].removeprefix("sqlite:///")
    due = math.ceil(time.time() + LEAD_SECONDS + asked["count"] / 500)
    # Only filling does without waiting for the disk.
    fill(SqliteHuey(filename=file, fsync=False, store_none=True), asked["count"], due)
    if time.time() > due - 1:
        raise SystemExit("Filling took too long.")
    huey = SqliteHuey(filename=file, fsync=True, store_none=True)
    huey.task(name="noop")(noop)
    huey.signal(SIGNAL_COMPLETE)(lambda *about: ended.append(time.time()))
    consumer = huey.create_consumer(
        workers=THREADS, worker_type="thread", check_worker_health=False
    )
    consumer.start()
    wait_for_all(ended, asked["count"])
    consumer.stop()
    print_figures(due, started, ended, asked["count"])


def noop(number: int) -> None:
    """Note when it was called."""
    started.append(time.time())


def fill(huey: Any, count: int, due: float) -> None:
    """Schedule `count` calls for `due`."""
    task = huey.task(name="noop")(noop)
    eta = datetime.fromtimestamp(due, timezone.utc)
    for number in range(count):
        task.schedule((number,), eta=eta)


if __name__ == "__main__":
    main()
