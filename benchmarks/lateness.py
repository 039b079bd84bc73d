"""1,000 jobs due at one instant: how late do they start?

python -m benchmarks.lateness [--full | --quick]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks.burst import burst_here
from benchmarks.harness import Case, Scale, main
from benchmarks.peer_runs import peer_cases
from benchmarks.places import NAMES, kinds


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """ndscheduler and APScheduler."""
    count = scale.pick(full=1_000, brief=1_000, quick=20)
    ours = [Case(f"ndscheduler, {NAMES[k]}", partial(burst_here, k, count)) for k in kinds()]
    yield [*ours, *peer_cases(scale, count, only_apscheduler=True)]


if __name__ == "__main__":
    main("lateness", __doc__, cases)
