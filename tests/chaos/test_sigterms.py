"""SIGTERM under load: nothing is interrupted, and others take over what is queued at once."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.figures import figures_of
from tests.chaos.history import History, settle
from tests.chaos.notes import Notes
from tests.chaos.processes import Server
from tests.chaos.scale import databases, report, scaled, seeded, within
from tests.chaos.schedules import noted_jobs

STOPS = scaled(50, 2)
TAKE_OVER_SECONDS = within(2.0)
# Three instances of four threads run ten such jobs a second at half of what they could.
RUN_SECONDS = 0.6


@databases("mysql")
def test_a_stopped_server_interrupts_nothing_and_leaves_its_queue_to_the_others(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    chance = seeded(f"sigterms {kind}")
    with Cluster(kind, datastore, tmp_path) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, 10, seconds=RUN_SECONDS)
        time.sleep(2)
        stops, statuses = [], []
        for _ in range(STOPS):
            time.sleep(chance.uniform(0.0, 1.0))
            stopped_at, status = stop_and_start(cluster.any(chance), datastore)
            stops.append(stopped_at)
            statuses.append(status)
        history = settle(datastore, notes, schedules, 30)

        check(history)
        figures = figures_of(history)
        waits = [wait for stopped_at in stops for wait in waits_after(history, stopped_at)]
        slowest = round(max(waits, default=0.0), 2)
        report("SIGTERM", kind, stops=STOPS, taken_over=len(waits), slowest=slowest, **figures)
        assert set(statuses) == {0}
        assert figures["interrupted"] == 0
        assert slowest <= TAKE_OVER_SECONDS


def stop_and_start(server: Server, datastore: DatastoreBase) -> tuple[datetime, int]:
    """SIGTERM, and a new process once it has ended: when it was told, and its exit status."""
    stopped_at = datastore.read(datastore.dialect.now)
    server.terminate()
    status = server.wait(30)
    server.start()
    return stopped_at, status


def waits_after(history: History, stopped_at: datetime) -> list[float]:
    """How many seconds after `stopped_at` each execution started that was queued then."""
    return [
        (row.started_time - stopped_at).total_seconds()
        for row in history.rows
        if row.fire_time and row.started_time and row.fire_time <= stopped_at < row.started_time
    ]
