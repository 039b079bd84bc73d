"""The description of the API as a server gives it."""

from __future__ import annotations

from pathlib import Path

from openapi_spec_validator import validate

from tests.api.api_server import Api, serving


def test_a_server_describes_its_api(api: Api) -> None:
    answer = api.get("/api/v1/openapi.json")

    document = answer.json()
    validate(document)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert document["servers"] == [{"url": "/"}]
    assert "/api/v1/jobs/{job_id}" in document["paths"]


def test_the_description_names_cookie_and_prefix_of_the_server(tmp_path: Path) -> None:
    with serving(tmp_path, URL_PREFIX="/below", COOKIE_NAME="crumb", AUTH="none") as api:
        document = api.get("/below/api/v1/openapi.json").json()

    assert document["components"]["securitySchemes"]["session"]["name"] == "crumb"
    assert document["servers"] == [{"url": "/below"}]
    assert "/api/v1/jobs" in document["paths"]
