"""Who asks, as proxies before the server tell: only those that are trusted, hop by hop."""

from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from ndscheduler.server.proxies import TrustedProxies, is_https

TRUSTED = ["10.0.0.0/8", "127.0.0.1", "fd00::/8"]


def asked(peer: str, headers: dict[str, str], trusted: list[str] = TRUSTED) -> HTTPServerRequest:
    """A request from `peer`, seen through `trusted`."""
    start_line = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(
        headers=HTTPHeaders({"Host": "localhost", **headers}), start_line=start_line
    )
    request.remote_ip = peer
    TrustedProxies(trusted).apply(request)
    return request


@pytest.mark.parametrize("peer", ["203.0.113.9", "::1", "11.0.0.1", "fe80::1%eth0"])
def test_nobody_else_is_believed(peer: str) -> None:
    request = asked(peer, {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"})

    assert request.remote_ip == peer
    assert not is_https(request)


def test_nobody_is_trusted_unless_a_setting_says_so() -> None:
    request = asked("127.0.0.1", {"X-Forwarded-For": "198.51.100.1"}, trusted=[])

    assert request.remote_ip == "127.0.0.1"


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        # What a client has made up stands left of what the first trusted proxy has seen.
        ("127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.66, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, fd00::2", "198.51.100.1"),
    ],
)
def test_the_client_is_the_nearest_hop_that_is_not_trusted(hops: str, client: str) -> None:
    assert asked("127.0.0.1", {"X-Forwarded-For": hops}).remote_ip == client


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        ("evil.example", "127.0.0.1"),
        ("198.51.100.1,", "127.0.0.1"),
        ("198.51.100.1, junk", "127.0.0.1"),
        ("198.51.100.1, junk, 10.1.2.3", "10.1.2.3"),
        ("999.1.1.1", "127.0.0.1"),
        ("[::1", "::1"),
        ("<script>", "127.0.0.1"),
        ("1" * 5000, "127.0.0.1"),
    ],
)
def test_what_is_no_address_ends_at_the_last_hop_that_is(hops: str, client: str) -> None:
    assert asked("127.0.0.1", {"X-Forwarded-For": hops}).remote_ip == client


@pytest.mark.parametrize("header", ["X-Real-Ip", "Forwarded", "X-Client-Ip", "X-Forwarded-Host"])
def test_no_other_header_is_read(header: str) -> None:
    request = asked("127.0.0.1", {header: "198.51.100.1"})

    assert request.remote_ip == "127.0.0.1"
    assert request.host == "localhost"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https", True),
        ("HTTPS", True),
        ("http, https", True),
        ("https, http", False),
        ("http", False),
        ("wss", False),
        ("", False),
    ],
)
def test_a_trusted_proxy_says_whether_the_client_speaks_tls(value: str, expected: bool) -> None:
    assert is_https(asked("10.1.1.1", {"X-Forwarded-Proto": value})) == expected
