"""A claim of 100 due jobs among 1,000 to 1,000,000: how long does its transaction take?

    python -m benchmarks.claim_cost [--full | --quick]

This is the claim of the scheduler's loop, called in this process, without a server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from functools import partial

from benchmarks.bursts import spread
from benchmarks.filling import make_due
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.history import add_many_jobs
from benchmarks.places import NAMES, Place, kinds, new_place
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.core.claiming import LoopParts, claim_due
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.factories import an_instance

DUE = 100
LIMIT = 500


def loop_parts() -> LoopParts:
    """What a claim needs to know of its instance; nothing is started."""
    return LoopParts(
        instance=an_instance(),
        executor="threads",
        clock=SteadyClock(),
        is_okay_to_run=lambda: True,
        is_fenced=lambda: False,
        capacity=lambda: 0,
        backlog=lambda: 0,
        held_ids=list,
        submit=lambda executions: None,
        on_ended=lambda executions: None,
        resume_paused=lambda connection, now: 0,
    )


def claims(place: Place, count: int) -> Figures:
    """The times of `count` claims; before each, the same jobs are made due, and free again."""
    waits = []
    with place.datastore() as store:
        for _ in range(count):
            end_all(place)
            make_due(place, datetime.now(timezone.utc).replace(microsecond=0), DUE)
            waits.append(timed_claim(store))
    return {"mean_ms": statistics.mean(waits), **spread("claim", waits)}


def timed_claim(store: DatastoreBase) -> float:
    """How long one claim took, in milliseconds."""
    began = time.perf_counter()
    jobs, executions = store.loop.write(claim_due, store, loop_parts(), LIMIT)
    took = 1000 * (time.perf_counter() - began)
    if jobs != DUE or len(executions) != DUE:
        raise SystemExit(f"{jobs} jobs were claimed and {len(executions)} executions made.")
    return took


def end_all(place: Place) -> None:
    """Delete what the claim before this one made."""
    with closing(place.connect()) as connection:
        connection.execute("DELETE FROM scheduler_execution")


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, by how many jobs it has."""
    sizes = scale.pick(
        full=(1_000, 10_000, 100_000, 1_000_000), brief=(1_000, 100_000), quick=(200, 1_000)
    )
    count = scale.pick(full=50, brief=20, quick=2)
    with ExitStack() as stack:
        found = []
        for kind in kinds():
            for size in sizes:
                place = stack.enter_context(new_place(kind))
                add_many_jobs(place, 0, size)
                place.settle()
                found.append(Case(f"{NAMES[kind]}, {size:,} jobs", partial(claims, place, count)))
        yield found


if __name__ == "__main__":
    main("claim_cost", __doc__, cases)
