"""APScheduler with SQLAlchemyJobStore: jobs that fire every few seconds, each at its own time."""

from __future__ import annotations

import json
import math
import statistics
import time
from datetime import datetime, timedelta, timezone
from typing import Any

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.triggers.interval import IntervalTrigger

from benchmarks.peers.apscheduler_burst import fill_with, job_store, new_scheduler
from benchmarks.peers.common import LEAD_SECONDS, options

# (the time that the trigger named, the time at which the call began), in seconds since 1970.
calls: list[tuple[float, float]] = []


def main() -> None:
    """Fill the store, run the scheduler for so long, print the figures."""
    asked = options()
    store = job_store(asked)
    count = asked["rate"] * asked["period"]
    begin = math.ceil(time.time() + LEAD_SECONDS + count / 1_000)

    def fire_of(number: int) -> datetime:
        offset = timedelta(seconds=number * asked["period"] / count)
        return datetime.fromtimestamp(begin, timezone.utc) + offset

    def trigger_of(number: int) -> IntervalTrigger:
        return IntervalTrigger(seconds=asked["period"], start_date=fire_of(number))

    fill_with(store, count, trigger_of, fire_of, call=now)
    scheduler = new_scheduler(store)
    scheduler.add_listener(note, EVENT_JOB_EXECUTED)
    scheduler.start()
    # The first round warms up.
    first = begin + asked["period"]
    end = first + asked["seconds"]
    time.sleep(max(0.0, end + LEAD_SECONDS - time.time()))
    counted = [call for call in list(calls) if first <= call[0] < end]
    print_steady(counted, asked)
    scheduler.shutdown(wait=False)


def now(number: int) -> float:
    """The job: tells when it was called."""
    return time.time()


def note(event: Any) -> None:
    """Note an execution that ended."""
    calls.append((event.scheduled_run_time.timestamp(), event.retval))


def print_steady(counted: list[tuple[float, float]], asked: dict[str, Any]) -> None:
    """The figures, as JSON on the last line."""
    late = sorted(1000 * (began - fire) for fire, began in counted) or [math.inf]
    figures = {
        "lateness_p50_ms": statistics.median(late),
        "lateness_p99_ms": late[min(len(late) - 1, int(len(late) * 0.99))],
        "unrecorded": asked["rate"] * asked["seconds"] - len(counted),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
