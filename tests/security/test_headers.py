"""The headers for browsers are on every answer, whatever its status."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.api.api_server import Api, serving

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HTTPS = {"X-Forwarded-Proto": "https"}


def etag(api: Api, path: str) -> dict[str, str]:
    """What asks for `path` only if it has changed."""
    return {"If-None-Match": api.get(path).headers["Etag"]}


def answers(api: Api) -> dict[str, requests.Response]:
    """One answer of every kind."""
    jobs, file = "/api/v1/jobs", "/static/index.html"
    json_type = {"Content-Type": "application/json"}
    return {
        "200": api.get(jobs),
        "200 of the page": api.get("/"),
        "200 of a file": api.get(file),
        "206": api.get(file, headers={"Range": "bytes=0-9"}),
        "201": api.post(
            jobs,
            json={
                "name": "x",
                "job_class_string": "extra_jobs.probe_jobs.NoneJob",
                "month": "12",
            },
        ),
        "204": api.call("OPTIONS", jobs, headers={"Access-Control-Request-Method": "PUT"}),
        "301": api.get(f"{jobs}/"),
        "304": api.get(jobs, headers=etag(api, jobs)),
        "304 of the page": api.get("/", headers=etag(api, "/")),
        "304 of a file": api.get(file, headers=etag(api, file)),
        "400": api.post(jobs, data=b"{", headers=json_type),
        "400 of a query": api.get(f"{jobs}?limit=x"),
        "403": api.get(jobs, headers={"Host": "evil.example"}),
        "403 of a write": api.post(jobs, headers={"Sec-Fetch-Site": "cross-site"}),
        "404": api.get("/nope"),
        "404 of a file": api.get("/static/nope.js"),
        "404 of a job": api.get(f"{jobs}/nope"),
        "405": api.post("/"),
        "405 of no method": api.call("BREW", jobs),
        "413": api.post(jobs, data=b" " * (2**20 + 1), headers=json_type),
        "416": api.get(file, headers={"Range": "bytes=9999999-"}),
        "501": api.call("DELETE", "/api/v1/executions/x"),
    }


def test_every_kind_of_answer_has_the_headers(api: Api) -> None:
    for kind, answer in answers(api).items():
        assert answer.status_code == int(kind[:3]), f"{kind}: {answer.status_code}"
        headers = dict(answer.headers)
        if kind == "403":
            # To a name that is not of this machine browsers would say that this one is ignored.
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        assert headers.items() >= ALWAYS.items(), kind
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], kind
        assert "camera=()" in headers["Permissions-Policy"], kind
        assert headers["Server"] == "ndscheduler", kind
        assert "Strict-Transport-Security" not in headers, kind


def test_every_kind_of_answer_by_https_keeps_browsers_to_it(tmp_path: Path) -> None:
    with serving(tmp_path, TRUSTED_PROXIES="127.0.0.1", AUTH="none") as api:
        api.session.headers.update(HTTPS)

        for kind, answer in answers(api).items():
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", kind
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind


def test_browsers_are_not_kept_to_https_where_a_setting_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, TRUSTED_PROXIES="127.0.0.1", HSTS_MAX_AGE_SEC=0, AUTH="none") as api:
        assert "Strict-Transport-Security" not in api.get("/", headers=HTTPS).headers


@pytest.mark.parametrize("host", ["10.1.2.3:8888", "machine.localhost", "[::1]:8888", "127.0.0.2"])
def test_the_opener_policy_goes_where_browsers_take_it(api: Api, host: str) -> None:
    headers = api.get("/healthz", headers={"Host": host}).headers

    assert ("Cross-Origin-Opener-Policy" in headers) == (not host.startswith("10."))
