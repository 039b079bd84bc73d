"""Requests that several clients send at random, and when each was sent and answered."""

from __future__ import annotations

import itertools
import threading
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from tests.chaos.cluster import Cluster
from tests.chaos.processes import Server
from tests.chaos.schedules import NOTED

ADD, EDIT, PAUSE, RESUME, DELETE, RUN = "add", "edit", "pause", "resume", "delete", "run"
WEIGHTS = {EDIT: 34, PAUSE: 14, RESUME: 24, DELETE: 8, RUN: 20}
# The seconds of a minute that a schedule names, as a cron field.
SECONDS = {"*": range(60), "*/2": range(0, 60, 2), "1-59/2": range(1, 60, 2)}


@dataclass(frozen=True)
class Call:
    """One request. One that adds or edits a job makes it fire at `second`, with `word`."""

    action: str
    job_id: str
    sent: datetime
    # None: no answer came, so whether it took effect is not known.
    answered: datetime | None
    status: int = 200
    word: str = ""
    second: str = "*"
    execution_id: str = ""

    @property
    def succeeded(self) -> bool:
        """True if the answer said that it was done."""
        return self.answered is not None and self.status < 300


class Clients:
    """Threads that send random requests about the same jobs to random servers."""

    def __init__(self, cluster: Cluster, notes: str, seconds: float, chance: Random) -> None:
        self.calls: list[Call] = []
        self._cluster = cluster
        self._arguments = (notes, seconds)
        self._chance = chance
        self._words = (f"w{number}" for number in itertools.count())
        self._lock = threading.Lock()
        self._job_ids: list[str] = []
        self._failures: list[BaseException] = []

    def add_jobs(self, count: int) -> None:
        """Add jobs to send requests about."""
        for _ in range(count):
            self._add(self._cluster.servers[0])

    def send(self, count: int, threads: int, pause: Callable[[], None]) -> None:
        """Send `count` requests from so many threads, each of which pauses between its own."""
        turns = iter(range(count))

        def work() -> None:
            try:
                while self._next(turns) is not None:
                    self._send_one()
                    pause()
            except BaseException as error:
                self._failures.append(error)
                raise

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self._failures:
            raise self._failures[0]

    def _next(self, turns: Any) -> int | None:
        with self._lock:
            return next(turns, None)

    def _send_one(self) -> None:
        with self._lock:
            server = self._cluster.any(self._chance)
            action = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            job_id = self._chance.choice(self._job_ids)
            if action == DELETE:
                self._job_ids.remove(job_id)
        self._call(server, action, job_id)
        if action == DELETE:
            self._add(server)

    def _add(self, server: Server) -> None:
        word, second, body = self._definition()
        sent = utc_now()
        answer, status = _answer(server, "POST", "/jobs", body)
        if status == 503:
            return
        self._keep(Call(ADD, answer["job_id"], sent, utc_now(), word=word, second=second))
        with self._lock:
            self._job_ids.append(answer["job_id"])

    def _call(self, server: Server, action: str, job_id: str) -> None:
        word, second, body = self._definition() if action == EDIT else ("", "*", None)
        method, path = {
            EDIT: ("PUT", f"/jobs/{job_id}"),
            PAUSE: ("POST", f"/jobs/{job_id}/pause"),
            RESUME: ("POST", f"/jobs/{job_id}/resume"),
            DELETE: ("DELETE", f"/jobs/{job_id}"),
            RUN: ("POST", f"/executions/{job_id}"),
        }[action]
        sent = utc_now()
        answer, status = _answer(server, method, path, body)
        answered = None if status == 503 else utc_now()
        execution_id = answer.get("execution_id", "")
        self._keep(Call(action, job_id, sent, answered, status, word, second, execution_id))

    def _definition(self) -> tuple[str, str, dict[str, Any]]:
        with self._lock:
            word, second = next(self._words), self._chance.choice(list(SECONDS))
        body = {
            "name": f"job {word}",
            "job_class_string": NOTED,
            "pub_args": [*self._arguments, word],
            "trigger": {"type": "cron", "second": second},
            "max_instances": 1000,
        }
        return word, second, body

    def _keep(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)


def _answer(server: Server, method: str, path: str, body: Any) -> tuple[dict[str, Any], int]:
    try:
        return server.call(method, path, body), 200
    except urllib.error.HTTPError as error:
        # 404: another client has deleted the job. 503: too busy to say what became of it.
        if error.code not in (404, 503):
            raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from error
        return {}, error.code
