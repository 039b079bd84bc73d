"""A job that can not run any more is shown, mended, paused and deleted as any other."""

from __future__ import annotations

import pytest

from tests.api.api_server import YEARLY, Api
from tests.api.inputs import DEFINITION


def test_a_job_can_be_renamed_after_its_class_has_vanished(api: Api) -> None:
    manager = api.server.scheduler_manager
    job_id = manager.add_job("extra_jobs.probe_jobs.Vanished", "old name", minute="59", hour="23")

    body = {**YEARLY, "name": "new name", "job_class_string": "extra_jobs.probe_jobs.Vanished"}
    answer = api.put(f"/api/v1/jobs/{job_id}", json=body)

    assert answer.status_code == 200
    shown = api.job(job_id)
    assert shown["name"] == "new name"
    assert "Vanished" in shown["error"]
    manager.remove_job(job_id)


BROKEN = [
    ("timezone", "Mars/Olympus"),
    ("trigger", "garbage"),
    ("trigger", '{"type": "lunar"}'),
    ("trigger", "[]"),
    ("args", "{{{"),
    ("kwargs", "{{{"),
]


@pytest.mark.parametrize(("column", "value"), BROKEN)
def test_a_job_whose_row_is_broken_is_shown_and_can_be_mended(
    api: Api, column: str, value: str
) -> None:
    job_id = _broken_job(api, column, value)

    listed = {job["job_id"]: job for job in api.get("/api/v1/jobs").json()["jobs"]}
    assert listed[job_id]["error"]
    assert api.job(job_id)["error"] == listed[job_id]["error"]

    mended = {**DEFINITION, "timezone": "UTC", "pub_args": [], "kwargs": {}}
    assert api.put(f"/api/v1/jobs/{job_id}", json=mended).status_code == 200
    assert "error" not in api.job(job_id)


@pytest.mark.parametrize(("column", "value"), BROKEN)
def test_a_job_whose_row_is_broken_can_be_paused_and_deleted(
    api: Api, column: str, value: str
) -> None:
    job_id = _broken_job(api, column, value)

    paused = api.call("PATCH", f"/api/v1/jobs/{job_id}")
    skipped = api.post(f"/api/v1/jobs/{job_id}/skip-next")
    run = api.post(f"/api/v1/executions/{job_id}")
    deleted = api.call("DELETE", f"/api/v1/jobs/{job_id}")

    assert (paused.status_code, skipped.status_code, deleted.status_code) == (200, 400, 200)
    assert run.status_code == 200
    assert api.finished(run.json()["execution_id"])["job_id"] == job_id


def _broken_job(api: Api, column: str, value: str) -> str:
    """The id of a job of whose row something else has changed one column."""
    job_id = api.add_job(name="broken")
    datastore = api.server.scheduler_manager.get_datastore()
    jobs = datastore.tables.jobs
    change = jobs.update().where(jobs.c.id == job_id).values(**{column: value})
    datastore.write(lambda connection: connection.execute(change))
    return job_id
