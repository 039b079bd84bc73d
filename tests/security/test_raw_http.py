"""What no client of a library sends: malformed HTTP, byte by byte, over a real socket.

Each is answered with 4xx or a closed connection, never with 5xx or a word of the inside, changes
nothing, hides no second request, and leaves a server that works.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.api.api_server import Api

HOST = b"Host: localhost\r\n"
JSON_TYPE = b"Content-Type: application/json\r\n"
BODY = b'{"name": "smuggled", "job_class_string": "extra_jobs.probe_jobs.NoneJob", "month": "12"}'
# A whole request that would add a job, hidden in what a request in front of it has for a body.
HIDDEN = b"POST /api/v1/jobs HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s" % (
    HOST,
    JSON_TYPE,
    len(BODY),
    BODY,
)
POST = b"POST /api/v1/jobs HTTP/1.1\r\n" + HOST + JSON_TYPE
GET = b"GET /api/v1/jobs HTTP/1.1\r\n" + HOST

MALFORMED = {
    "nothing but line ends": b"\r\n\r\n\r\n",
    "no http": b"hello\r\n\r\n",
    "tls": bytes.fromhex("16030100050100000100") + b"\r\n\r\n",
    "http 0.9": b"GET /\r\n\r\n",
    "http 2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http 3": b"GET / HTTP/3.0\r\n" + HOST + b"\r\n",
    "http x": b"GET / HTTP/x\r\n" + HOST + b"\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tab": b"GET\t/\tHTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in the path": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "a nul in the path": b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a carriage return in the path": b"GET /\rX: y HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method of brackets": b"<script> / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a nul in the method": b"G\x00T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "two hosts in one": b"GET /healthz HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n",
    "a host with a path": b"GET /healthz HTTP/1.1\r\nHost: localhost/../\r\n\r\n",
    "a host with markup": b"GET /healthz HTTP/1.1\r\nHost: <script>\r\n\r\n",
    "a host with a user": b"GET /api/v1/jobs HTTP/1.1\r\nHost: evil.example@localhost\r\n\r\n",
    "no host value": b"GET /api/v1/jobs HTTP/1.1\r\nHost:\r\n\r\n",
    "absolute form, other host": b"GET http://evil.example/api/v1/jobs HTTP/1.1\r\n"
    + HOST
    + b"\r\n",
    "absolute form, our host": b"GET http://localhost/api/v1/jobs HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT internal.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path without slash": b"GET api/v1/jobs HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path that leads up": b"GET /static/../../config.py HTTP/1.1\r\n" + HOST + b"\r\n",
    "an encoded path that leads up": b"GET /static/%2e%2e/config.py HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path of another root": b"GET /static//etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "a nul in a file name": b"GET /static/a%00.js HTTP/1.1\r\n" + HOST + b"\r\n",
    "broken escapes": b"GET /api/v1/jobs/%zz%ff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path that is not utf-8": b"GET /api/v1/jobs/%c3%28 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a query that is not utf-8": b"GET /api/v1/jobs?q=%ff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a query of many fields": b"GET /api/v1/jobs?%s HTTP/1.1\r\n%s\r\n" % (b"a&" * 2000, HOST),
    "a long file name": b"GET /static/%s.js HTTP/1.1\r\n%s\r\n" % (b"a" * 5000, HOST),
    "a long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long header": GET + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": GET + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
    "a header without colon": GET + b"nonsense\r\n\r\n",
    "a header without name": GET + b": x\r\n\r\n",
    "a space before the colon": GET + b"Content-Length : 5\r\n\r\nhello",
    "a nul in a header": GET + b"X: a\x00b\r\n\r\n",
    "a carriage return in a header": GET + b"X: a\rSet-Cookie: b\r\n\r\n",
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "a folded first header": b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n",
    "unequal lengths": POST + b"Content-Length: 0\r\nContent-Length: 500\r\n\r\n" + HIDDEN,
    "unequal lengths in one": POST + b"Content-Length: 0, 500\r\n\r\n" + HIDDEN,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "a signed length": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "a hexadecimal length": POST + b"Content-Length: 0x0\r\n\r\n" + HIDDEN,
    "a length with an underscore": POST + b"Content-Length: 0_0\r\n\r\n" + HIDDEN,
    "a length in other digits": POST + "Content-Length: \u0660\r\n\r\n".encode() + HIDDEN,
    "an endless length": POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a huge length": POST + b"Content-Length: 999999999999\r\n\r\n",
    "length and chunks": POST
    + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunks and length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "an unknown transfer encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
    "two transfer encodings": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "chunked in a word": POST + b"Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n" + HIDDEN,
    "no chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n\r\n" + HIDDEN,
    "a negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + HIDDEN,
    "a chunk with prefix": POST + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
    "a chunk of lone line feeds": POST + b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + HIDDEN,
    "a chunk longer than said": POST
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n"
    + HIDDEN,
    "an endless chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 60 + b"\r\n",
    "a chunk size that never ends": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 5000,
    "a form that is none": b"POST /api/v1/jobs HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\nhello",
}


# Asked behind everything: the server answers it last, unless it has closed the connection.
LAST = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


def exchange(api: Api, data: bytes) -> list[bytes]:
    """The answers to `data`, each from its status on, until the server closes the connection."""
    url = urlsplit(api.url)
    received = b""
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data + LAST)
            while part := connection.recv(65536):
                received += part
    answers = received.split(b"HTTP/1.1 ")[1:]
    return [answer for answer in answers if not answer.endswith(b'{"status":"ok"}')]


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_http_is_refused_and_changes_nothing(
    api: Api, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = api.everything()

    with caplog.at_level(logging.ERROR):
        answers = exchange(api, MALFORMED[name])

    # One refusal at most, and nothing that answers what was hidden behind it.
    assert len(answers) <= 1
    assert all(answer.startswith(b"4") for answer in answers), answers
    assert all(b"Traceback" not in answer and b"root:" not in answer for answer in answers)
    assert caplog.records == []
    assert api.everything() == before


def test_what_is_hidden_would_add_a_job_if_it_were_read(api: Api) -> None:
    before = len(api.everything()["jobs"])

    (answer,) = exchange(api, HIDDEN)

    assert answer.startswith(b"201")
    assert len(api.everything()["jobs"]) == before + 1


HARMLESS = {
    "one length said twice": POST
    + b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n" % (2, 2)
    + b"{}",
    "http 1.0 without a host": b"POST /api/v1/jobs HTTP/1.0\r\n" + JSON_TYPE + b"\r\n",
    "an unknown method": b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method in small letters": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "an unknown expectation": POST + b"Expect: the unexpected\r\nContent-Length: 2\r\n\r\n{}",
    "an upgrade to websockets": b"GET /api/v1/nope HTTP/1.1\r\n"
    + HOST
    + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "a method in a header": b"GET /api/v1/nope HTTP/1.1\r\n"
    + HOST
    + b"X-HTTP-Method-Override: DELETE\r\n\r\n",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_odd_but_allowed_gets_an_answer_in_json(api: Api, name: str) -> None:
    before = api.everything()

    (answer,) = exchange(api, HARMLESS[name])

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"400", b"404", b"405")), head
    assert json.loads(body)["error"]
    assert api.everything() == before


def test_no_answer_has_a_header_that_a_request_has_made_up(api: Api) -> None:
    for path in (
        "/api/v1/jobs/?q=%0d%0aX-Evil:1",
        "/%0d%0aX-Evil:%201",
        "/api/v1/x%0aX-Evil:1",
    ):
        answer = requests.get(api.url + path, timeout=30, allow_redirects=False)

        assert "X-Evil" not in answer.headers
        assert 300 <= answer.status_code < 500


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_body_that_is_nested_without_end_is_refused(api: Api, opening: bytes) -> None:
    answer = requests.post(
        f"{api.url}/api/v1/jobs",
        data=opening * 100_000,
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 400
    assert "nested" in answer.json()["error"]


def test_a_client_that_says_nothing_more_does_not_hold_up_the_others(api: Api) -> None:
    url = urlsplit(api.url)
    silent = [socket.create_connection((url.hostname, url.port), timeout=30) for _ in range(50)]
    try:
        for number, connection in enumerate(silent):
            connection.sendall((GET + b"Content-Length: 100\r\n\r\n")[: 10 + number * 2])

        assert requests.get(f"{api.url}/healthz", timeout=30).status_code == 200
    finally:
        for connection in silent:
            connection.close()
