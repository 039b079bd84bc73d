"""What every URL keeps to: methods, slashes, headers, Etags, sizes, other sites."""

from __future__ import annotations

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.server.handlers.base import BaseHandler
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import NONE_JOB, YEARLY, Api, serving

URLS = [
    "/",
    "/api/v1/jobs",
    "/api/v1/executions",
    "/api/v1/logs",
    "/api/v1/job-classes",
    "/api/v1/stats",
    "/api/v1/instances",
    "/healthz",
    "/readyz",
]
JOB = {"name": "x", "job_class_string": NONE_JOB, **YEARLY}


@pytest.mark.parametrize("path", URLS)
def test_head_gives_the_headers_of_get(api: Api, path: str) -> None:
    get, head = api.get(path), api.call("HEAD", path)

    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("path", [*URLS, "/api/v1/nope", "/nope", "/static/nope.js"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "FOO", "TRACE"])
def test_every_answer_has_the_security_headers(api: Api, method: str, path: str) -> None:
    headers = api.call(method, path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "ndscheduler"
    if path.startswith("/api"):
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET, HEAD"),
        ("PUT", "/api/v1/jobs", "GET, HEAD, POST"),
        ("DELETE", "/api/v1/jobs", "GET, HEAD, POST"),
        ("OPTIONS", "/api/v1/jobs", "GET, HEAD, POST"),
        ("POST", "/api/v1/jobs/x", "GET, HEAD, PUT, DELETE, PATCH, OPTIONS"),
        ("GET", "/api/v1/jobs/x/pause", "POST"),
        ("POST", "/api/v1/executions", "GET, HEAD"),
        ("PUT", "/api/v1/executions/x", "GET, HEAD, POST, DELETE"),
        ("POST", "/api/v1/logs", "GET, HEAD"),
        ("GET", "/api/v1/triggers/preview", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_says_what_is_right(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = api.call(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert method in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/v1/nope", "/api/v2/jobs", "/api", "/nope", "/log"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_url_is_404_in_json(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path)

    assert answer.status_code == 404
    assert path in answer.json()["error"]


def test_a_redirect_to_the_url_without_slash_keeps_the_query(api: Api) -> None:
    answer = api.get("/api/v1/jobs/?q=a&limit=5")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "/api/v1/jobs?q=a&limit=5"


def test_a_slash_after_a_write_is_404(api: Api) -> None:
    job_id = api.add_job()

    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "POST"):
        assert api.call(method, f"/api/v1/jobs/{job_id}/").status_code == 404
    assert api.job(job_id)["rev"] == 1


def test_an_unchanged_answer_is_304(api: Api) -> None:
    path = f"/api/v1/jobs/{api.add_job()}"
    etag = api.get(path).headers["Etag"]

    assert api.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_get_with_a_content_type_and_no_body_works(api: Api) -> None:
    answer = api.get("/api/v1/jobs", headers={"Content-Type": "application/json"})

    assert answer.status_code == 200


def test_no_answer_can_end_a_script_element(api: Api) -> None:
    job_id = api.add_job(name="</script><script>alert(1)</script>")

    answer = api.get(f"/api/v1/jobs/{job_id}")

    assert "</script" not in answer.text
    assert answer.json()["name"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"],
)
def test_json_may_be_called_so_in_several_ways(api: Api, content_type: str) -> None:
    answer = api.post("/api/v1/jobs", data=json.dumps(JOB), headers={"Content-Type": content_type})

    assert answer.status_code == 201


@pytest.mark.parametrize("size", [2**20 + 1, 10 * 2**20])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_413_in_json(api: Api, size: int, is_chunked: bool) -> None:
    body = json.dumps({**JOB, "description": "x" * size}).encode()
    parts = (body[start : start + 65536] for start in range(0, len(body), 65536))
    before = api.everything()

    answer = api.post(
        "/api/v1/jobs",
        data=parts if is_chunked else body,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 413
    assert "1048576 bytes" in answer.json()["error"]
    assert api.everything() == before


def test_a_form_that_is_too_large_is_413_in_json(api: Api) -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"x" * 2**21
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    answer = api.post("/api/v1/jobs", data=body, headers=headers)

    assert answer.status_code == 413


def test_the_connection_lives_on_after_a_body_that_is_too_large(api: Api) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    size = 3 * 2**20
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * size)
        first = _one_answer(connection)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        second = _one_answer(connection)

    assert b"413" in first.splitlines()[0]
    assert b"200 OK" in second.splitlines()[0]


def _one_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"}" not in received:
        part = connection.recv(65536)
        assert part, "the connection was cut"
        received += part
    return received


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_pages_of_other_sites_change_nothing(api: Api, headers: dict[str, str]) -> None:
    job_id = api.add_job()
    before = api.everything()

    calls = [
        ("POST", "/api/v1/jobs"),
        ("PUT", f"/api/v1/jobs/{job_id}"),
        ("DELETE", f"/api/v1/jobs/{job_id}"),
        ("PATCH", f"/api/v1/jobs/{job_id}"),
        ("OPTIONS", f"/api/v1/jobs/{job_id}"),
        ("POST", f"/api/v1/jobs/{job_id}/pause"),
        ("POST", f"/api/v1/executions/{job_id}"),
    ]
    statuses = {
        api.call(method, path, json=JOB if method == "PUT" else None, headers=headers).status_code
        for method, path in calls
    }

    assert statuses == {403}
    assert api.everything() == before


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_may_change_things(api: Api, site: str) -> None:
    origin = {"Sec-Fetch-Site": site, "Origin": api.url}

    assert api.post("/api/v1/jobs", json=JOB, headers=origin).status_code == 201
    assert api.post("/api/v1/jobs", json=JOB, headers={"Origin": api.url}).status_code == 201


class BrokenHandler(BaseHandler):
    """A handler of a user's own that fails."""

    def get(self) -> None:
        raise RuntimeError("secret")


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_of_the_server_tells_nothing_of_its_inside(tmp_path: Path, debug: bool) -> None:
    class BrokenServer(SchedulerServer):
        def __init__(self, scheduler_instance: SchedulerManager) -> None:
            super().__init__(scheduler_instance, {"serve_traceback": debug})
            self.application.add_handlers(".*", [(r"/broken", BrokenHandler)])

    with serving(tmp_path, BrokenServer, DEBUG=debug) as api:
        answer = api.get("/broken")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json() == {"error": "The server failed to answer this request; its log says why."}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/session", {"x\n2026-01-01 INFO: all is well\x1b[2J\u202e": "\0"}),
        ("GET", "/api/v1/jobs/x%0A2026-01-01%20INFO:%20all%20is%20well%1B[2J%E2%80%AE", None),
        ("GET", "/static/../x%0A2026-01-01%20INFO:%20all%20is%20well%1B[2J%E2%80%AE", None),
    ],
)
def test_nobody_writes_lines_of_his_own_into_the_log(
    api: Api, caplog: pytest.LogCaptureFixture, method: str, path: str, body: dict[str, str] | None
) -> None:
    with caplog.at_level(logging.INFO):
        request = requests.Request(method, api.url, json=body).prepare()
        request.url = api.url + path
        answer = api.session.send(request)

    assert answer.status_code in (400, 403, 404)
    logged = [record.getMessage() for record in caplog.records]
    assert any(r"x\n2026-01-01 INFO: all is well\x1b[2J\u202e" in line for line in logged)
    assert all(line.isprintable() for line in logged)


def test_answers_of_many_clients_at_once_are_all_right(api: Api) -> None:
    def once(number: int) -> int:
        return requests.get(f"{api.url}/api/v1/jobs?limit=1&n={number}", timeout=30).status_code

    with ThreadPoolExecutor(20) as clients:
        assert set(clients.map(once, range(100))) == {200}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8888", "localhost.evil.example"])
def test_a_name_that_is_not_ours_is_refused(api: Api, host: str) -> None:
    answer = api.get("/api/v1/jobs", headers={"Host": host})

    assert answer.status_code == 403
    assert "ALLOWED_HOSTS" in answer.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8888", "[::1]:8888", "10.1.2.3"])
def test_addresses_and_localhost_are_names_of_ours(api: Api, host: str) -> None:
    assert api.get("/api/v1/jobs", headers={"Host": host}).status_code == 200


def test_an_origin_that_is_no_url_is_a_foreign_one(api: Api) -> None:
    answer = api.post("/api/v1/executions/x", headers={"Origin": "http://["})

    assert answer.status_code == 403
