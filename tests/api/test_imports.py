"""No request makes the server import what it names."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.config import Config
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.service_requests import JobRequest, PreviewRequest
from ndscheduler.server.build import build_manager
from ndscheduler.server.handlers import stream
from ndscheduler.server.routes import routes
from tests.api.api_server import NONE_JOB, YEARLY, Api, serving

TRAP = "trap_jobs.inside.Trap"
OTHER_NAMES = [
    "trap_jobs",
    "trap_jobs.Trap",
    "trap_jobs.inside",
    "trap_jobs.inside:Trap",
    "trap_jobs.__main__.Trap",
    "lazy_jobs.Trap",
    "lazy_jobs.trap_jobs.inside.Trap",
]
INSIDE = """
from ndscheduler.corescheduler import job

class Trap(job.JobBase):
    def run(self, *args, **kwargs): ...
"""
LAZY = """
from ndscheduler.corescheduler import job

class Here(job.JobBase):
    def run(self, *args, **kwargs): ...

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    import trap_jobs.inside
    return trap_jobs.inside.Trap
"""


class Trap:
    """A package that leaves a mark when it is imported."""

    def __init__(self, folder: Path) -> None:
        self.mark = folder / "imported"
        package = folder / "trap_jobs"
        package.mkdir()
        (package / "__init__.py").write_text(f"open({str(self.mark)!r}, 'w').close()\n")
        (package / "inside.py").write_text(INSIDE)
        (package / "__main__.py").write_text("")
        (folder / "lazy_jobs.py").write_text(LAZY)

    @property
    def is_sprung(self) -> bool:
        return self.mark.exists()

    def spring(self) -> None:
        importlib.import_module("trap_jobs.inside")


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Trap(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] in ("trap_jobs", "lazy_jobs")]:
        del sys.modules[name]


def paths(job_id: str, name: str) -> list[str]:
    """Every URL but that of the endless stream, once with each of these for what is in its path."""
    patterns = [route.pattern for route in routes("v1") if route.handler is not stream.Handler]
    plain = [pattern.removesuffix("/?") for pattern in patterns]
    return [re.sub(r"\(.*?\)", put, path) for path in plain for put in (job_id, name)]


def bodies(name: str) -> Iterator[dict[str, Any]]:
    """Bodies with `name` in each place that they have."""
    good = {"name": "x", "job_class_string": NONE_JOB, **YEARLY}
    yield {**good, "job_class_string": name}
    for field in {*JobRequest.model_fields, *PreviewRequest.model_fields, "executor", "id"}:
        yield {**good, field: name}
    tagged = [{key: name} for key in ("$type", "$class", "$date", "$secret", "py/object", "job")]
    yield {**good, "pub_args": [name, *tagged], "kwargs": {name: name, "job_class_string": name}}
    for kind in ("cron", "interval", name):
        trigger = {"type": kind, "timezone": name, "class": name}
        yield {"name": "x", "job_class_string": NONE_JOB, "trigger": trigger}
    yield {"pub_args": [name], "kwargs": {"job_class_string": name}}
    yield {"reason": name, "until": name}


@pytest.mark.parametrize("packages", [["lazy_jobs", "extra_jobs", "simple_scheduler.jobs"], []])
def test_nothing_is_imported_because_a_request_names_it(
    packages: list[str], trap: Trap, tmp_path: Path
) -> None:
    importlib.import_module("extra_jobs.probe_jobs")
    importlib.import_module("lazy_jobs")
    with serving(tmp_path, JOB_CLASS_PACKAGES=packages) as api:
        ask_everything(api, TRAP)
        for name in OTHER_NAMES:
            body = {"name": "x", "job_class_string": name, **YEARLY}
            assert api.post("/api/v1/jobs", json=body).status_code == 400
            assert api.put(f"/api/v1/jobs/{api.add_job()}", json=body).status_code == 400

        assert api.get("/readyz").status_code == 200
        assert not trap.is_sprung
        assert not any(job.startswith("trap_jobs") for job in classes_of_jobs(api))
    trap.spring()
    assert trap.is_sprung


def ask_everything(api: Api, name: str) -> None:
    """Every method on every URL, `name` in the path, in the query and in the body."""
    job_id = api.add_job()
    query = dict.fromkeys(("q", "job_class_string", "state", "tag", "job_id", "include"), name)
    for path in paths(job_id, name):
        api.get(path)
        for key, value in query.items():
            assert api.get(path, params={key: value}).status_code != 500
    for body in bodies(name):
        answers = [
            api.post("/api/v1/jobs", json=body),
            api.put(f"/api/v1/jobs/{job_id}", json=body),
            api.post("/api/v1/triggers/preview", json=body),
            api.post(f"/api/v1/jobs/{job_id}/pause", json=body),
            api.post(f"/api/v1/jobs/{job_id}/resume", json=body),
            api.post(f"/api/v1/jobs/{job_id}/skip-next", json=body),
            api.post(f"/api/v1/executions/{job_id}", json=body),
            api.call("PATCH", f"/api/v1/jobs/{job_id}", json=body),
            api.call("OPTIONS", f"/api/v1/jobs/{job_id}", json=body),
        ]
        assert all(answer.status_code != 500 for answer in answers)
    for path in paths(job_id, name):
        for method in ("POST", "PUT", "PATCH", "OPTIONS", "DELETE"):
            assert api.call(method, path, json={"job_class_string": name}).status_code != 500


def classes_of_jobs(api: Api) -> list[str]:
    return [job["job_class_string"] for job in api.get("/api/v1/jobs").json()["jobs"]]


def test_the_class_of_a_job_that_code_added_is_imported_at_its_run_alone(
    trap: Trap, tmp_path: Path
) -> None:
    restored = tmp_path / "restored"
    restored.mkdir()
    with serving(tmp_path) as api:
        manager = api.server.scheduler_manager
        job_id = manager.add_job(TRAP, "by code", hour="23", minute="59", month="12", day="31")
        write_backup(manager.get_datastore(), str(tmp_path / "backup.jsonl"))
        look_at_and_change(api, job_id)
    restore(str(tmp_path / "backup.jsonl"), restored)
    with serving(restored) as api:
        look_at_and_change(api, job_id)
        assert not trap.is_sprung

        api.run_job(job_id)
        assert trap.is_sprung


def look_at_and_change(api: Api, job_id: str) -> None:
    for path in paths(job_id, TRAP):
        api.get(path)
    body = {"name": "renamed", "job_class_string": TRAP, **YEARLY}
    assert api.put(f"/api/v1/jobs/{job_id}", json=body).status_code == 200
    assert api.post("/api/v1/jobs", json=body).status_code == 400
    for action in ("pause", "resume", "skip-next"):
        assert api.post(f"/api/v1/jobs/{job_id}/{action}").status_code == 200


def restore(file: str, folder: Path) -> None:
    config = Config(DATABASE_CONFIG_DICT={"file_path": str(folder / "datastore.db")})
    datastore = build_manager(config).get_datastore()
    restore_backup(datastore, file)
    datastore.close()
