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
from tests.chaos.history import History, interrupted_rows, settle
from tests.chaos.notes import Notes
from tests.chaos.scale import LEASE_SECONDS, SHORT_LEASE, report, scaled, seeded
from tests.chaos.schedules import noted_jobs

SUSPENSIONS = scaled(40, 4)
SHORTEST, LONGEST = 0.5, 4.0
LONG_SECONDS = 0.6 * LEASE_SECONDS


def test_what_wakes_up_after_its_lease_starts_nothing_and_overwrites_nothing(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    chance = seeded(f"suspensions {kind}")
    with Cluster(kind, datastore, tmp_path, settings=SHORT_LEASE) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, 6, seconds=0.1)
        schedules += noted_jobs(datastore, notes.path, 2, seconds=LONG_SECONDS)
        watch = InterruptedWatch(datastore)
        leases = suspend_at_random(cluster, chance, watch)
        history = settle(datastore, notes, schedules, 60)

        check(history)
        late_ends = count_late_ends(history)
        report(
            "SIGSTOP",
            kind,
            suspensions=len(leases),
            longest_leases=round(max(leases), 1),
            late_ends=late_ends,
            **figures_of(history),
        )
        assert watch.changed(history) == []
        assert late_ends > 0, "no suspended run ended after it was given up: nothing was tried"


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


def suspend_at_random(cluster: Cluster, chance: Random, watch: InterruptedWatch) -> list[float]:
    """Suspend one server, sometimes a second beside it; how many leases each stood still."""
    turns = iter([chance.uniform(SHORTEST, LONGEST) for _ in range(SUSPENSIONS - 1)] + [LONGEST])
    leases: list[float] = []
    lock = threading.Lock()

    def go_on() -> None:
        while True:
            with lock:
                length = next(turns, None)
                if length is None:
                    return
                leases.append(length)
                server = chance.choice(cluster.running())
                server.suspend()
            time.sleep(length * LEASE_SECONDS)
            server.resume()
            time.sleep(0.5)

    threads = [threading.Thread(target=go_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        watch.look()
        time.sleep(0.5)
    return leases


def count_late_ends(history: History) -> int:
    """Executions that were given up, and whose code came to its end all the same."""
    ended = {note.execution_id for note in history.written("E")}
    interrupted = ExecutionState.INTERRUPTED
    return sum(row.state is interrupted and row.id in ended for row in history.rows)
