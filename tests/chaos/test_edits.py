"""Clients change jobs that fire every second: what is answered holds from the answer on."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.call_rules import Conversation, find_call_problems
from tests.chaos.calls import Clients
from tests.chaos.checker import fail_with, find_problems
from tests.chaos.cluster import Cluster
from tests.chaos.figures import figures_of
from tests.chaos.history import settle
from tests.chaos.notes import Notes
from tests.chaos.scale import report, scaled, seeded

CALLS = scaled(1000, 60)
CLIENTS = 4
JOBS = 12
# So few that fires wait in the queue, where edits have to reach them.
FEW_THREADS = {"THREAD_POOL_SIZE": 2}
RUN_SECONDS = 0.4


def test_after_the_answer_to_an_edit_nothing_of_the_old_definition_fires(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    chance = seeded(f"edits {kind}")
    with Cluster(kind, datastore, tmp_path, settings=FEW_THREADS) as cluster:
        cluster.start()
        clients = Clients(cluster, str(notes.path), RUN_SECONDS, chance)
        clients.add_jobs(JOBS)
        clients.send(CALLS, CLIENTS, pause=lambda: time.sleep(chance.uniform(0.0, 0.2)))
        history = settle(datastore, notes, [], 30)

        told = Conversation(clients.calls, history)
        fail_with(find_problems(history) + find_call_problems(told))
        counts = Counter(call.action for call in clients.calls if call.succeeded)
        report("edits", kind, calls=CALLS, **counts, **figures_of(history))
        assert history.written("S"), "nothing fired: nothing was tried"
