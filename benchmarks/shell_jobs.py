"""ShellJobs of /bin/true, all due at one instant: how many per second are run and recorded?

    python -m benchmarks.shell_jobs [--full | --quick]

The floor is subprocess.run alone, one after the other.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks.bursts import Burst, run_burst
from benchmarks.filling import add_jobs, cron_job
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.places import NAMES, kinds, new_place

SHELL_JOB = "simple_scheduler.jobs.shell_job.ShellJob"
PROGRAM = "/bin/true"


def run_shell_jobs(kind: str, count: int) -> Figures:
    """One burst of so many programs."""
    with new_place(kind) as place:
        add_jobs(place, (cron_job(number, SHELL_JOB, [PROGRAM]) for number in range(count)))
        figures = run_burst(place, Burst(count))
    return {"per_s": count / figures["all_finished_s"], **figures}


def run_alone(count: int) -> Figures:
    """So many programs without a scheduler."""
    began = time.perf_counter()
    for _ in range(count):
        subprocess.run([PROGRAM], check=True)
    took = time.perf_counter() - began
    return {"per_s": count / took, "all_finished_s": took}


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, and the floor."""
    count = scale.pick(full=3_000, brief=1_000, quick=10)
    ours = [Case(f"ShellJob, {NAMES[k]}", partial(run_shell_jobs, k, count)) for k in kinds()]
    yield [*ours, Case("subprocess.run alone", partial(run_alone, count))]


if __name__ == "__main__":
    main("shell_jobs", __doc__, cases)
