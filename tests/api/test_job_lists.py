"""Jobs in every order, by status, and with a summary of how they did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.api_server import Api

FAILING_JOB = "extra_jobs.probe_jobs.FailingJob"


def _names(api: Api, query: str) -> list[str]:
    answer = api.get(f"/api/v1/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["name"] for job in answer.json()["jobs"]]


@pytest.fixture(scope="module")
def three(api: Api) -> dict[str, str]:
    """The ids of three jobs by name: one that failed, one that succeeded, one that never ran."""
    ids = {
        "failed": api.add_job(name="failed", job_class_string=FAILING_JOB, tags=["three", "odd"]),
        "succeeded": api.add_job(name="succeeded", tags=["three"]),
        "new": api.add_job(name="new", tags=["three"]),
    }
    for name in ("failed", "failed", "succeeded"):
        api.run_job(ids[name])
    return ids


def test_jobs_come_in_the_order_that_is_asked_for(api: Api, three: dict[str, str]) -> None:
    assert _names(api, "tag=three&sort=name") == ["failed", "new", "succeeded"]
    assert _names(api, "tag=three&sort=-name&limit=2") == ["succeeded", "new"]
    assert _names(api, "tag=three&sort=created&limit=9") == ["failed", "succeeded", "new"]
    assert _names(api, "tag=three&sort=-updated") == ["new", "succeeded", "failed"]


def test_the_next_page_goes_on_in_the_same_order(api: Api, three: dict[str, str]) -> None:
    first = api.get("/api/v1/jobs?tag=three&sort=-name&limit=2").json()

    assert _names(api, f"tag=three&sort=-name&limit=2&cursor={first['next_cursor']}") == ["failed"]


@pytest.mark.parametrize("sort", ["", "&sort=next_run", "&sort=name", "&sort=-created"])
def test_a_cursor_of_another_order_is_refused_by_name(
    api: Api, three: dict[str, str], sort: str
) -> None:
    first = api.get("/api/v1/jobs?tag=three&sort=-name&limit=2").json()

    answer = api.get(f"/api/v1/jobs?tag=three&cursor={first['next_cursor']}{sort}")

    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    "query", ["sort=colour", "sort=--name", "status=asleep", "status=active,", "include=all"]
)
def test_an_unknown_word_is_refused_by_name(api: Api, query: str) -> None:
    answer = api.get(f"/api/v1/jobs?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


def test_jobs_are_found_by_status(api: Api, three: dict[str, str]) -> None:
    assert _names(api, "tag=three&status=failing") == ["failed"]
    assert set(_names(api, "tag=three&status=active,paused")) == {"failed", "succeeded", "new"}
    assert _names(api, "tag=three&status=running,ended,paused,broken") == []


def test_a_broken_job_is_found_until_it_is_mended(api: Api) -> None:
    datastore = api.server.scheduler_manager.get_datastore()
    gone, torn = api.add_job(name="gone", tags=["bad"]), api.add_job(name="torn", tags=["bad"])
    jobs = datastore.tables.jobs
    columns: list[tuple[str, dict[str, Any]]] = [
        (gone, {"job_class_string": "extra_jobs.no_such.Class"}),
        (torn, {"trigger": "{"}),
    ]
    for job_id, values in columns:
        update = jobs.update().where(jobs.c.id == job_id).values(**values)
        datastore.write(lambda connection, update=update: connection.execute(update))

    assert set(_names(api, "tag=bad&status=broken")) == {"gone", "torn"}
    for job_id in (gone, torn):
        assert api.job(job_id)["error"]

    body = {"name": "mended", "job_class_string": FAILING_JOB, "minute": "1"}
    assert api.put(f"/api/v1/jobs/{torn}", json=body).status_code == 200
    assert _names(api, "tag=bad&status=broken") == ["gone"]


def test_a_summary_tells_how_a_job_did(api: Api, three: dict[str, str]) -> None:
    answer = api.get("/api/v1/jobs?tag=three&include=summary&limit=10")
    summaries = {job["name"]: job["summary"] for job in answer.json()["jobs"]}

    failed = summaries["failed"]
    assert (failed["failures_in_a_row"], failed["ended"]) == (2, {"failed": 2})
    assert failed["usual_duration"] is None
    assert [bar[1] for bar in failed["recent"]] == ["failed", "failed"]
    execution = api.get(f"/api/v1/executions/{failed['last']['execution_id']}").json()
    assert {key: failed["last"][key] for key in failed["last"] if key != "duration"} == {
        key: execution[key] for key in failed["last"] if key != "duration"
    }
    assert failed["recent"][-1] == [
        execution["execution_id"],
        "failed",
        execution["scheduled_time"],
        failed["last"]["duration"],
    ]
    assert summaries["succeeded"]["usual_duration"] >= 0
    assert summaries["new"] == {
        "recent": [],
        "last": None,
        "running": 0,
        "queued": 0,
        "usual_duration": None,
        "ended": {},
        "failures_in_a_row": 0,
    }


def test_one_job_has_a_summary_only_when_it_is_asked_for(api: Api, three: dict[str, str]) -> None:
    path = f"/api/v1/jobs/{three['succeeded']}"

    plain, full = api.get(path).json(), api.get(f"{path}?include=summary").json()

    assert full.pop("summary")["ended"] == {"succeeded": 1}
    assert plain == full


def test_a_whole_list_has_summaries_too(api: Api, three: dict[str, str]) -> None:
    jobs = api.get("/api/v1/jobs?tag=odd&include=summary").json()["jobs"]

    assert [job["summary"]["ended"] for job in jobs] == [{"failed": 2}]


def test_tags_are_listed_with_how_many_jobs_have_them(api: Api, three: dict[str, str]) -> None:
    tags = api.get("/api/v1/tags").json()["tags"]

    assert {"tag": "three", "jobs": 3} in tags
    assert {"tag": "odd", "jobs": 1} in tags
    assert [row["tag"] for row in tags] == sorted(row["tag"] for row in tags)


def test_more_tags_than_a_job_may_have_are_refused(api: Api, three: dict[str, str]) -> None:
    tags = [f"tag={number}" for number in range(51)]

    refused = api.get(f"/api/v1/jobs?{'&'.join(tags)}")
    taken = api.get(f"/api/v1/jobs?{'&'.join(tags[:50])}")
    repeated = api.get(f"/api/v1/jobs?{'&'.join(['tag=odd'] * 1000)}")

    assert (refused.status_code, refused.json()["field"]) == (400, "tag")
    assert taken.json() == {"jobs": []}
    assert len(repeated.json()["jobs"]) == 1
