"""From the start of the process to its first answer, and its memory when nothing is due.

    python -m benchmarks.starting [--full | --quick]

The database has 10,000 jobs and 1,000,000 executions, or none.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks.bursts import SETTINGS, memory_mb, peak_memory_mb
from benchmarks.client import Client
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.history import filled
from benchmarks.places import NAMES, Place, kinds
from tests.chaos.processes import Server

IDLE_SECONDS = 3.0
LOOK_AGAIN_SECONDS = 0.002


def first_answer(place: Place) -> Figures:
    """Start a server, ask for one page of jobs as soon as it listens, leave it alone a while."""
    server = Server(place.kind, place.db_config, {}, place.folder / "server.log", SETTINGS)
    began = time.perf_counter()
    server.launch()
    try:
        wait_for_port(server)
        client = Client(server.port)
        client.get("/jobs", limit=50)
        answered = time.perf_counter() - began
        client.close()
        time.sleep(IDLE_SECONDS)
        return {
            "first_answer_s": answered,
            "idle_memory_mb": memory_mb(server.pid),
            "peak_memory_mb": peak_memory_mb(server.pid),
        }
    finally:
        server.terminate()
        server.wait(60)


def wait_for_port(server: Server) -> None:
    """Return when the server takes connections; ends the program where it does not."""
    while server.is_running:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(LOOK_AGAIN_SECONDS)
    raise SystemExit(f"The server ended: {server.log.read_text()[-2000:]}")


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, empty and full."""
    jobs = scale.pick(full=10_000, brief=10_000, quick=50)
    rows = scale.pick(full=1_000_000, brief=200_000, quick=500)
    with ExitStack() as stack:
        found = []
        for kind in kinds():
            for job_count, row_count in ((0, 0), (jobs, rows)):
                place = stack.enter_context(filled(kind, job_count, row_count))
                name = f"{NAMES[kind]}, {job_count:,} jobs, {row_count:,} executions"
                found.append(Case(name, partial(first_answer, place)))
        yield found


if __name__ == "__main__":
    main("starting", __doc__, cases)
