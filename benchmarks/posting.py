"""POST /api/v1/jobs: how many per second on one connection, and on sixteen?

python -m benchmarks.posting [--full | --quick]
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.bursts import served, spread
from benchmarks.client import Client
from benchmarks.cron_lines import cron_fields
from benchmarks.filling import NOOP
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.places import NAMES, kinds, new_place

WARM_UP = 20


def a_body(number: int) -> dict[str, Any]:
    """A new job."""
    return {
        "name": f"Job {number}",
        "job_class_string": NOOP,
        "pub_args": [number],
        **cron_fields(number),
    }


def post_all(port: int, numbers: Sequence[int]) -> list[float]:
    """Add jobs one after the other on one connection; how long each took, in milliseconds."""
    client, waits = Client(port), []
    for number in numbers:
        began = time.perf_counter()
        client.post("/jobs", a_body(number))
        waits.append(1000 * (time.perf_counter() - began))
    client.close()
    return waits


def post_on(kind: str, connections: int, count: int) -> Figures:
    """`count` jobs on so many connections at once, to a new server."""
    with new_place(kind) as place, served(place) as server:
        post_all(server.port, range(WARM_UP))
        parts = [range(number, count, connections) for number in range(connections)]
        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            waits = [
                wait for part in pool.map(partial(post_all, server.port), parts) for wait in part
            ]
        took = time.perf_counter() - began
    return {"per_s": count / took, **spread("answer", waits)}


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, one connection and sixteen."""
    count = scale.pick(full=4_000, brief=1_000, quick=32)
    yield [
        Case(
            f"{NAMES[kind]}, {connections} connection(s)",
            partial(post_on, kind, connections, count),
        )
        for kind in kinds()
        for connections in (1, 16)
    ]


if __name__ == "__main__":
    main("posting", __doc__, cases)
