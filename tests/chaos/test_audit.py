"""kill -9 while clients change jobs: a change and its audit entry come together or not at all."""

from __future__ import annotations

import itertools
import threading
import time
import urllib.error
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any

from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.audit_rules import Change, find_audit_problems, read_ledger
from tests.chaos.checker import fail_with
from tests.chaos.cluster import Cluster
from tests.chaos.processes import Server
from tests.chaos.scale import SHORT_LEASE, databases, report, scaled, seeded
from tests.chaos.schedules import NOTED

CHANGES = scaled(500, 24)
CLIENTS = 4
JOBS = 6
# A killed server leaves about so many requests unanswered, one per client.
LONGEST_LIFE = 0.8
NEVER = {"type": "date", "run_date": "2999-01-01T00:00:00+00:00"}
# How a client sees that the server was killed: before, within or after its answer.
GONE = (OSError, HTTPException, ValueError)
WEIGHTS = {
    AuditEvent.ADDED: 1,
    AuditEvent.MODIFIED: 4,
    AuditEvent.DELETED: 1,
    AuditEvent.PAUSED: 2,
    AuditEvent.RESUMED: 2,
    AuditEvent.CUSTOM_RUN: 1,
}


@databases("postgres")
def test_a_change_and_its_audit_entry_survive_kills_together_or_not_at_all(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    chance = seeded(f"audit {kind}")
    with Cluster(kind, datastore, tmp_path, settings=SHORT_LEASE) as cluster:
        cluster.start()
        changer = Changer(str(tmp_path / "notes"), chance)
        for _ in range(JOBS):
            changer.add(cluster.servers[0])
        kills = 0
        while len(changer.changes) < CHANGES:
            server = cluster.servers[kills % len(cluster.servers)]
            server.wait_ready()
            changer.change_until_killed(server, chance.uniform(0.0, LONGEST_LIFE))
            server.launch()
            kills += 1
    ledger = read_ledger(datastore, changer.changes)

    fail_with(find_audit_problems(ledger))
    lost = sum(not change.is_answered for change in ledger.changes)
    figures = {"changes": len(ledger.changes), "unanswered": lost, "entries": len(ledger.entries)}
    report("audit", kind, kills=kills, **figures)
    assert lost > 0, "no kill hit a change: nothing was tried"


class Changer:
    """Clients that change jobs until the server is gone."""

    def __init__(self, notes: str, chance: Random) -> None:
        self.changes: list[Change] = []
        self._notes = notes
        self._chance = chance
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._job_ids: list[str] = []

    def add(self, server: Server) -> None:
        """Add a job to change."""
        self._change(server, AuditEvent.ADDED, "")

    def change_until_killed(self, server: Server, seconds: float) -> None:
        """Let all clients send changes to `server`, and kill it after `seconds`."""
        clients = [threading.Thread(target=self._work, args=[server]) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(seconds)
        server.kill()
        for client in clients:
            client.join()

    def _work(self, server: Server) -> None:
        while True:
            with self._lock:
                event = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                job_id = self._chance.choice(self._job_ids)
                if event is AuditEvent.DELETED and len(self._job_ids) <= JOBS // 2:
                    event = AuditEvent.ADDED
            if not self._change(server, event, job_id):
                return

    def _change(self, server: Server, event: AuditEvent, job_id: str) -> bool:
        """Ask for one change; False if the server is gone."""
        token = f"token-{next(self._numbers)}"
        method, path, body = self._request(event, job_id, token)
        if event in (AuditEvent.DELETED, AuditEvent.RESUMED):
            token = job_id
        try:
            answer = server.call(method, path, body)
        except urllib.error.HTTPError as error:
            # 404: another client has deleted the job. 503: too busy to say what became of it.
            if error.code not in (404, 503):
                raise AssertionError(f"{method} {path}: {error.read()!r}") from error
            if error.code == 503:
                self._keep(Change(event, token, False))
            return True
        except GONE:
            self._keep(Change(event, token, False))
            return False
        self._learn(event, answer)
        self._keep(Change(event, answer.get("execution_id", token), True))
        return True

    def _request(self, event: AuditEvent, job_id: str, token: str) -> tuple[str, str, Any]:
        body: dict[str, Any] = {"name": token, "job_class_string": NOTED, "trigger": NEVER}
        return {
            AuditEvent.ADDED: ("POST", "/jobs", {**body, "pub_args": [self._notes]}),
            AuditEvent.MODIFIED: ("PUT", f"/jobs/{job_id}", body),
            AuditEvent.DELETED: ("DELETE", f"/jobs/{job_id}", None),
            AuditEvent.PAUSED: ("POST", f"/jobs/{job_id}/pause", {"reason": token}),
            AuditEvent.RESUMED: ("POST", f"/jobs/{job_id}/resume", None),
            AuditEvent.CUSTOM_RUN: ("POST", f"/executions/{job_id}", None),
        }[event]

    def _learn(self, event: AuditEvent, answer: dict[str, Any]) -> None:
        with self._lock:
            if event is AuditEvent.ADDED:
                self._job_ids.append(answer["job_id"])
            if event is AuditEvent.DELETED and answer["job_id"] in self._job_ids:
                self._job_ids.remove(answer["job_id"])

    def _keep(self, change: Change) -> None:
        with self._lock:
            self.changes.append(change)
