"""10,000 jobs of 20 ms due at one instant, on PostgreSQL: one instance against four.

python -m benchmarks.instances [--full | --quick]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial

from benchmarks.bursts import Burst, run_burst
from benchmarks.filling import add_jobs, cron_job
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.places import POSTGRES, Place, kinds, new_place

NAP = "benchmarks.jobs_for_benchmarks.NapJob"
NAP_SECONDS = 0.02


def burst_on(instances: int, count: int) -> Figures:
    """One burst on so many instances."""
    with new_place(POSTGRES) as place:
        add_jobs(place, (cron_job(number, NAP, [NAP_SECONDS]) for number in range(count)))
        figures = run_burst(place, Burst(count, instances))
        return {**figures, **shares(place, count, instances)}


def shares(place: Place, count: int, instances: int) -> Figures:
    """The least and the most that an instance ran, in percent, and how often PostgreSQL undid one
    of two transactions that waited for each other."""
    owners = "SELECT count(*) FROM scheduler_execution WHERE owner IS NOT NULL GROUP BY owner"
    undone = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with closing(place.connect()) as connection:
        ran = [row[0] for row in connection.execute(owners)]
        deadlocks = connection.execute(undone).fetchone()[0]
    return {
        "least_percent": 100 * min(ran) / count if len(ran) == instances else 0,
        "most_percent": 100 * max(ran) / count,
        "deadlocks": deadlocks,
    }


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """One instance, and four."""
    if POSTGRES not in kinds():
        raise SystemExit("This takes a PostgreSQL server: see NDSCHEDULER_TEST_POSTGRES_URL.")
    count = scale.pick(full=10_000, brief=2_000, quick=40)
    yield [
        Case("1 instance", partial(burst_on, 1, count)),
        Case("4 instances", partial(burst_on, 4, count)),
    ]


if __name__ == "__main__":
    main("instances", __doc__, cases)
