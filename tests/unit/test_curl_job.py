"""CurlJob against a real HTTP server on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import traceback
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from simple_scheduler.jobs.curl_job import CurlJob
from tests.unit.loopback import Server, answer_with, drip, http_server


def curl(*args: object, **kwargs: object) -> dict[str, object]:
    return CurlJob.create_test_instance().run(*args, **kwargs)


def test_the_status_and_the_body_are_the_result() -> None:
    with http_server(
        answer_with(200, b"h\xc3\xa9llo", Content_Type="text/plain; charset=utf-8")
    ) as s:
        result = curl(s.url, "GET")

    assert result == {"status_code": 200, "body": "h\u00e9llo"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_the_method_is_the_second_argument(method: str) -> None:
    with http_server(answer_with(200)) as server:
        curl(f"{server.url}/path?a=b", method.lower())

    assert [(seen.method, seen.path) for seen in server.seen] == [(method, "/path?a=b")]


def test_a_text_body_and_headers_are_sent_as_they_are() -> None:
    with http_server(answer_with(201)) as server:
        curl(server.url, "POST", body="caf\u00e9", headers={"X-Token": 5})

    assert server.seen[0].body == "caf\u00e9".encode()
    assert server.seen[0].headers["X-Token"] == "5"


def test_an_object_is_sent_as_json() -> None:
    with http_server(answer_with(200)) as server:
        curl(server.url, "POST", body={"a": [1, None]})

    assert json.loads(server.seen[0].body) == {"a": [1, None]}
    assert server.seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_status_of_400_or_more_fails_and_tells_no_path(status: int) -> None:
    with http_server(answer_with(status, b"the cause")) as server:
        with pytest.raises(requests.HTTPError, match=f"{status} .*: the cause") as failure:
            curl(f"{server.url}/secret?token=secret", "GET")

    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "127.0.0.1", "", "//x"])
def test_another_scheme_than_http_and_https_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http and https only"):
        curl(url, "GET")


def test_a_redirect_to_another_scheme_is_refused() -> None:
    with http_server(answer_with(302, Location="file:///etc/passwd")) as server:
        with pytest.raises(requests.exceptions.InvalidSchema):
            curl(server.url, "GET")


def test_a_long_answer_is_cut_at_max_bytes() -> None:
    with http_server(answer_with(200, b"x" * 3_000_000)) as server:
        by_default = curl(server.url, "GET")
        small = curl(server.url, "GET", max_bytes=10)

    assert len(str(by_default["body"])) == 1024 * 1024
    assert by_default["truncated"] is True
    assert small == {"status_code": 200, "body": "x" * 10, "truncated": True}


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 ",
    ],
)
def test_a_server_that_sends_for_ever_is_left_at_the_timeout(begin: bytes) -> None:
    with http_server(drip(begin)) as server:
        started = time.monotonic()
        with pytest.raises(TimeoutError, match="no complete answer"):
            curl(server.url, "GET", timeout=0.5)

    assert time.monotonic() - started < 5


def test_a_server_that_says_nothing_is_left_at_the_timeout() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        with pytest.raises(TimeoutError):
            curl(f"http://127.0.0.1:{listener.getsockname()[1]}/", "GET", timeout=0.3)


def test_a_tls_handshake_that_never_ends_is_left_at_the_timeout() -> None:
    with http_server(drip(b"")) as server:
        with pytest.raises((TimeoutError, requests.exceptions.SSLError)):
            curl(server.url.replace("http:", "https:"), "GET", timeout=0.5)


def test_a_refused_connection_fails() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(requests.ConnectionError):
        curl(f"http://127.0.0.1:{port}/", "GET")


def closes(handler: BaseHTTPRequestHandler, server: Server) -> None:
    """No answer at all."""


def test_no_error_tells_the_path_or_the_query_of_a_url() -> None:
    tail = "SECRET?token=SECRET"
    with closing(socket.create_server(("127.0.0.1", 0))) as away:
        address = f"127.0.0.1:{away.getsockname()[1]}"
        silent = failure_of(f"http://{address}/{tail}", timeout=0.2)
    refused = failure_of(f"http://{address}/{tail}")
    with http_server(closes, answer_with(302, Location=f"ftp://SECRET/{tail}")) as server:
        cut = failure_of(f"{server.url}/{tail}")
        elsewhere = failure_of(f"{server.url}/{tail}")
        no_tls = failure_of(f"{server.url.replace('http', 'https')}/{tail}")
    bad_url = failure_of(f"http:///{tail}")
    bad_header = failure_of(f"{server.url}/{tail}", headers={"X-Token": " SECRET"})
    two_lines = failure_of(f"{server.url}/{tail}", headers={"X-Token": "SECRET\n"})

    assert "No connection: [Errno 111] Connection refused" in refused
    assert "Remote end closed connection" in cut
    assert "no complete answer" in silent
    assert "is no valid URL of http or https" in elsewhere
    assert "is no valid URL of http or https" in bad_url
    assert "value of a header is not valid" in bad_header
    assert "The value of the header 'X-Token' has a line break" in two_lines
    for told in (refused, cut, silent, elsewhere, no_tls, bad_url, bad_header, two_lines):
        assert "SECRET" not in told


def failure_of(url: str, **kwargs: object) -> str:
    """The traceback of a call that fails, as it is kept for the execution."""
    with pytest.raises((requests.RequestException, TimeoutError, ValueError)) as failure:
        curl(url, **kwargs)
    return "".join(traceback.format_exception(failure.value))


@pytest.mark.parametrize("timeout", [-1, float("inf"), "soon"])
def test_a_timeout_that_is_none_is_refused(timeout: object) -> None:
    with pytest.raises(ValueError, match=r"timeout|could not convert"):
        curl("http://127.0.0.1:9/", "GET", timeout=timeout)


def test_it_runs_by_hand() -> None:
    with http_server(answer_with(200, b"hello")) as server:
        done = subprocess.run(
            [sys.executable, "-m", "simple_scheduler.jobs.curl_job", server.url, "POST"],
            capture_output=True,
            text=True,
            check=True,
        )

    assert json.loads(done.stdout) == {"status_code": 200, "body": "hello"}
    assert server.seen[0].method == "POST"


def test_meta_info_names_the_class() -> None:
    info = CurlJob.meta_info()

    assert info["job_class_string"] == "simple_scheduler.jobs.curl_job.CurlJob"
    assert isinstance(json.loads(info["example_arguments"]), list)
    assert info["secret_kwargs"] == ["headers"]
