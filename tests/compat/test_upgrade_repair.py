"""Jobs that the upgrade could not keep whole are shown, run with nothing wrong, and are mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.api.api_server import AWESOME, YEARLY, Api, serving
from tests.compat.old_databases import OldDatabase, pickled_jobs

WRITER = "master_aps3104"
BROKEN = ("sets", "both", "half_past", "own_function")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server on an upgraded file with jobs that could not be kept whole, and one that could."""
    folder = tmp_path_factory.mktemp("broken")
    store = DatastoreSqlite({"file_path": str(folder / "datastore.db")}, None)
    old = OldDatabase(store).make()
    for job_id in (*BROKEN, "plain"):
        # In the far future: it does not fire while the tests run.
        old.add_job(job_id, pickled_jobs()[WRITER][job_id], 4_000_000_000.0)
    store.close()
    with serving(folder) as running:
        yield running


def test_each_is_paused_and_says_why(api: Api) -> None:
    shown = {job_id: api.job(job_id) for job_id in BROKEN}

    for job in shown.values():
        assert job["paused"]
        assert job["paused_by"] == "upgrade"
        assert job["paused_reason"].startswith("The upgrade from 0.x could not keep all of this")
        assert job["next_run_time"] == ""
    assert shown["sets"]["pub_args"] == [1, {"$unreadable": "{3}"}, "after"]
    assert shown["sets"]["error"] == "A value in pub_args could not be kept from 0.x."
    assert "trigger.type" in shown["both"]["error"]
    assert "timezone" in shown["half_past"]["error"]
    assert not api.job("plain")["paused"]


def test_nothing_runs_with_an_argument_that_could_not_be_kept(api: Api) -> None:
    run = api.run_job("sets")

    assert run["state"] == "scheduled error"
    assert "pub_args: a value could not be kept from 0.x" in run["error_summary"]


def test_it_runs_with_other_arguments(api: Api) -> None:
    run = api.run_job("sets", pub_args=["a", {"b": 1}], kwargs={})

    assert run["state"] == "succeeded"


def test_sending_back_what_was_shown_changes_nothing(api: Api) -> None:
    before = api.job("sets")
    fields = {name: before[name] for name in ("name", "job_class_string", "pub_args", "kwargs")}

    answer = api.put("/api/v1/jobs/sets", json={**fields, "trigger": before["trigger"]})

    assert answer.status_code == 200, answer.text
    assert api.job("sets")["pub_args"] == before["pub_args"]


@pytest.mark.parametrize("job_id", ["both", "half_past"])
def test_a_schedule_without_counterpart_can_not_be_resumed(api: Api, job_id: str) -> None:
    answer = api.post(f"/api/v1/jobs/{job_id}/resume")

    assert answer.status_code == 400
    assert api.job(job_id)["paused"]


@pytest.mark.parametrize(
    ("job_id", "change"),
    [
        ("sets", {"pub_args": [1, [3], "after"], "kwargs": {}, **YEARLY}),
        ("both", {"trigger": {"type": "cron", "hour": "2"}}),
        ("half_past", {"hour": "2", "timezone": "Asia/Kolkata"}),
        ("own_function", {"hour": "2"}),
    ],
)
def test_it_is_mended_and_resumed(api: Api, job_id: str, change: dict[str, Any]) -> None:
    fields = {"name": f"mended {job_id}", "job_class_string": AWESOME, **change}

    changed = api.put(f"/api/v1/jobs/{job_id}", json=fields)
    resumed = api.post(f"/api/v1/jobs/{job_id}/resume")

    assert (changed.status_code, resumed.status_code) == (200, 200), changed.text + resumed.text
    job = api.job(job_id)
    assert (job["paused"], job["paused_reason"]) == (False, None)
    assert job["next_run_time"] != ""
    assert "error" not in job


def test_python_code_sees_all_of_them(api: Api) -> None:
    jobs = api.server.scheduler_manager.get_jobs()

    assert {job.id for job in jobs} == {*BROKEN, "plain"}
