"""Whatever is sent, the answer is no server error."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler.service_requests import JobRequest
from tests.api.api_server import NONE_JOB, Api
from tests.api.inputs import GOOD, JSON_TYPE

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["*", "*/5", "1-5", "mon", "Europe/Berlin", "2030-01-01", "skip", NONE_JOB]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["type", "minute", "seconds", "$date", "$tuple"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(JobRequest.model_fields))
QUERY_NAMES = ["limit", "cursor", "q", "state", "job_id", "tag", "paused", "event"]
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(fields=st.dictionaries(FIELDS | st.text(max_size=8), VALUES, max_size=4))
def test_whatever_a_job_is_said_to_be_the_answer_is_no_server_error(
    api: Api, job_id: str, fields: dict[str, Any]
) -> None:
    body = json.dumps({**GOOD, **fields})

    added = api.post("/api/v1/jobs", data=body, headers=JSON_TYPE)
    changed = api.put(f"/api/v1/jobs/{job_id}", data=body, headers=JSON_TYPE)

    assert added.status_code in (201, 400), added.text
    assert changed.status_code == {201: 200, 400: 400}[added.status_code], changed.text
    if added.status_code == 201:
        shown = api.job(added.json()["job_id"])
        assert "error" not in shown
        api.call("DELETE", f"/api/v1/jobs/{shown['job_id']}")


@FUZZ
@given(
    trigger=st.dictionaries(st.text(max_size=8), VALUES, max_size=3),
    kind=st.sampled_from(["cron", "crontab", "interval", "date"]),
)
def test_whatever_a_trigger_is_said_to_be_the_answer_is_no_server_error(
    api: Api, trigger: dict[str, Any], kind: str
) -> None:
    body = json.dumps({"trigger": {**trigger, "type": kind}})

    answer = api.post("/api/v1/triggers/preview", data=body, headers=JSON_TYPE)

    assert answer.status_code in (200, 400), answer.text


@FUZZ
@given(body=st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_no_server_error(api: Api, body: bytes) -> None:
    for path in ("/api/v1/jobs", "/api/v1/triggers/preview", "/api/v1/jobs/nope/pause"):
        answer = api.post(path, data=body, headers=JSON_TYPE)

        assert 400 <= answer.status_code < 500


@FUZZ
@given(
    name=st.sampled_from(QUERY_NAMES),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_whatever_is_looked_for_the_answer_is_no_server_error(
    api: Api, name: str, value: str
) -> None:
    for path in ("/api/v1/jobs", "/api/v1/executions", "/api/v1/logs", "/api/v1/stats"):
        answer = api.get(path, params={name: value})

        assert answer.status_code in (200, 400), answer.text
