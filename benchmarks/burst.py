"""How long until N no-op jobs, all due at one instant, are run and recorded as finished?

Meanwhile a client reads one job through the REST API, again and again: how long does it wait?

    python -m benchmarks.burst --jobs 10000 --runs 5

prints a table and, with --json FILE, writes the figures. The server is a process of its own,
started as users start it, on a new SQLite file each run (WAL, synchronous=FULL); every job has
a cron line of its own kind. A bare loop of the same statements on the raw driver is timed in
the same run, as the floor.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ndscheduler.corescheduler.clock import new_id, to_micros
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.models import Job

ROOT = Path(__file__).resolve().parent.parent
NOOP = "benchmarks.jobs_for_benchmarks.NoopJob"
LEAD_SECONDS = 4.0


@dataclass
class BurstFigures:
    """The figures of one run, in seconds."""

    all_finished: float
    lateness_p50: float
    lateness_p99: float
    request_p50: float
    request_p99: float
    request_max: float
    floor: float


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    runs = []
    for number in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(one_run(Path(folder), options.jobs))
        print(f"run {number + 1}: {runs[-1]}", flush=True)
    report(options.jobs, runs, options.json)


def report(jobs: int, runs: list[BurstFigures], target: Path | None) -> None:
    """Print the medians and, if asked, write them as JSON."""
    names = list(BurstFigures.__dataclass_fields__)
    medians = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    print(f"\n{jobs} jobs due at one instant, SQLite, median of {len(runs)} runs")
    print(f"{platform.python_version()}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}")
    for name, value in medians.items():
        print(f"  {name:14} {value * 1000:10.1f} ms")
    print(f"  ratio to the bare loop {medians['all_finished'] / medians['floor']:.1f}")
    if target is not None:
        target.write_text(json.dumps({"jobs": jobs, "runs": len(runs), "seconds": medians}))


def one_run(folder: Path, count: int) -> BurstFigures:
    """Fill a database, serve it, wait until all executions are finished."""
    database = folder / "datastore.db"
    due, job_id = fill(database, count)
    port = free_port()
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(
            serve_command(port), cwd=ROOT, env=environment(database), stdout=log, stderr=log
        )
        try:
            waits = watch(port, job_id, database, count, due)
        finally:
            server.terminate()
            server.wait(60)
    last, lateness = results(database, due)
    return BurstFigures(
        all_finished=last,
        lateness_p50=statistics.median(lateness),
        lateness_p99=percentile_99(lateness),
        request_p50=statistics.median(waits),
        request_p99=percentile_99(waits),
        request_max=max(waits),
        floor=bare_loop(folder / "floor.db", count),
    )


def percentile_99(values: list[float]) -> float:
    """The value that 99 of 100 do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def fill(database: Path, count: int) -> tuple[datetime, str]:
    """`count` jobs of differing cron lines, all due next at one instant a moment from now."""
    store = DatastoreSqlite({"file_path": str(database)}, None)
    store.open()
    now = datetime.now(timezone.utc)
    due = now.replace(microsecond=0) + timedelta(seconds=LEAD_SECONDS + count / 10_000)
    jobs = [a_job(number, now, due) for number in range(count)]

    def insert(connection: Any) -> None:
        for job in jobs:
            store.jobs.insert(connection, job)

    # Filling takes a while; the instant is set when it is done.
    store.write(insert)
    now = datetime.now(timezone.utc)
    due = now.replace(microsecond=0) + timedelta(seconds=LEAD_SECONDS)
    with store.engine.begin() as connection:
        connection.execute(store.tables.jobs.update().values(next_fire=due))
    store.close()
    return due, jobs[0].id


def a_job(number: int, now: datetime, due: datetime) -> Job:
    """A job whose cron line differs from its neighbours'."""
    fields = {
        "minute": str(number % 60),
        "hour": f"{number % 23}-23",
        "day": f"*/{number % 27 + 1}",
    }
    return Job(
        id=new_id(),
        name=f"Job {number}",
        job_class_string=NOOP,
        args_json=json.dumps([number]),
        kwargs_json="{}",
        trigger_json=json.dumps({"type": "cron", **fields}),
        timezone="UTC",
        created_at=now,
        updated_at=now,
        misfire_grace_seconds=3600,
        next_fire=due,
    )


def serve_command(port: int) -> list[str]:
    """How a user starts the server."""
    return [sys.executable, "-m", "ndscheduler", "serve", "-p", str(port)]


def environment(database: Path) -> dict[str, str]:
    """The settings of the server, by environment variables."""
    return {
        **os.environ,
        "NDSCHEDULER_DATABASE_CLASS": "sqlite",
        "NDSCHEDULER_DATABASE_CONFIG_DICT": json.dumps({"file_path": str(database)}),
        "NDSCHEDULER_JOB_CLASS_PACKAGES": "[benchmarks]",
        "NDSCHEDULER_THREAD_POOL_SIZE": "8",
        "NDSCHEDULER_LOGGING_LEVEL": "WARNING",
    }


def watch(port: int, job_id: str, database: Path, count: int, due: datetime) -> list[float]:
    """Ask for one job until all have finished; how long each answer took, from `due` on."""
    url = f"http://127.0.0.1:{port}/api/v1/jobs/{job_id}"
    waits: list[float] = []
    done = threading.Event()
    wait_for_server(url)
    reader = threading.Thread(target=ask_until, args=(url, due, done, waits), daemon=True)
    reader.start()
    deadline = due.timestamp() + 300
    while time.time() < deadline:
        time.sleep(0.25)
        if time.time() > due.timestamp() and finished_count(database) >= count:
            break
    done.set()
    reader.join(10)
    return waits


def ask_until(url: str, due: datetime, done: threading.Event, waits: list[float]) -> None:
    """Read `url` twenty times a second."""
    while not done.is_set():
        began = time.perf_counter()
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
        if time.time() >= due.timestamp():
            waits.append(time.perf_counter() - began)
        time.sleep(0.05)


def wait_for_server(url: str) -> None:
    """Return when `url` answers."""
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("The server did not start.")


def finished_count(database: Path) -> int:
    """How many executions succeeded."""
    with sqlite3.connect(database, timeout=10) as connection:
        query = "SELECT count(*) FROM scheduler_execution WHERE state = 5"
        return int(connection.execute(query).fetchone()[0])


def results(database: Path, due: datetime) -> tuple[float, list[float]]:
    """(seconds from `due` to the last end, seconds from `due` to each start)."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT started_time, updated_time FROM scheduler_execution WHERE state = 5"
        ).fetchall()
    base = to_micros(due)
    last = max(row[1] for row in rows)
    return (last - base) / 1e6, [(row[0] - base) / 1e6 for row in rows]


def bare_loop(path: Path, count: int) -> float:
    """Insert, start and finish `count` rows with the raw driver, in transactions of 500."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE jobs (id TEXT PRIMARY KEY, next INTEGER);"
        "CREATE TABLE runs (id TEXT PRIMARY KEY, job TEXT, fire INTEGER, state INTEGER,"
        " started INTEGER, finished INTEGER, result TEXT, UNIQUE (job, fire));"
    )
    ids = [new_id() for _ in range(count)]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO jobs VALUES (?, 0)", [(one,) for one in ids])
    connection.execute("COMMIT")
    began = time.perf_counter()
    for first in range(0, count, 500):
        some = ids[first : first + 500]
        for statement, rows in (
            ("INSERT INTO runs VALUES (?, ?, 0, 0, NULL, NULL, NULL)", [(i, i) for i in some]),
            ("UPDATE jobs SET next = 1 WHERE id = ?", [(i,) for i in some]),
            ("UPDATE runs SET state = 1, started = 1 WHERE id = ?", [(i,) for i in some]),
            (
                "UPDATE runs SET state = 5, finished = 2, result = 'null' WHERE id = ?",
                [(i,) for i in some],
            ),
        ):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
