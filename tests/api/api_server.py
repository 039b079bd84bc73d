"""A real server on a real SQLite file, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from ndscheduler import settings
from ndscheduler.config import Config
from ndscheduler.server.build import build_manager
from ndscheduler.server.listener import open_listener
from ndscheduler.server.server import SchedulerServer

DATA = Path(__file__).parent.parent / "data"
DEADLINE_SECONDS = 30

AWESOME = "simple_scheduler.jobs.sample_job.AwesomeJob"
NONE_JOB = "extra_jobs.probe_jobs.NoneJob"
# Never fires while a test runs.
YEARLY = {"month": "12", "day": "31", "hour": "23", "minute": "59"}


class Api:
    """The client's side of one running server."""

    def __init__(self, server: SchedulerServer, url: str) -> None:
        self.server = server
        self.url = url
        self.session = requests.Session()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer to one request; redirects are not followed."""
        options = {"allow_redirects": False, "timeout": DEADLINE_SECONDS, **options}
        return self.session.request(method, self.url + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.call("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return self.call("PUT", path, **options)

    def add_job(self, **fields: Any) -> str:
        """The id of a new job that does not fire by itself unless `fields` say so."""
        scheduled = {} if "trigger" in fields or "minute" in fields else YEARLY
        body = {"name": "a job", "job_class_string": NONE_JOB, **scheduled, **fields}
        answer = self.post("/api/v1/jobs", json=body)
        assert answer.status_code == 201, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.get(f"/api/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def run_job(self, job_id: str, **body: Any) -> dict[str, Any]:
        """The finished execution of a run by hand."""
        answer = self.post(f"/api/v1/executions/{job_id}", json=body or None)
        assert answer.status_code == 200, answer.text
        return self.finished(answer.json()["execution_id"])

    def finished(self, execution_id: str) -> dict[str, Any]:
        """The execution, once it is neither queued nor running."""

        def ended() -> dict[str, Any] | None:
            shown: dict[str, Any] = self.get(f"/api/v1/executions/{execution_id}").json()
            return None if shown["state"] in ("scheduled", "running") else shown

        return wait_for(ended)

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        """The audit entries of one job, the newest first."""
        answer = self.get("/api/v1/logs", params={"job_id": job_id, "limit": 1000})
        entries: list[dict[str, Any]] = answer.json()["logs"]
        return entries

    def everything(self) -> dict[str, Any]:
        """All that a refused request must leave as it is."""
        jobs = self.get("/api/v1/jobs").json()["jobs"]
        for job in jobs:
            del job["next_run_time"]
        logs = self.get("/api/v1/logs?limit=1").json()
        return {"jobs": sorted(jobs, key=lambda job: job["job_id"]), "logs": logs["total"]}


def wait_for(question: Callable[[], Any]) -> Any:
    """The first truthy answer to `question`; fails when there is none in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@contextmanager
def serving(
    directory: Path, server_class: type[SchedulerServer] = SchedulerServer, **changes: Any
) -> Iterator[Api]:
    """A server of `server_class` with its files in `directory`, stopped at the end."""
    given = {
        "HTTP_PORT": 0,
        "DATABASE_CONFIG_DICT": {"file_path": str(directory / "datastore.db")},
        "JOB_CLASS_PACKAGES": ["extra_jobs", "simple_scheduler.jobs"],
        "DRAIN_TIMEOUT_SEC": 10,
    }
    config = Config(**{**given, **changes})
    settings.adopt(config)
    with open_listener(config) as listener:
        server = server_class(build_manager(config))
        failures: list[BaseException] = []

        def serve() -> None:
            try:
                asyncio.run(server.serve(listener))
            except BaseException as error:  # noqa: BLE001 - the fixture's thread reports it
                failures.append(error)

        thread = threading.Thread(target=serve, name="server-under-test")
        thread.start()
        api = Api(server, listener.url)
        try:
            wait_for(lambda: failures or api.get("/readyz").status_code == 200)
            yield api
        finally:
            api.session.close()
            server.request_stop()
            thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()
    assert failures == []
