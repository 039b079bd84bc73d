"""SIGSTOP, for less and for more than a lease, then SIGCONT: the suspended wake up as strangers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from random import Random

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.figures import figures_of
from tests.chaos.history import History, interrupted_rows, live_rows, settle
from tests.chaos.notes import Notes
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import LEASE_SECONDS, SHORT_LEASE, databases, report, scaled, seeded
from tests.chaos.schedules import noted_jobs

SUSPENSIONS = scaled(40, 3)
STANDSTILLS = scaled(10, 1)
# In leases.
SHORTEST, LONGEST = 0.5, scaled(4.0, 1.8)
LONG_SECONDS = 0.6 * LEASE_SECONDS


@databases("mysql")
def test_what_wakes_up_after_its_lease_starts_nothing_and_overwrites_nothing(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    chance = seeded(f"suspensions {kind}")
    with Cluster(kind, datastore, tmp_path, settings=SHORT_LEASE) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, 6, seconds=0.1)
        schedules += noted_jobs(datastore, notes.path, 2, seconds=LONG_SECONDS)
        wait_until(lambda: notes.executions("S"), 60, "a start")
        watch = InterruptedWatch(datastore)
        suspender = Suspender(cluster, datastore, chance)
        suspend_at_random(suspender, watch)
        history = settle(datastore, notes, schedules, 60)

        check(history)
        late_ends = count_late_ends(history)
        report(
            "SIGSTOP",
            kind,
            suspensions=SUSPENSIONS,
            longest_leases=LONGEST,
            late_ends=late_ends,
            **figures_of(history),
        )
        assert watch.changed(history) == []
        assert late_ends > 0, "no suspended run ended after it was given up: nothing was tried"


@databases("postgres")
def test_when_all_stand_still_together_none_is_taken_for_dead(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    chance = seeded(f"standstills {kind}")
    with Cluster(kind, datastore, tmp_path, settings=SHORT_LEASE) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, 4, seconds=LONG_SECONDS)
        for _ in range(STANDSTILLS):
            time.sleep(LONG_SECONDS + chance.uniform(0.0, 1.0))
            for server in cluster.servers:
                server.suspend()
            time.sleep(2 * LEASE_SECONDS)
            for server in cluster.servers:
                server.resume()
        history = settle(datastore, notes, schedules, 60)

        check(history)
        figures = figures_of(history)
        report("SIGSTOP to all", kind, standstills=STANDSTILLS, **figures)
        assert figures["interrupted"] == 0


class InterruptedWatch:
    """Remembers executions as they were when they were seen to be interrupted."""

    def __init__(self, datastore: DatastoreBase) -> None:
        self._datastore = datastore
        self._seen: dict[str, Execution] = {}

    def look(self) -> None:
        """Remember what is interrupted by now."""
        for row in interrupted_rows(self._datastore):
            self._seen.setdefault(row.id, row)

    def changed(self, history: History) -> list[tuple[Execution, Execution | None]]:
        """(row then, row now) of those that did not stay as they were."""
        now = history.rows_by_id
        pairs = [(row, now.get(row.id)) for row in self._seen.values()]
        return [(then, later) for then, later in pairs if then != later]


class Suspender:
    """Suspends one server, sometimes a second beside it, for random numbers of leases."""

    def __init__(self, cluster: Cluster, datastore: DatastoreBase, chance: Random) -> None:
        lengths = [chance.uniform(SHORTEST, LONGEST) for _ in range(SUSPENSIONS - 2)]
        self.leases = [LONGEST, LONGEST, *lengths]
        self._left = iter(self.leases)
        self._cluster = cluster
        self._datastore = datastore
        self._lock = threading.Lock()

    def work(self) -> None:
        """Suspend one after another, until all is done."""
        while True:
            with self._lock:
                length = next(self._left, None)
                if length is None:
                    return
                server = wait_until(self._busy_server, 30, "a run in a server that goes on")
                server.suspend()
            time.sleep(length * LEASE_SECONDS)
            server.resume()
            time.sleep(0.5)

    def _busy_server(self) -> Server | None:
        """A server in the middle of a long run."""
        pids = {row.pid for row in live_rows(self._datastore)}
        return next((server for server in self._cluster.running() if server.pid in pids), None)


def suspend_at_random(suspender: Suspender, watch: InterruptedWatch) -> None:
    """Let two threads suspend servers, and watch what becomes of what these ran."""
    threads = [threading.Thread(target=suspender.work) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        watch.look()
        time.sleep(0.5)


def count_late_ends(history: History) -> int:
    """Executions that were given up, and whose code came to its end all the same."""
    ended = {note.execution_id for note in history.written("E")}
    interrupted = ExecutionState.INTERRUPTED
    return sum(row.state is interrupted and row.id in ended for row in history.rows)
