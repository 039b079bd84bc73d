"""Long answers go out as gzip to clients that take it."""

from __future__ import annotations

import pytest

from tests.api.api_server import Api

LONG = "/api/v1/jobs?limit=50"


@pytest.fixture(autouse=True)
def _a_long_list(api: Api) -> None:
    api.add_job(description="n" * 2000)


def test_a_long_answer_is_sent_as_gzip(api: Api) -> None:
    plain = api.get(LONG, headers={"Accept-Encoding": "identity"})

    packed = api.get(LONG, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 3
    assert packed.json() == plain.json()
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_an_answer_that_did_not_change_is_not_sent_again(api: Api) -> None:
    etag = api.get(LONG, headers={"Accept-Encoding": "gzip"}).headers["Etag"]

    again = api.get(LONG, headers={"Accept-Encoding": "gzip", "If-None-Match": etag})

    assert again.status_code == 304


def test_a_short_answer_is_sent_as_it_is(api: Api) -> None:
    answer = api.get("/api/v1/tags", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
