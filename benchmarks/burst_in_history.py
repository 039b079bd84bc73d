"""The burst of 10,000 jobs with 1,000,000 executions there already, and with none.

    python -m benchmarks.burst_in_history [--full | --quick]

Each run has a copy of the same database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks.bursts import Burst, run_burst
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.history import filled
from benchmarks.places import NAMES, Place, kinds, new_place


def burst_in_copy(template: Place, count: int) -> Figures:
    """One burst of so many jobs, in a copy of `template`."""
    with new_place(template.kind, template) as place:
        return run_burst(place, Burst(count))


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, empty and full."""
    count = scale.pick(full=10_000, brief=10_000, quick=20)
    many = scale.pick(full=1_000_000, brief=200_000, quick=1_000)
    with ExitStack() as stack:
        found = []
        for kind in kinds():
            for rows in (0, many):
                template = stack.enter_context(filled(kind, count, rows))
                name = f"{NAMES[kind]}, {rows:,} executions there"
                found.append(Case(name, partial(burst_in_copy, template, count)))
        yield found


if __name__ == "__main__":
    main("burst_in_history", __doc__, cases)
