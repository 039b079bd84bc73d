"""Secrets among arguments, over REST: a name goes in and out, its text never does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.api_server import Api, serving

KWARGS_JOB = "extra_jobs.probe_jobs.KwargsJob"
FAILING_JOB = "extra_jobs.probe_jobs.FailingJob"
CANARY = "canary-93ab"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "secrets.yaml").touch(0o600)
    (folder / "secrets.yaml").write_text(f"KEY: {CANARY}\n")
    with serving(folder, SECRETS_FILE=str(folder / "secrets.yaml")) as made:
        yield made


def test_a_job_shows_the_name_and_its_runs_the_mask(api: Api) -> None:
    named = {"pub_args": [{"$secret": "KEY"}], "kwargs": {"k": [{"$secret": "KEY"}]}}
    job_id = api.add_job(job_class_string=KWARGS_JOB, **named)

    execution = api.run_job(job_id)

    for shown in (api.job(job_id), execution):
        assert {name: shown[name] for name in named} == named
    assert execution["job"]["pub_args"] == named["pub_args"]
    assert execution["state"] == "succeeded"
    assert '"***"' in execution["result"]
    assert CANARY not in execution["result"]


def test_other_arguments_of_one_run_may_name_secrets(api: Api) -> None:
    job_id = api.add_job(job_class_string=KWARGS_JOB)

    execution = api.run_job(job_id, pub_args=[{"a": {"$secret": "KEY"}}])

    assert execution["pub_args"] == [{"a": {"$secret": "KEY"}}]
    assert '"a": "***"' in execution["result"]


def test_a_name_that_is_not_there_is_taken_and_the_run_says_so(api: Api) -> None:
    job_id = api.add_job(job_class_string=KWARGS_JOB, pub_args=[{"$secret": "NOT_YET"}])

    execution = api.run_job(job_id)

    assert execution["state"] == "scheduled error"
    assert execution["error_summary"] == (
        "The secret 'NOT_YET' can not be used: SECRETS_FILE has no such name."
    )


def test_a_job_that_is_sent_back_stays_as_it_is(api: Api) -> None:
    literal: dict[str, Any] = {"$dict": {"$secret": "KEY"}}
    job_id = api.add_job(job_class_string=KWARGS_JOB, pub_args=[{"$secret": "KEY"}, literal])
    shown = api.job(job_id)
    assert shown["pub_args"] == [{"$secret": "KEY"}, literal]

    fields = ("name", "job_class_string", "pub_args", "kwargs", "trigger")
    answer = api.put(f"/api/v1/jobs/{job_id}", json={name: shown[name] for name in fields})

    assert answer.status_code == 200, answer.text
    assert api.job(job_id)["pub_args"] == shown["pub_args"]
    assert api.logs(job_id)[0]["changes"] == {}
    assert '"$secret": "KEY"' in api.run_job(job_id)["result"]


@pytest.mark.parametrize("name", [5, None, "", {"a": "b"}])
def test_a_secret_must_be_named_by_a_text(api: Api, job_id: str, name: Any) -> None:
    body = {"name": "a job", "job_class_string": KWARGS_JOB, "minute": "1"}
    refused = [
        api.post("/api/v1/jobs", json={**body, "pub_args": [{"$secret": name}]}),
        api.put(f"/api/v1/jobs/{job_id}", json={**body, "kwargs": {"k": {"$secret": name}}}),
        api.post(f"/api/v1/executions/{job_id}", json={"pub_args": [{"$secret": name}]}),
        api.post("/api/v1/jobs", json={**body, "kwargs": {"$secret": "KEY"}}),
    ]

    assert [answer.status_code for answer in refused] == [400] * 4
    assert "is not a value for $secret" in refused[0].json()["error"]
