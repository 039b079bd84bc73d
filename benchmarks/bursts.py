"""One burst: a server that is started as users start it, jobs that are all due at one instant."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.filling import instant_in, make_due
from benchmarks.harness import Figures, percentile, wait_for
from benchmarks.places import Place
from ndscheduler.corescheduler.clock import to_micros
from tests.chaos.processes import Server

# The loop looks for changes of others every second, and warms up what is due within two.
LEAD_SECONDS = 3.0
JOBS_PREPARED_PER_SECOND = 20_000
MOST_SECONDS = 900.0
SETTINGS = {
    # Not all of benchmarks: what is imported counts as memory of the server.
    "JOB_CLASS_PACKAGES": ["benchmarks.jobs_for_benchmarks", "simple_scheduler.jobs"],
    "THREAD_POOL_SIZE": 8,
    "LOGGING_LEVEL": "WARNING",
}
# What goes on while jobs run: begins before they are due, ends after the last.
Meanwhile = Callable[[Server, datetime], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Burst:
    """What is measured: `count` jobs due at once, on so many instances."""

    count: int
    instances: int = 1
    settings: dict[str, Any] = field(default_factory=dict)


@contextmanager
def served(place: Place, **settings: Any) -> Iterator[Server]:
    """A server on the database of `place`, which answers when the block begins."""
    with all_served(place, 1, settings) as servers:
        yield servers[0]


@contextmanager
def all_served(place: Place, count: int, settings: Mapping[str, Any]) -> Iterator[list[Server]]:
    """So many servers, started at once, which all answer when the block begins."""
    logs = [place.folder / f"server-{number}.log" for number in range(count)]
    given = {**SETTINGS, **settings}
    servers = [Server(place.kind, place.db_config, {}, log, given) for log in logs]
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.wait_ready()
        yield servers
    finally:
        end_all(servers)


def end_all(servers: Sequence[Server]) -> None:
    """End them in good order; what does not end within a minute is killed."""
    running = [server for server in servers if server.is_running]
    for server in running:
        server.terminate()
    for server in running:
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()


def run_burst(place: Place, burst: Burst, meanwhile: Meanwhile | None = None) -> Figures:
    """The figures of one burst of jobs that are in `place` already."""
    place.settle()
    with all_served(place, burst.instances, burst.settings) as servers:
        due = instant_in(LEAD_SECONDS + burst.count / JOBS_PREPARED_PER_SECOND)
        make_due(place, due, burst.count)
        with meanwhile(servers[0], due) if meanwhile else nullcontext():
            ended = wait_until_recorded(place, due)
        peaks = [peak_memory_mb(server.pid) for server in servers]
    return {
        "all_finished_s": ended - due.timestamp(),
        **lateness_figures(place, due, burst.count),
        "peak_memory_mb": max(peaks),
    }


def wait_until_recorded(place: Place, due: datetime) -> float:
    """The wall clock when no job was due any more and no execution unfinished, seen from outside.

    What is asked is cheap, however many rows there are.
    """
    micros = to_micros(due)
    with closing(place.connect()) as connection:

        def is_over() -> bool:
            for query in (
                f"SELECT 1 FROM scheduler_jobs WHERE next_fire <= {micros} LIMIT 1",
                "SELECT 1 FROM scheduler_execution WHERE live = 1 LIMIT 1",
            ):
                if connection.execute(query).fetchone() is not None:
                    return False
            return True

        return wait_for(is_over, MOST_SECONDS, "the end of the burst")


def lateness_figures(place: Place, due: datetime, expected: int) -> Figures:
    """How late the executions of `due` started, and how many are not recorded as succeeded."""
    where = f"scheduled_time = {to_micros(due)}"
    query = f"SELECT started_time, state FROM scheduler_execution WHERE {where}"
    with closing(place.connect()) as connection:
        rows = connection.execute(query).fetchall()
    late = [(row[0] - to_micros(due)) / 1e3 for row in rows if row[1] == 5]
    return {**spread("lateness", late), "unrecorded": expected - len(late)}


def spread(name: str, milliseconds: Sequence[float]) -> Figures:
    """The median and the 99th percentile."""
    return {
        f"{name}_p50_ms": statistics.median(milliseconds),
        f"{name}_p99_ms": percentile(milliseconds, 99),
    }


def peak_memory_mb(pid: int) -> float:
    """The most memory that the process `pid` has had so far."""
    return _memory_mb(pid, "VmHWM")


def memory_mb(pid: int) -> float:
    """The memory that the process `pid` has now."""
    return _memory_mb(pid, "VmRSS")


def _memory_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
