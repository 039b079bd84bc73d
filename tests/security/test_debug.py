"""DEBUG shows the inside of the server, so it is for this machine alone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import requests
from tornado.web import RequestHandler

from ndscheduler.config import Config
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.server.exposure import serves_this_machine_alone, without_debug_for_others
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import serving
from tests.api.test_server_process import program, url_of

EVERYBODY = {"HTTP_ADDRESS": "0.0.0.0", "AUTH": "none"}
OLD_SETTINGS = """
DEBUG = True
HTTP_ADDRESS = "0.0.0.0"
HTTP_PORT = 0
"""


@pytest.mark.parametrize(
    ("settings", "is_alone"),
    [
        ({}, True),
        ({"HTTP_ADDRESS": "localhost"}, True),
        ({"HTTP_ADDRESS": "::1"}, True),
        ({"HTTP_ADDRESS": ""}, False),
        ({"HTTP_ADDRESS": "0.0.0.0"}, False),
        ({"HTTP_ADDRESS": "::"}, False),
        # A proxy on this machine brings the requests of others.
        ({"TRUSTED_PROXIES": "127.0.0.1"}, False),
        ({"ALLOWED_HOSTS": "scheduler.example.com"}, False),
        ({"URL_PREFIX": "/scheduler"}, False),
    ],
)
def test_debug_is_kept_where_this_machine_alone_reaches_the_server(
    settings: dict[str, Any], is_alone: bool
) -> None:
    config = Config(DEBUG=True, **settings)

    assert serves_this_machine_alone(config) == is_alone
    assert without_debug_for_others(config).DEBUG == is_alone


class BrokenHandler(RequestHandler):
    """A handler of a user's own that knows nothing of ours."""

    def get(self) -> None:
        raise RuntimeError("secret")


class DebugServer(SchedulerServer):
    """A server of a user who looks for an error."""

    def __init__(self, scheduler_instance: SchedulerManager) -> None:
        wanted = {"debug": True, "serve_traceback": True}
        super().__init__(scheduler_instance, wanted)
        self.application.add_handlers(".*", [(r"/broken", BrokenHandler)])


def test_no_traceback_is_served_to_others_whatever_a_program_asks_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), serving(tmp_path, DebugServer, **EVERYBODY) as api:
        answer = api.get("/broken")
        application = api.server.application.settings

        assert (application["debug"], application["autoreload"]) == (False, False)

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "debug, serve_traceback is ignored" in caplog.text


def test_a_program_may_show_tracebacks_to_this_machine(tmp_path: Path) -> None:
    with serving(tmp_path, DebugServer) as api:
        assert "secret" in api.get("/broken").text


def test_old_settings_with_debug_for_everybody_start_without_it(tmp_path: Path) -> None:
    (tmp_path / "old_settings.py").write_text(OLD_SETTINGS)
    environment = {"NDSCHEDULER_SETTINGS_MODULE": "old_settings"}

    log: list[str] = []

    with program(tmp_path, **environment) as process:
        port = url_of(process, log).rpartition(":")[2]
        url = f"http://127.0.0.1:{port}"
        health = requests.get(f"{url}/healthz", timeout=30)
        jobs = requests.get(f"{url}/api/v1/jobs", timeout=30)
        process.terminate()
        _, err = process.communicate(timeout=30)

    assert (health.status_code, jobs.status_code) == (200, 401)
    assert "Traceback" not in jobs.text
    warning = "DEBUG is ignored: other machines reach this server."
    text = "".join([*log, err])
    assert text.count(warning) == 1
    assert " DEBUG " not in text.replace(warning, "")
