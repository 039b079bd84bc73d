"""HTTPS of the server itself: what it speaks, and that a new certificate needs no restart."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.api.api_server import wait_for
from tests.api.test_server_process import program, url_of
from tests.certificates import EXPIRED, make_pair


def settings(directory: Path) -> dict[str, str]:
    """What lets a program use the pair in `directory`."""
    return {
        "NDSCHEDULER_SSL_CERT": str(directory / "cert.pem"),
        "NDSCHEDULER_SSL_KEY": str(directory / "key.pem"),
    }


def shown_by(url: str) -> str:
    """The certificate that the server at `url` shows to a new connection."""
    parts = urlsplit(url)
    return ssl.get_server_certificate((str(parts.hostname), int(parts.port or 443)), timeout=30)


def text_of(pair: Path) -> str:
    """The certificate in `pair`, written as `shown_by` writes one."""
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert((pair / "cert.pem").read_text()))


def put(pair: Path, place: Path, *names: str) -> None:
    """Put files of `pair` in the place of those in `place`, as programs that renew them do."""
    for name in names:
        shutil.copy(pair / name, place / f"{name}.new")
        os.replace(place / f"{name}.new", place / name)


def test_a_renewed_certificate_is_taken_without_a_restart(tmp_path: Path) -> None:
    pairs = [tmp_path / name for name in ("old", "new", "newest")]
    for pair in pairs:
        make_pair(pair)
    old, new, newest = pairs
    used = tmp_path / "used"
    used.mkdir()
    put(old, used, "cert.pem", "key.pem")
    log: list[str] = []

    with program(tmp_path, ["-p", "0"], **settings(used)) as process:
        url = url_of(process)
        assert shown_by(url) == text_of(old)
        assert process.stderr is not None
        with requests.Session() as session:
            trusting: dict[str, Any] = {"verify": str(old / "cert.pem"), "timeout": 30}
            assert session.get(f"{url}/healthz", **trusting).status_code == 200
            # One of the two files is here before the other.
            put(new, used, "cert.pem")
            for line in process.stderr:
                log.append(line)
                if "of before stays in use" in line:
                    break
            assert shown_by(url) == text_of(old)

            put(new, used, "key.pem")

            wait_for(lambda: shown_by(url) == text_of(new))
            # Connections that were open live on.
            assert session.get(f"{url}/healthz", **trusting).status_code == 200
        put(newest, used, "cert.pem", "key.pem")
        wait_for(lambda: shown_by(url) == text_of(newest))

    (complaint,) = [line for line in log if "ERROR" in line]
    assert "certificate and key do not belong together" in complaint
    assert "Traceback" not in "".join(log)


def test_hsts_and_a_new_version_of_tls_are_spoken_and_old_ones_are_not(tmp_path: Path) -> None:
    make_pair(tmp_path)

    with program(tmp_path, ["-p", "0"], **settings(tmp_path)) as process:
        url = url_of(process)
        answer = requests.get(f"{url}/healthz", verify=str(tmp_path / "cert.pem"), timeout=30)
        versions = {
            version: _can_speak(url, version)
            for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3")
        }

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert versions == {"-tls1": False, "-tls1_1": False, "-tls1_2": True, "-tls1_3": True}


def test_what_is_no_tls_is_closed_and_the_server_lives(tmp_path: Path) -> None:
    make_pair(tmp_path)

    with program(tmp_path, ["-p", "0"], **settings(tmp_path)) as process:
        url = url_of(process)
        parts = urlsplit(url)
        for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\xff\xff" * 10):
            with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
                connection.sendall(data)
                with contextlib.suppress(ConnectionError):
                    assert b"HTTP" not in connection.recv(100)
        answer = requests.get(f"{url}/healthz", verify=str(tmp_path / "cert.pem"), timeout=30)
        process.terminate()
        _, err = process.communicate(timeout=30)

    assert answer.status_code == 200
    assert "Traceback" not in err


def test_an_expired_certificate_is_told_and_the_jobs_run(tmp_path: Path) -> None:
    make_pair(tmp_path, made_at=EXPIRED)
    log: list[str] = []

    with program(tmp_path, ["-p", "0"], **settings(tmp_path)) as process:
        url_of(process, log)

    (warning,) = [line for line in log if "SSL_CERT" in line]
    assert warning.rstrip().endswith("cert.pem' has expired.")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("key.pem", None, "certificate and key do not belong together"),
        ("key.pem", "nonsense", "SSL_KEY"),
        ("cert.pem", "nonsense", "SSL_CERT"),
    ],
)
def test_a_pair_that_can_not_be_used_is_one_sentence(
    tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    make_pair(tmp_path)
    if content is None:
        make_pair(tmp_path / "other")
        content = (tmp_path / "other" / name).read_text()
    (tmp_path / name).write_text(content)

    with program(tmp_path, ["-p", "0"], **settings(tmp_path)) as process:
        out, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert reason in err


def _can_speak(url: str, version: str) -> bool:
    parts = urlsplit(url)
    address = f"{parts.hostname}:{parts.port}"
    # Debian's own rules would keep the client from what the server is to refuse.
    command = ["openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect", address]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "BEGIN CERTIFICATE" in said.stdout
