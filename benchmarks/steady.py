"""Which rate of executions is held, with 99 of 100 at most 250 ms late and none unrecorded?

    python -m benchmarks.steady [--full | --quick]

Jobs fire every five seconds, each at an instant of its own. The rate goes up step by step, a
minute each; the last one that was held is told (0: not even the first).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial

from benchmarks.bursts import served, spread
from benchmarks.filling import add_jobs, instant_in, interval_job
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.peer_runs import run_peer
from benchmarks.places import NAMES, SQLITE, Place, kinds, new_place
from ndscheduler.corescheduler.clock import to_micros

MOST_LATE_MS = 250
PERIOD_SECONDS = 5
LEAD_SECONDS = 3
JOBS_ADDED_PER_SECOND = 4_000
Hold = Callable[[int], Figures]


def climb(rates: Sequence[int], hold: Hold) -> Figures:
    """The highest of `rates`, upwards, that `hold` could hold, and the figures of it."""
    held: Figures = {}
    for rate in rates:
        figures = hold(rate)
        is_held = figures["unrecorded"] == 0 and figures["lateness_p99_ms"] <= MOST_LATE_MS
        if is_held or not held:
            held = {"held_per_s": rate if is_held else 0, **figures}
        if not is_held:
            break
    return held


def hold_here(kind: str, seconds: int, rate: int) -> Figures:
    """How late executions were at this rate, and how many fires are not recorded."""
    with new_place(kind) as place, served(place):
        count = rate * PERIOD_SECONDS
        begin = instant_in(LEAD_SECONDS + count / JOBS_ADDED_PER_SECOND)
        apart = timedelta(seconds=PERIOD_SECONDS) / count
        firsts = (begin + apart * number for number in range(count))
        add_jobs(place, (interval_job(n, first, PERIOD_SECONDS) for n, first in enumerate(firsts)))
        # The first round warms up.
        counted = begin + timedelta(seconds=PERIOD_SECONDS)
        end = counted + timedelta(seconds=seconds)
        time.sleep(max(0.0, end.timestamp() + LEAD_SECONDS - time.time()))
        return figures_of(place, counted, end, rate * seconds)


def figures_of(place: Place, begin: datetime, end: datetime, expected: int) -> Figures:
    """Of the fire times from `begin` on, before `end`."""
    query = (
        "SELECT scheduled_time, started_time, count FROM scheduler_execution WHERE state = 5"
        f" AND scheduled_time >= {to_micros(begin)} AND scheduled_time < {to_micros(end)}"
    )
    with closing(place.connect()) as connection:
        rows = connection.execute(query).fetchall()
    late = [(started - scheduled) / 1000 for scheduled, started, _ in rows]
    return {**spread("lateness", late), "unrecorded": expected - sum(row[2] for row in rows)}


def hold_peer(kind: str, seconds: int, rate: int) -> Figures:
    """The same by APScheduler."""
    options = {"rate": rate, "seconds": seconds, "period": PERIOD_SECONDS, "wal": kind == SQLITE}
    return run_peer("apscheduler_steady", kind, options)


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """ndscheduler and APScheduler."""
    seconds = scale.pick(full=60, brief=15, quick=5)
    rates = scale.pick(full=(500, 1000, 1500, 2000), brief=(500, 1000), quick=(20,))
    peer_rates = scale.pick(full=(200, 300, 500), brief=(200, 500), quick=(20,))
    found = [("ndscheduler", rates, hold_here)]
    if scale.with_peers:
        found.append(("APScheduler", peer_rates, hold_peer))
    yield [
        Case(f"{name}, {NAMES[kind]}", partial(climb, steps, partial(hold, kind, seconds)))
        for name, steps, hold in found
        for kind in kinds()
    ]


if __name__ == "__main__":
    main("steady", __doc__, cases)
