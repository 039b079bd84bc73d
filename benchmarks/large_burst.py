"""100,000 jobs due at one instant on SQLite: how long, and how much memory at most?

python -m benchmarks.large_burst [--full | --quick]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks.burst import burst_here
from benchmarks.harness import Case, Scale, main
from benchmarks.peer_runs import run_peer
from benchmarks.places import SQLITE


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """ndscheduler, and APScheduler in WAL."""
    count = scale.pick(full=100_000, brief=20_000, quick=50)
    found = [Case(f"ndscheduler, {count:,} jobs", partial(burst_here, SQLITE, count))]
    if scale.with_peers:
        peer = partial(run_peer, "apscheduler_burst", SQLITE, {"count": count, "wal": True})
        found.append(Case(f"APScheduler in WAL, {count:,} jobs", peer))
    yield found


if __name__ == "__main__":
    main("large_burst", __doc__, cases)
