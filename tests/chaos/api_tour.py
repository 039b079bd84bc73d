"""A client that goes round every call of the REST API, as a page and scripts would."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from datetime import timedelta
from types import TracebackType
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from tests.chaos.processes import Server
from tests.chaos.schedules import NOTED

PAUSE_SECONDS = 0.05
TIMEOUT_SECONDS = 10
# Longer than the stream of a server that fires several times a second is ever silent.
SILENCE_SECONDS = 2


class ApiTour:
    """Adds a job, does everything to it, looks at all there is, and begins anew, in a thread.

    Another thread listens to the stream of changes meanwhile.
    """

    def __init__(self, server: Server, notes: str) -> None:
        self._server = server
        self._notes = notes
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._work, self._listen)]
        self.rounds = 0
        # What ended a round: answers of 500 and 503 in JSON, and all else.
        self.refused: list[str] = []
        self.strange: list[str] = []

    def __enter__(self) -> ApiTour:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._go_round()
                self.rounds += 1
            except urllib.error.HTTPError as error:
                self._look_at(error)
            except Exception as error:  # noqa: BLE001 - told below; the tour goes on
                self.strange.append(repr(error))
            time.sleep(PAUSE_SECONDS)

    def _listen(self) -> None:
        url = f"http://127.0.0.1:{self._server.port}/api/v1/stream"
        while not self._closing.is_set():
            try:
                with urllib.request.urlopen(url, timeout=SILENCE_SECONDS) as stream:
                    while not self._closing.is_set() and stream.readline():
                        pass
            except urllib.error.HTTPError as error:
                self._look_at(error)
            except OSError:
                # A fault may end it, or keep it silent: browsers come again.
                continue

    def _look_at(self, error: urllib.error.HTTPError) -> None:
        body = error.read().decode()
        told = f"{error.code} {error.url} {body}"
        try:
            is_told = error.code in (500, 503) and bool(json.loads(body)["error"])
        except (ValueError, KeyError):
            is_told = False
        (self.refused if is_told else self.strange).append(told)

    def _go_round(self) -> None:
        job_id = self._change_a_job()
        start = "time_range_start=2020-01-01T00:00:00Z"
        for path in (
            "/jobs",
            "/jobs?limit=3&tag=tour&q=tour",
            "/jobs?limit=3&include=summary",
            f"/jobs/{job_id}",
            "/executions?limit=3",
            f"/executions?job_id={job_id}",
            f"/executions?limit=3&tag=tour&{start}",
            "/executions?limit=3&include=brief",
            f"/logs?limit=3&job_id={job_id}",
            "/stats",
            "/stats/hours",
            "/stats/days",
            "/attention",
            "/upcoming",
            "/upcoming/hours",
            "/tags",
            "/instances",
            "/job-classes",
            "/users",
            "/tokens",
        ):
            self._call("GET", path)
        self._call("DELETE", f"/jobs/{job_id}")

    def _change_a_job(self) -> str:
        fields: dict[str, Any] = {
            "name": "tour",
            "job_class_string": NOTED,
            "pub_args": [self._notes],
            "trigger": {"type": "interval", "seconds": 3600},
            "tags": ["tour"],
        }
        job_id: str = self._call("POST", "/jobs", fields)["job_id"]
        job = f"/jobs/{job_id}"
        self._call("PUT", job, {**fields, "name": "tour, later"})
        execution_id = self._call("POST", f"/executions/{job_id}")["execution_id"]
        self._call("GET", f"/executions/{execution_id}?include=neighbours")
        self._call("POST", f"{job}/skip-next", {"reason": "tour"})
        later = (utc_now() + timedelta(minutes=1)).isoformat()
        self._call("POST", f"{job}/pause", {"until": later})
        self._call("POST", f"{job}/resume")
        self._call("POST", f"{job}/pause", {"reason": "tour"})
        return job_id

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self._server.call(method, path, body, timeout=TIMEOUT_SECONDS)
