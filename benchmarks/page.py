"""How long until a browser shows the first row of Jobs, with 10,000 jobs?

    python -m benchmarks.page --jobs 10000 --runs 5

prints a table and, with --json FILE, writes the figures. The server is a process of its own,
started as users start it, on a SQLite file with 51,250 executions; each run is a browser that has
never been here. `make static` must have built the page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.burst import ROOT, environment, free_port, serve_command, wait_for_server
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.ui.many import fill_many

# So long the page is watched after its first row is there.
WATCHED_MILLISECONDS = 2000

# Notes in each new page when the first row is drawn, and every task of more than 50 ms.
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.tasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
new MutationObserver((changes, observer) => {
  if (!document.querySelector("main tbody tr")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.firstRow = performance.now())));
}).observe(document, { childList: true, subtree: true });
"""
TRANSFERRED = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + (entry.transferSize || 0), 0)
"""


@dataclass
class PageFigures:
    """The figures of one run."""

    first_row_ms: float
    """From navigation until the first row of the list is painted."""
    longest_task_ms: float
    """The longest the page was busy with one thing; 0 if never for more than 50 ms."""
    longest_cpu_ms: float
    """The same in time of the processor: what it would be on a machine that does nothing else."""
    transferred_kb: float
    """All that was loaded, as it went over the network (gzip)."""


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--place", default="jobs", help="what stands behind the #")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(Path(folder), options.jobs, options.runs, options.place)
    report(options, runs)


def measure(folder: Path, jobs: int, count: int, place: str) -> list[PageFigures]:
    """Fill a database, serve it, and open the page `count` times."""
    database = folder / "datastore.db"
    datastore = DatastoreSqlite({"file_path": str(database)}, {})
    datastore.open()
    fill_many(datastore, utc_now(), jobs)
    datastore.close()
    port = free_port()
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(
            serve_command(port), cwd=ROOT, env=served(database), stdout=log, stderr=log
        )
        try:
            wait_for_server(f"http://127.0.0.1:{port}/readyz")
            return visits(f"http://127.0.0.1:{port}/#{place}", count)
        finally:
            server.terminate()
            server.wait(60)


def served(database: Path) -> dict[str, str]:
    """The settings of the server: as of the other benchmark, with the classes of these jobs."""
    packages = json.dumps(["simple_scheduler.jobs"])
    return {**environment(database), "NDSCHEDULER_JOB_CLASS_PACKAGES": packages}


def visits(url: str, count: int) -> list[PageFigures]:
    """The figures of `count` visits; one before them, which is not counted, warms the server."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        runs = [visit(browser, url) for _ in range(count + 1)][1:]
        browser.close()
    return runs


def visit(browser: Browser, url: str) -> PageFigures:
    """Open `url` in a browser that has never been there."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.goto(url)
    page.wait_for_function("() => window.firstRow")
    page.wait_for_timeout(WATCHED_MILLISECONDS)
    trace = json.loads(browser.stop_tracing())["traceEvents"]
    figures = PageFigures(
        first_row_ms=page.evaluate("window.firstRow"),
        longest_task_ms=page.evaluate("Math.max(0, ...window.tasks)"),
        longest_cpu_ms=longest_cpu(trace),
        transferred_kb=page.evaluate(TRANSFERRED) / 1000,
    )
    context.close()
    print(figures, flush=True)
    return figures


def longest_cpu(trace: list[dict[str, Any]]) -> float:
    """The longest task of the main thread of a page in `trace`, in milliseconds of processor."""
    mains = {
        (event["pid"], event["tid"])
        for event in trace
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    times = [
        event["tdur"]
        for event in trace
        if event["name"].endswith("RunTask")
        and "tdur" in event
        and (event["pid"], event["tid"]) in mains
    ]
    return max(times) / 1000


def report(options: argparse.Namespace, runs: list[PageFigures]) -> None:
    """Print the medians and, if asked, write them as JSON."""
    rows = [asdict(run) for run in runs]
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    print(f"\n#{options.place} with {options.jobs} jobs, SQLite, median of {len(runs)} visits")
    print(f"{platform.python_version()}, {os.cpu_count()} cores")
    for name, value in medians.items():
        worst = max(row[name] for row in rows)
        print(f"  {name:16} {value:8.0f}   at most {worst:8.0f}")
    if options.json is not None:
        figures = {"jobs": options.jobs, "runs": len(runs), "medians": medians}
        options.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
