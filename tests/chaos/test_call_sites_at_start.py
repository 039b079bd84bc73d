"""An exception at any call of the datastore while a scheduler starts, or while it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.bench import Bench
from tests.chaos.call_sites import Fault
from tests.chaos.checker import check
from tests.chaos.history import settle
from tests.chaos.scale import databases, is_full, report, seeded

IS_FULL = is_full()
TRIED_IN_BRIEF = 2
START_SECONDS = 30
# Every wait of an orderly end is bounded; this is above their sum.
END_SECONDS = 60


@pytest.fixture
def bench(kind: str, datastore: DatastoreBase, tmp_path: Path) -> Iterator[Bench]:
    """A server that does not run yet."""
    made = Bench(kind, datastore, tmp_path)
    yield made
    made.server.stop()


def sites_called_by(bench: Bench, thread: str) -> list[str]:
    """The sites that `thread` has called; in brief some of them."""
    sites = sorted(site for site, threads in bench.control.called().items() if thread in threads)
    assert sites
    return sites if IS_FULL else seeded(thread).sample(sites, TRIED_IN_BRIEF)


def start_and_end(bench: Bench, at_start: str | None = None, at_end: str | None = None) -> str:
    """Let the datastore raise once, at the start or at the end of a server; how that went."""
    server = bench.server
    if at_start:
        bench.control.arm(at_start, Fault())
    server.launch()
    try:
        server.wait_ready(START_SECONDS)
    except AssertionError:
        # It may give up: whoever watches it starts it again.
        assert not server.is_running, f"after {at_start} raised it neither serves nor ends"
        return f"start gave up with status {server.wait(1)}"
    if at_end:
        bench.control.arm(at_end, Fault())
    server.terminate()
    return f"ended with status {server.wait(END_SECONDS)}"


@databases("sqlite")
@pytest.mark.timeout(1200)
def test_a_start_or_an_end_that_fails_anywhere_does_no_harm(bench: Bench, kind: str) -> None:
    start_and_end(bench)
    # The main thread starts the scheduler, and one of the web server's loop stops it.
    starts, ends = sites_called_by(bench, "MainThread"), sites_called_by(bench, "asyncio")

    outcomes = Counter(start_and_end(bench, at_start=site) for site in starts)
    outcomes += Counter(start_and_end(bench, at_end=site) for site in ends)
    bench.server.start()
    bench.add_jobs()
    bench.wait_for_recovery("at the start or the end")

    report("exception at start or end", kind, sites=len(starts) + len(ends), **outcomes)
    check(settle(bench.datastore, bench.notes, bench.schedules, 30))
