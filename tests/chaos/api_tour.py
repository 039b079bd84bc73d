"""A client that goes round every call of the REST API, as a page and scripts would."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
from datetime import timedelta
from types import TracebackType
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from tests.chaos.processes import Server
from tests.chaos.schedules import NOTED

PAUSE_SECONDS = 0.05
TIMEOUT_SECONDS = 10


class ApiTour:
    """A thread that adds a job, does everything to it, looks at all there is, and begins anew."""

    def __init__(self, server: Server, notes: str) -> None:
        self._server = server
        self._notes = notes
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.rounds = 0
        # What ended a round: answers of 500 and 503 in JSON, and all else.
        self.refused: list[str] = []
        self.strange: list[str] = []

    def __enter__(self) -> ApiTour:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join()

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
            f"/jobs/{job_id}",
            "/executions?limit=3",
            f"/executions?job_id={job_id}",
            f"/executions?limit=3&tag=tour&{start}",
            f"/logs?limit=3&job_id={job_id}",
            "/stats",
            "/instances",
            "/job-classes",
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
        self._call("GET", f"/executions/{execution_id}")
        self._call("POST", f"{job}/skip-next", {"reason": "tour"})
        soon = (utc_now() + timedelta(seconds=PAUSE_SECONDS)).isoformat()
        self._call("POST", f"{job}/pause", {"until": soon})
        self._call("POST", f"{job}/resume")
        self._call("POST", f"{job}/pause", {"reason": "tour"})
        return job_id

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self._server.call(method, path, body, timeout=TIMEOUT_SECONDS)
