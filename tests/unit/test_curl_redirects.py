"""What CurlJob takes along when it is sent elsewhere, and what it takes of its environment."""

from __future__ import annotations

import shutil
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests

from simple_scheduler.jobs.curl_job import CurlJob
from tests.unit.loopback import Server, answer_with, http_server

CREDENTIALS = {"Authorization": "Bearer SECRET", "X-Token": "SECRET", "Cookie": "id=SECRET"}


def curl(*args: object, **kwargs: object) -> dict[str, object]:
    return CurlJob.create_test_instance().run(*args, **kwargs)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_server_gets_no_credentials(status: int) -> None:
    with http_server(answer_with(200)) as other:
        with http_server(answer_with(status, Location=f"{other.url}/there")) as server:
            curl(
                server.url.replace("//", "//user:SECRET@"),
                headers={**CREDENTIALS, "Accept": "text/csv"},
            )

    assert "SECRET" in str(server.seen[0].headers)
    assert "SECRET" not in str(other.seen[0].headers)
    assert other.seen[0].headers["Accept"] == "text/csv"
    assert other.seen[0].headers["Host"] == other.url.removeprefix("http://")


def test_the_same_server_gets_the_headers_again() -> None:
    with http_server(answer_with(302, Location="/there"), answer_with(200)) as server:
        curl(server.url, headers={"Authorization": "Bearer SECRET", "X-Token": "SECRET"})

    second = server.seen[1]
    assert (second.path, second.headers["X-Token"]) == ("/there", "SECRET")
    assert second.headers["Authorization"] == "Bearer SECRET"


def test_the_body_of_a_redirect_is_not_read() -> None:
    def endless(handler: BaseHTTPRequestHandler, server: Server) -> None:
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n")
        while not server.is_over.wait(0.02):
            handler.wfile.write(b"x")

    with http_server(endless, answer_with(200, b"there")) as server:
        assert curl(server.url, timeout=20)["body"] == "there"


def test_redirects_without_end_are_an_error() -> None:
    with http_server(answer_with(302, Location="/again")) as server:
        with pytest.raises(requests.TooManyRedirects):
            curl(server.url, timeout=20)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_asked(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with http_server(answer_with(200, b"proxy")) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        with http_server(answer_with(200, b"server")) as server:
            assert curl(server.url)["body"] == "server"

    assert proxy.seen == []


def test_a_netrc_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password SECRET\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with http_server(answer_with(302, Location="/there"), answer_with(200)) as server:
        curl(server.url)

    assert [seen.headers.get("Authorization") for seen in server.seen] == [None, None]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program is not installed")
    file = tmp_path / "pair.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    options += ["-addext", "subjectAltName=IP:127.0.0.1"]
    made = [tmp_path / "key.pem", tmp_path / "cert.pem"]
    options += ["-keyout", str(made[0]), "-out", str(made[1])]
    subprocess.run(["openssl", "req", *options], check=True, capture_output=True)
    file.write_text("".join(part.read_text() for part in made))
    return file


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_counts_only_where_it_is_trusted(
    variable: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with http_server(answer_with(200, b"safe"), certificate=certificate) as server:
        with pytest.raises(requests.exceptions.SSLError):
            curl(server.url)
        monkeypatch.setenv(variable, str(certificate))

        assert curl(server.url)["body"] == "safe"
    assert len(server.seen) == 1
