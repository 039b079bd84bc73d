"""10,000 jobs that do nothing, all due at one instant: when is the last recorded as finished?

    python -m benchmarks.burst [--full | --quick]

Peers run the same burst on their own: APScheduler (which keeps no history), Huey, Procrastinate.
The floor is the same statements on the raw driver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks import floor
from benchmarks.bursts import Burst, run_burst
from benchmarks.filling import add_jobs, cron_job
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.peer_runs import peer_cases
from benchmarks.places import NAMES, kinds, new_place


def burst_here(kind: str, count: int) -> Figures:
    """One burst of so many jobs, in a new database."""
    with new_place(kind) as place:
        add_jobs(place, (cron_job(number) for number in range(count)))
        return run_burst(place, Burst(count))


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """ndscheduler, the floor and the peers."""
    count = scale.pick(full=10_000, brief=10_000, quick=20)
    ours = [Case(f"ndscheduler, {NAMES[k]}", partial(burst_here, k, count)) for k in kinds()]
    floors = [Case(f"floor, {NAMES[k]}", partial(floor.measure_floor, k, count)) for k in kinds()]
    yield [*ours, *floors, *peer_cases(scale, count)]


if __name__ == "__main__":
    main("burst", __doc__, cases)
