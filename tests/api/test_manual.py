"""doc/reference/rest.md names every URL, every method and every field."""

from __future__ import annotations

import re

import pytest

from ndscheduler.corescheduler.service_requests import JobRequest, PreviewRequest
from ndscheduler.server.routes import routes
from tests.api.api_server import DATA, Api

MANUAL = (DATA.parent.parent / "doc" / "reference" / "rest.md").read_text()


NAMES = {"executions": "execution_id", "users": "name", "tokens": "id"}


def _manual_path(pattern: str) -> str:
    """The pattern of a route as the manual writes it."""
    path = pattern.removeprefix("/api/v1").removesuffix("/?")
    name = NAMES.get(path.split("/")[1], "job_id")
    return re.sub(r"\([^)]*\)", f"{{{name}}}", path)


@pytest.mark.parametrize("pattern", [r.pattern for r in routes("v1") if r.pattern != "/"])
def test_every_url_is_in_the_manual(pattern: str) -> None:
    assert re.search(rf"(GET|POST|PUT|DELETE) {re.escape(_manual_path(pattern))}(?![-/\w])", MANUAL)


@pytest.mark.parametrize("field", sorted({*JobRequest.model_fields, *PreviewRequest.model_fields}))
def test_every_field_of_a_request_is_in_the_manual(field: str) -> None:
    assert f"`{field}`" in MANUAL


def test_every_field_of_an_answer_is_in_the_manual(api: Api) -> None:
    job_id = api.add_job(name="for the manual")
    execution = api.run_job(job_id)
    shown = {
        *api.job(job_id),
        *execution,
        *execution["job"],
        *api.logs(job_id)[0],
        *api.get("/api/v1/instances").json()["instances"][0],
        *api.get("/api/v1/stats").json(),
        *api.get("/api/v1/job-classes").json()["job_classes"][0],
    }

    assert {field for field in shown if f"`{field}`" not in MANUAL} == set()
