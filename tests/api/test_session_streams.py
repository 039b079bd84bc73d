"""Streams of changes end with what let them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.server.handlers import stream
from tests.api.api_server import NONE_JOB, YEARLY, Api
from tests.api.logins import (
    BOSS,
    PASSWORD,
    add_account,
    closed,
    logged_in,
    shown,
)
from tests.api.sse import Listener

A_JOB = {"name": "a job", "job_class_string": NONE_JOB}


@pytest.fixture(scope="module")
def server(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server that asks for a login."""
    with closed(tmp_path_factory.mktemp("server")) as api:
        yield api


def test_a_stream_ends_with_its_session(server: Api) -> None:
    ann = logged_in(server)
    with Listener(server.url, headers=shown(ann)) as listener:
        listener.event("hello")

        ann.call("DELETE", "/api/v1/session")

        assert listener.event("bye") == {"reason": "logged out"}
        listener.wait_until_over()


def test_a_stream_ends_when_its_account_is_disabled(server: Api) -> None:
    add_account(server, "listener")
    with Listener(server.url, headers=shown(logged_in(server, "listener"))) as listener:
        listener.event("hello")

        server.put("/api/v1/users/listener", json={"is_disabled": True}, auth=BOSS)

        listener.event("bye")
        listener.wait_until_over()


def test_streams_of_a_new_password_end_all(server: Api) -> None:
    add_account(server, "changer")
    here, there = logged_in(server, "changer"), logged_in(server, "changer")
    with Listener(server.url, headers=shown(there)) as listener:
        listener.event("hello")

        here.put("/api/v1/password", json={"password": PASSWORD, "new_password": "another one"})

        listener.event("bye")
        listener.wait_until_over()


def test_a_stream_of_another_server_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So soon it is asked again whether who listens may.
    monkeypatch.setattr(stream, "CHECK_SECONDS", 0.0)
    with closed(tmp_path) as one, closed(tmp_path) as two:
        add_account(one, "ann")
        with Listener(two.url, headers=shown(logged_in(two, "ann"))) as listener:
            listener.event("hello")

            one.put("/api/v1/users/ann", json={"is_disabled": True}, auth=BOSS)
            # A stream asks when it has something to tell.
            one.post("/api/v1/jobs", json={**YEARLY, **A_JOB}, auth=BOSS)

            listener.wait_until_over()
            assert "jobs" not in {event.name for event in listener.events}
