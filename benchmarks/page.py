"""How long until a browser shows the first row of Jobs, with 10,000 jobs?

    python -m benchmarks.page [--full | --quick]

The server is a process of its own, started as users start it, on a SQLite file with 51,250
executions; each run is a browser that has never been here. `make static` must have built the page.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.bursts import served
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.places import SQLITE, Place, new_place
from ndscheduler.corescheduler.clock import utc_now
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


def fill(place: Place, jobs: int) -> None:
    """So many jobs, with five executions each, and thirty of the first fifty."""
    with place.datastore() as store:
        fill_many(store, utc_now(), jobs)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine, or the one that playwright has."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def visit(browser: Browser, url: str) -> Figures:
    """Open `url` in a browser that has never been there.

    Figures: `first_row_ms` from navigation until the first row of the list is painted;
    `longest_task_ms` the longest the page was busy with one thing (0 if never for more than
    50 ms); `longest_cpu_ms` the same in time of the processor: what it would be on a machine that
    does nothing else; `transferred_kb` all that was loaded, as it went over the network (gzip).
    """
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.goto(url)
    page.wait_for_function("() => window.firstRow")
    page.wait_for_timeout(WATCHED_MILLISECONDS)
    trace = json.loads(browser.stop_tracing())["traceEvents"]
    figures = {
        "first_row_ms": page.evaluate("window.firstRow"),
        "longest_task_ms": page.evaluate("Math.max(0, ...window.tasks)"),
        "longest_cpu_ms": longest_cpu(trace),
        "transferred_kb": page.evaluate(TRANSFERRED) / 1000,
    }
    context.close()
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


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """The list of jobs; one visit before all others, which is not counted, warms the server."""
    with new_place(SQLITE) as place:
        fill(place, scale.pick(full=10_000, brief=10_000, quick=100))
        packages = ["simple_scheduler.jobs"]
        with served(place, JOB_CLASS_PACKAGES=packages) as server, chromium() as browser:
            url = f"http://127.0.0.1:{server.port}/#jobs"
            visit(browser, url)
            yield [Case("Jobs in Chromium", partial(visit, browser, url))]


if __name__ == "__main__":
    main("page", __doc__, cases)
