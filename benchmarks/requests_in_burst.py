"""GET /api/v1/jobs/{id}, fifty times a second while 10,000 jobs run: how long does it take?

    python -m benchmarks.requests_in_burst [--full | --quick]

From the instant at which the jobs are due until the last is recorded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from benchmarks.bursts import Burst, run_burst, spread
from benchmarks.client import Client
from benchmarks.filling import add_jobs, cron_job, job_id
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.places import NAMES, kinds, new_place
from tests.chaos.processes import Server

PAUSE_SECONDS = 0.02


class Reader:
    """Reads one job again and again, and notes how long that took."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._done = threading.Event()

    @contextmanager
    def reading(self, server: Server, due: datetime) -> Iterator[None]:
        """Read while the block runs; what began before `due` does not count."""
        thread = threading.Thread(target=self._read, args=(server.port, due), daemon=True)
        thread.start()
        yield
        self._done.set()
        thread.join(60)

    def _read(self, port: int, due: datetime) -> None:
        client = Client(port)
        while not self._done.is_set():
            is_due = time.time() >= due.timestamp()
            began = time.perf_counter()
            client.get(f"/jobs/{job_id(0)}")
            if is_due:
                self.waits.append(1000 * (time.perf_counter() - began))
            time.sleep(PAUSE_SECONDS)
        client.close()


def requests_meanwhile(kind: str, count: int) -> Figures:
    """The figures of one burst and of the requests meanwhile."""
    reader = Reader()
    with new_place(kind) as place:
        add_jobs(place, (cron_job(number) for number in range(count)))
        burst = run_burst(place, Burst(count), reader.reading)
    return {
        **spread("answer", reader.waits),
        "answer_max_ms": max(reader.waits),
        "answers": len(reader.waits),
        "all_finished_s": burst["all_finished_s"],
    }


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database."""
    count = scale.pick(full=10_000, brief=10_000, quick=200)
    yield [Case(NAMES[kind], partial(requests_meanwhile, kind, count)) for kind in kinds()]


if __name__ == "__main__":
    main("requests_in_burst", __doc__, cases)
