"""SlackJob against a real HTTP server on loopback."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import textwrap
import time
import traceback
from contextlib import closing
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest

from simple_scheduler.jobs import slack_job
from tests.unit.loopback import Server, answer_with, http_server

MESSAGE = ("#general", "scheduler", ":wave:", "Hello \u2603")


class QuickSlackJob(slack_job.SlackJob):
    """Pauses briefly between attempts."""

    first_pause_seconds = 0.01
    longest_pause_seconds = 0.4


def use(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPLE_SCHEDULER_SLACK_URL", f"{server.url}/services/SECRET")


def test_the_message_is_posted_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(answer_with(200, b"ok")) as server:
        use(server, monkeypatch)
        result = QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert result == {"status_code": 200}
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/services/SECRET")
    assert json.loads(server.seen[0].body) == {
        "channel": "#general",
        "username": "scheduler",
        "icon_emoji": ":wave:",
        "text": "Hello \u2603",
    }


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_url_it_says_what_to_set(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIMPLE_SCHEDULER_SLACK_URL", raising=False)
    if value is not None:
        monkeypatch.setenv("SIMPLE_SCHEDULER_SLACK_URL", value)

    with pytest.raises(KeyError) as failure:
        slack_job.SlackJob.create_test_instance().run(*MESSAGE)

    said = "You have to set Environment variable SIMPLE_SCHEDULER_SLACK_URL first."
    assert failure.value.args == (said,)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_slack_is_tried_again(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(answer_with(status), answer_with(status), answer_with(200)) as server:
        use(server, monkeypatch)
        result = QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert result == {"status_code": 200}
    assert len(server.seen) == 3


def test_it_gives_up_after_four_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(answer_with(503, b"busy")) as server:
        use(server, monkeypatch)
        with pytest.raises(RuntimeError, match="in 4 attempts: 503 Service Unavailable busy"):
            QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert len(server.seen) == 4


@pytest.mark.parametrize("status", [302, 400, 403, 404])
def test_a_refusal_is_not_repeated(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(answer_with(status, b"no_service", Location="/elsewhere")) as server:
        use(server, monkeypatch)
        with pytest.raises(RuntimeError, match=r"refused the message.*no_service"):
            QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert len(server.seen) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured_up_to_the_longest_pause(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_an_hour = datetime.now(timezone.utc) + timedelta(hours=1)
    header = "3600" if form == "seconds" else format_datetime(in_an_hour)
    with http_server(answer_with(429, Retry_After=header), answer_with(200)) as server:
        use(server, monkeypatch)
        started = time.monotonic()
        QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert 0.4 <= time.monotonic() - started < 5


@pytest.mark.parametrize("header", ["soon", "-5", "", "\u00b2"])
def test_a_retry_after_without_sense_counts_as_none(header: str) -> None:
    assert slack_job._retry_after_seconds(header) == 0.0


@pytest.mark.parametrize(
    "place", ["refused", "no-such-scheme://host/SECRET", "http://[SECRET", "http:///SECRET"]
)
def test_no_error_and_no_log_tells_the_url(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if place == "refused":
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            place = f"http://127.0.0.1:{listener.getsockname()[1]}/services/SECRET"
    monkeypatch.setenv("SIMPLE_SCHEDULER_SLACK_URL", place)

    with caplog.at_level(logging.INFO), pytest.raises(RuntimeError) as failure:
        QuickSlackJob.create_test_instance().run(*MESSAGE)

    told = "".join(traceback.format_exception(failure.value)) + caplog.text
    assert "SECRET" not in told


@pytest.mark.parametrize("status", [404, 503])
@pytest.mark.parametrize("echo", ["/services/{}", "<p>&#47;{} was not found", "x" * 190 + "{}"])
def test_an_answer_that_repeats_the_url_is_not_told(
    status: int, echo: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with http_server(answer_with(status, echo.format("SECRET-OF-SLACK").encode())) as server:
        monkeypatch.setenv("SIMPLE_SCHEDULER_SLACK_URL", f"{server.url}/SECRET-OF-SLACK/post")
        with pytest.raises(RuntimeError, match="repeats the URL") as failure:
            QuickSlackJob.create_test_instance().run(*MESSAGE)

    assert "SECRET" not in str(failure.value) + caplog.text


def test_the_log_of_a_server_does_not_tell_the_url_at_any_level() -> None:
    def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno header\r\n\r\n")

    code = """
    import logging
    from ndscheduler.config import Config
    from ndscheduler.server.build import set_up_logging
    from simple_scheduler.jobs.slack_job import SlackJob

    set_up_logging(Config(LOGGING_LEVEL="DEBUG", DEBUG=True))
    logging.getLogger("simple_scheduler").debug("This is told.")
    SlackJob.create_test_instance().run("#general", "scheduler", ":wave:", "Hello")
    """
    with http_server(answer) as server:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            env={**os.environ, "SIMPLE_SCHEDULER_SLACK_URL": f"{server.url}/services/SECRET"},
            capture_output=True,
            text=True,
            check=True,
        )

    assert [seen.path for seen in server.seen] == ["/services/SECRET"]
    assert "This is told." in done.stderr
    assert "SECRET" not in done.stderr


def test_an_answer_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(answer_with(400, b"no\r\n2026-01-01 INFO forged")) as server:
        use(server, monkeypatch)
        with pytest.raises(RuntimeError, match="no 2026-01-01 INFO forged"):
            QuickSlackJob.create_test_instance().run(*MESSAGE)


def test_it_runs_by_hand() -> None:
    with http_server(answer_with(200)) as server:
        subprocess.run(
            [sys.executable, "-m", "simple_scheduler.jobs.slack_job", *MESSAGE],
            env={**os.environ, "SIMPLE_SCHEDULER_SLACK_URL": server.url},
            capture_output=True,
            check=True,
        )

    assert json.loads(server.seen[0].body)["text"] == "Hello \u2603"


def test_meta_info_names_the_class() -> None:
    info = slack_job.SlackJob.meta_info()

    assert info["job_class_string"] == "simple_scheduler.jobs.slack_job.SlackJob"
    assert len(json.loads(info["example_arguments"])) == len(info["arguments"])
