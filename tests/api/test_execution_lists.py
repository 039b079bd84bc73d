"""Executions in brief, how long they took, and what is beside one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.api.api_server import Api, wait_for

KWARGS_JOB = "extra_jobs.probe_jobs.KwargsJob"
SLOW_JOB = "extra_jobs.probe_jobs.SlowJob"


@pytest.fixture(scope="module")
def job_id(api: Api) -> str:
    """A job that ran twice, the first time with a long result."""
    job_id = api.add_job(job_class_string=KWARGS_JOB)
    api.run_job(job_id, kwargs={"text": "x" * 1000})
    api.run_job(job_id, kwargs={"text": "y"})
    return job_id


def _list(api: Api, query: str) -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/executions?{query}")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["executions"]
    return rows


def test_a_brief_list_has_the_beginning_of_results(api: Api, job_id: str) -> None:
    short, long = _list(api, f"job_id={job_id}&limit=10&include=brief")
    whole_short, whole_long = _list(api, f"job_id={job_id}&limit=10")

    assert (short["result_brief"], short["result_length"]) == (
        whole_short["result"],
        len(whole_short["result"]),
    )
    assert (long["result_brief"], long["result_length"]) == (
        whole_long["result"][:200],
        len(whole_long["result"]),
    )
    added = {"result_brief", "result_length", "duration", "delay"}
    assert set(long) - set(whole_long) == added
    assert set(whole_long) - set(long) == {"result"}


def test_a_whole_list_can_be_brief_too(api: Api, job_id: str) -> None:
    rows = _list(api, f"job_id={job_id}&include=brief")

    assert [row["result_length"] > 200 for row in rows] == [False, True]


def test_an_execution_tells_how_late_it_began_and_how_long_it_took(api: Api, job_id: str) -> None:
    (row, _) = _list(api, f"job_id={job_id}&limit=10&include=brief")

    shown = api.get(f"/api/v1/executions/{row['execution_id']}").json()

    times = [
        datetime.fromisoformat(shown[f"{word}_time"])
        for word in ("scheduled", "started", "finished")
    ]
    assert shown["delay"] == row["delay"] == (times[1] - times[0]).total_seconds()
    assert shown["duration"] == row["duration"] == (times[2] - times[1]).total_seconds()


def test_an_execution_that_runs_has_no_duration_yet(api: Api) -> None:
    job_id = api.add_job(job_class_string=SLOW_JOB, pub_args=[1])
    execution_id = api.post(f"/api/v1/executions/{job_id}").json()["execution_id"]

    def running() -> dict[str, Any] | None:
        shown: dict[str, Any] = api.get(f"/api/v1/executions/{execution_id}").json()
        return shown if shown["state"] == "running" else None

    shown = wait_for(running)
    assert shown["duration"] is None
    assert shown["delay"] >= 0
    assert api.finished(execution_id)["duration"] >= 1


def test_an_execution_knows_its_neighbours_and_attempts(api: Api, job_id: str) -> None:
    second, first = [row["execution_id"] for row in _list(api, f"job_id={job_id}&limit=10")]

    shown = api.get(f"/api/v1/executions/{first}?include=neighbours").json()

    assert (shown["previous_id"], shown["next_id"]) == (None, second)
    (attempt,) = shown["attempts"]
    assert attempt == {
        "execution_id": first,
        "attempt": 1,
        "retry_of": None,
        **{
            key: shown[key]
            for key in ("state", "scheduled_time", "started_time", "finished_time", "duration")
        },
    }
    plain = api.get(f"/api/v1/executions/{first}").json()
    assert set(shown) - set(plain) == {"previous_id", "next_id", "attempts"}


def test_executions_are_found_by_host_and_by_who_asked(api: Api, job_id: str) -> None:
    host = _list(api, f"job_id={job_id}&limit=1")[0]["hostname"]

    assert len(_list(api, f"job_id={job_id}&host={host}&limit=9")) == 2
    assert len(_list(api, f"job_id={job_id}&requested_by=anonymous&limit=9")) == 2
    assert _list(api, f"job_id={job_id}&host=elsewhere&limit=9") == []
    assert _list(api, f"job_id={job_id}&requested_by=ana&limit=9") == []


@pytest.mark.parametrize("path", ["executions", "executions/abc"])
def test_an_unknown_word_in_include_is_refused(api: Api, path: str) -> None:
    answer = api.get(f"/api/v1/{path}?include=everything")

    assert (answer.status_code, answer.json()["field"]) == (400, "include")
