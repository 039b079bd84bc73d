"""/api/v1/logs."""

from __future__ import annotations

import json

import pytest

from tests.api.api_server import NONE_JOB, YEARLY, Api


def test_every_action_is_audited_once(api: Api) -> None:
    job_id = api.add_job(name="audited")
    api.put(
        f"/api/v1/jobs/{job_id}",
        json={"name": "renamed", "job_class_string": NONE_JOB, **YEARLY},
    )
    api.call("PATCH", f"/api/v1/jobs/{job_id}")
    api.call("OPTIONS", f"/api/v1/jobs/{job_id}")
    execution = api.run_job(job_id)
    api.call("DELETE", f"/api/v1/jobs/{job_id}")

    entries = api.logs(job_id)[::-1]

    assert [entry["event"] for entry in entries] == [
        "added",
        "modified",
        "paused",
        "resumed",
        "custom_run",
        "deleted",
    ]
    assert {entry["user"] for entry in entries} == {"anonymous"}
    assert {entry["remote"] for entry in entries} == {"127.0.0.1"}
    assert entries[0]["description"] is None
    assert entries[4]["description"] == execution["execution_id"]
    assert json.loads(entries[5]["description"])["name"] == "renamed"


def test_a_change_is_told_as_text_and_as_data(api: Api) -> None:
    job_id = api.add_job(name="<b>old</b>", pub_args=[1])
    body = {"name": "new", "job_class_string": NONE_JOB, "pub_args": [1], **YEARLY}
    api.put(f"/api/v1/jobs/{job_id}", json=body)

    entry = api.logs(job_id)[0]

    assert entry["changes"] == {"name": ["<b>old</b>", "new"]}
    assert entry["description"] == 'name: "<b>old</b>" => "new"'


def test_entries_are_filtered_by_event_user_and_words(api: Api) -> None:
    job_id = api.add_job(name="needle in the log")
    api.call("PATCH", f"/api/v1/jobs/{job_id}")

    def events(query: str) -> list[str]:
        rows = api.get(f"/api/v1/logs?job_id={job_id}&{query}").json()["logs"]
        return [row["event"] for row in rows]

    assert events("event=paused") == ["paused"]
    assert events("event=0") == ["added"]
    assert events("q=NEEDLE") == ["paused", "added"]
    assert events("user=nobody") == []
    assert events("user=anonymous") == ["paused", "added"]


def test_pages_of_the_log_have_a_total(fresh_api: Api) -> None:
    for _ in range(3):
        fresh_api.add_job()

    page = fresh_api.get("/api/v1/logs?limit=2").json()

    assert len(page["logs"]) == 2
    assert page["total"] == 3
    assert page["next_cursor"]


@pytest.mark.parametrize("query", ["event=nonsense", "limit=0", "time_range_start=x"])
def test_a_bad_filter_is_refused_by_name(api: Api, query: str) -> None:
    answer = api.get(f"/api/v1/logs?{query}")

    assert answer.status_code == 400
    assert answer.json()["field"] == query.partition("=")[0]
