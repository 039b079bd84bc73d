"""kill -9 in the middle of a burst of one process: its successor does the rest, and only that."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.history import settle
from tests.chaos.notes import Notes
from tests.chaos.processes import wait_until
from tests.chaos.scale import SHORT_LEASE, databases
from tests.chaos.schedules import noted_jobs

JOBS = 300
THREADS = 4


@databases("sqlite")
def test_a_kill_in_the_middle_of_a_burst_costs_only_what_ran(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    now = datastore.read(datastore.dialect.now)
    due = now.replace(microsecond=0) + timedelta(seconds=1)
    once = json.dumps({"type": "date", "run_date": due.isoformat()})
    settings = {**SHORT_LEASE, "THREAD_POOL_SIZE": THREADS}
    with Cluster(kind, datastore, tmp_path, 1, settings) as cluster:
        server = cluster.servers[0]
        schedules = noted_jobs(datastore, notes.path, JOBS, 0.05, trigger_json=once, next_fire=due)
        server.start()
        wait_until(lambda: len(notes.executions("E")) >= JOBS // 4, 60, "a quarter of the burst")
        server.kill()
        begun = set(notes.executions("S"))
        before = settle(datastore, notes, schedules, 0)

        server.start()
        wait_until(lambda: len(notes.executions("E")) >= JOBS - THREADS, 60, "the rest of it")
        history = settle(datastore, notes, schedules, 30)

    check(history)
    assert len(begun) < JOBS
    ended = [row for row in before.rows if not row.state.is_live]
    assert [history.rows_by_id[row.id] for row in ended] == ended
    cut_short = [notes for notes in history.notes_by_id.values() if len(notes) == 1]
    assert len(cut_short) <= THREADS
    interrupted = [row for row in history.rows if row.state is ExecutionState.INTERRUPTED]
    assert {row.id for row in interrupted} >= {notes[0].execution_id for notes in cut_short}
