"""What the manual shows for a deployment works: nginx as written, a unit that systemd takes."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.config import Config
from tests.api.api_server import NONE_JOB, YEARLY, Api, serving
from tests.api.server_fixtures import _extra_jobs_are_importable
from tests.certificates import NAME_IN_MANUAL, make_pair
from tests.docs.markdown import ROOT, Block, blocks_of
from tests.nginx import free_port, nginx

__all__ = ["_extra_jobs_are_importable"]

PAGE = ROOT / "doc/howto/deploy.md"
CLIENT = "127.0.0.2"
JOB = json.dumps({"name": "x", "job_class_string": NONE_JOB, **YEARLY})


def block(beginning: str) -> Block:
    """The one block of the page that begins so."""
    (found,) = [block for block in blocks_of(PAGE) if block.text.startswith(beginning)]
    return found


def settings_of(beginning: str) -> dict[str, Any]:
    """The settings in a Python block of the page."""
    settings: dict[str, Any] = {}
    exec(block(beginning).text, settings)
    return {name: value for name, value in settings.items() if name.isupper()}


def test_all_settings_of_the_page_are_settings() -> None:
    for found in blocks_of(PAGE):
        if found.language == "python":
            Config(**settings_of(found.text))


def asked(port: int, certificate: Path, method: str, path: str, **options: Any) -> Any:
    """The answer by HTTPS on `port` under the name of the manual, and its body."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    # From another address than that of the proxy, which is trusted.
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, context=context, timeout=30, source_address=(CLIENT, 0)
    )
    try:
        connection.request(method, path, **options)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_nginx_as_the_manual_has_it_brings_everything_through(tmp_path: Path) -> None:
    port = free_port()
    make_pair(tmp_path, NAME_IN_MANUAL)
    given = settings_of('HTTP_ADDRESS = "127.0.0.1"\nHTTP_PORT = 8888')
    with serving(tmp_path, **{**given, "HTTP_PORT": 0, "AUTH": "none"}) as api:
        with nginx(tmp_path / "nginx", _server_block(tmp_path, api, port), port):
            browser = {
                "Host": NAME_IN_MANUAL,
                "Origin": f"https://{NAME_IN_MANUAL}",
                "Content-Type": "application/json",
                # What a client makes up itself.
                "X-Forwarded-For": "192.0.2.66",
                "X-Forwarded-Host": "evil.example",
                "X-Real-IP": "192.0.2.67",
            }

            def ask(method: str, path: str, **options: Any) -> Any:
                return asked(port, tmp_path / "cert.pem", method, path, headers=browser, **options)

            added, body = ask("POST", "/api/v1/jobs", body=JOB)
            page, text = ask("GET", "/")
            browser["Host"] = "evil.example"
            foreign, _ = ask("GET", "/api/v1/jobs")

            assert (added.status, page.status, foreign.status) == (201, 200, 403)
            assert b"/static/dist/app" in text
            assert page.headers["Strict-Transport-Security"]
            (entry,) = api.logs(json.loads(body)["job_id"])
            assert entry["remote"] == CLIENT


def test_changes_come_through_nginx_as_they_happen(tmp_path: Path) -> None:
    port = free_port()
    make_pair(tmp_path, NAME_IN_MANUAL)
    with serving(tmp_path, TRUSTED_PROXIES="127.0.0.1", AUTH="none") as api:
        with nginx(tmp_path / "nginx", _server_block(tmp_path, api, port), port):
            context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
            context.check_hostname = False
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
            connection.request("GET", "/api/v1/stream")
            stream = connection.getresponse()
            assert stream.fp.readline()
            job_id = api.add_job()

            while job_id.encode() not in stream.fp.readline():
                pass
            connection.close()


def _server_block(directory: Path, api: Api, port: int) -> str:
    text = block("server {").text
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/certs/scheduler.pem": str(directory / "cert.pem"),
        "/etc/ssl/private/scheduler.key": str(directory / "key.pem"),
        "http://127.0.0.1:8888": api.url,
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = block("[Unit]")
    assert unit.file_name == "/etc/systemd/system/ndscheduler.service"
    file = tmp_path / "ndscheduler.service"
    file.write_text(unit.text.replace("/opt/ndscheduler/bin/ndscheduler", sys.executable))

    said = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True)

    complaints = [line for line in said.stderr.splitlines() if "ndscheduler" in line]
    assert complaints == []


def test_the_unit_waits_as_long_as_a_stop_may_take() -> None:
    lines = dict(line.partition("=")[::2] for line in block("[Unit]").text.splitlines())

    assert float(lines["TimeoutStopSec"]) == Config().DRAIN_TIMEOUT_SEC + 15
