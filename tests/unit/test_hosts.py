"""Which names the server goes by, and which pages may ask browsers for changes."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from ndscheduler.config import Config
from ndscheduler.server.errors import CrossSiteRequest, ForeignHost
from ndscheduler.server.hosts import refuse_cross_site, refuse_foreign_host


def config(**settings: Any) -> Config:
    given = {"HTTP_ADDRESS": "scheduler.internal", "ALLOWED_HOSTS": ["Proxy.Example:8443"]}
    return Config(**{**given, **settings})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8888",
        "localhost.",
        "jobs.localhost",
        "127.0.0.1",
        "127.0.0.1:8888",
        "10.1.2.3",
        "[::1]",
        "[2001:db8::1]:80",
        "scheduler.internal",
        "Scheduler.Internal.:8888",
        "proxy.example",
        "proxy.example:9999",
        socket.gethostname(),
    ],
)
def test_a_name_of_ours_is_taken(host: str) -> None:
    refuse_foreign_host(host, config())


@pytest.mark.parametrize("auth", ["login", "none"])
@pytest.mark.parametrize(
    "host",
    [
        "",
        ":8888",
        "evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "proxy.example.evil.example",
        "127.0.0.1.evil.example",
        "xproxy.example",
        "[::1",
        "127.1",
        "%6c",
        "localhost..",
    ],
)
def test_any_other_name_is_refused_with_and_without_login(host: str, auth: str) -> None:
    with pytest.raises(ForeignHost):
        refuse_foreign_host(host, config(AUTH=auth))


def test_an_address_that_is_empty_makes_no_name() -> None:
    with pytest.raises(ForeignHost):
        refuse_foreign_host("", config(HTTP_ADDRESS=""))


def test_a_star_takes_any_name() -> None:
    refuse_foreign_host("evil.example", config(ALLOWED_HOSTS="*"))


def write(headers: dict[str, str], protocol: str = "http") -> HTTPServerRequest:
    start_line = RequestStartLine("POST", "/", "HTTP/1.1")
    request = HTTPServerRequest(
        headers=HTTPHeaders({"Host": "proxy.example", **headers}), start_line=start_line
    )
    request.protocol = protocol
    return request


@pytest.mark.parametrize(
    ("protocol", "headers"),
    [
        ("http", {}),
        ("http", {"Origin": "http://proxy.example"}),
        ("http", {"Origin": "http://PROXY.example:80"}),
        ("http", {"Origin": "http://proxy.example:8080", "Host": "proxy.example:8080"}),
        ("http", {"Origin": "http://[::1]:80", "Host": "[::1]"}),
        ("https", {"Origin": "https://proxy.example:443"}),
        # A proxy before us speaks TLS and does not say so.
        ("http", {"Origin": "https://proxy.example"}),
        ("http", {"Sec-Fetch-Site": "same-origin", "Origin": "https://other.example"}),
        ("http", {"Sec-Fetch-Site": "none"}),
    ],
)
def test_what_no_other_site_asks_for_is_taken(protocol: str, headers: dict[str, str]) -> None:
    refuse_cross_site(write(headers, protocol))


@pytest.mark.parametrize(
    ("protocol", "headers"),
    [
        ("http", {"Origin": "null"}),
        ("http", {"Origin": ""}),
        ("http", {"Origin": "http://"}),
        ("http", {"Origin": "http://["}),
        ("http", {"Origin": "http://proxy.example:x"}),
        ("http", {"Origin": "file://proxy.example"}),
        ("http", {"Origin": "chrome-extension://proxy.example"}),
        ("http", {"Origin": "http://jobs.proxy.example"}),
        ("http", {"Origin": "http://proxy.example:8080"}),
        ("http", {"Origin": "http://proxy.example,http://evil.example"}),
        # What came without TLS may have been changed on the way.
        ("https", {"Origin": "http://proxy.example"}),
        ("http", {"Sec-Fetch-Site": "same-site"}),
        ("http", {"Sec-Fetch-Site": "cross-site"}),
        ("http", {"Sec-Fetch-Site": ""}),
        ("http", {"Sec-Fetch-Site": "same-origin,cross-site"}),
        ("http", {"Sec-Fetch-Site": "cross-site", "Origin": "http://proxy.example"}),
        ("http", {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}),
    ],
)
def test_what_another_site_asks_for_is_refused(protocol: str, headers: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRequest):
        refuse_cross_site(write(headers, protocol))
