"""What a supervisor such as systemd is told, over a real socket."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.server.systemd import Supervisor
from tests.api.test_server_process import program, url_of

DEADLINE_SECONDS = 30


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a supervisor."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(DEADLINE_SECONDS)
        yield listener


def environment_for(listener: socket.socket, **variables: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": listener.getsockname(), **variables}


def test_a_server_is_ready_lives_and_stops(tmp_path: Path, listener: socket.socket) -> None:
    heard: list[str] = []

    def hear_until(word: str) -> None:
        while not heard or not heard[-1].startswith(word):
            heard.append(listener.recv(1000).decode())

    environment = environment_for(listener, WATCHDOG_USEC="400000")
    with program(tmp_path, ["-p", "0"], **environment) as process:
        hear_until("READY=1")
        url = url_of(process)
        hear_until("WATCHDOG=1")
        hear_until("WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        hear_until("STOPPING=1")
        process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 0
    assert f"READY=1\nSTATUS=Serves {url}" in heard


def test_a_server_without_a_supervisor_says_nothing_of_it(tmp_path: Path) -> None:
    log: list[str] = []

    with program(tmp_path, ["-p", "0"]) as process:
        url_of(process, log)

    assert "NOTIFY_SOCKET" not in "".join(log)


def test_a_name_that_begins_with_an_at_is_abstract() -> None:
    name = f"ndscheduler-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(DEADLINE_SECONDS)

        Supervisor({"NOTIFY_SOCKET": f"@{name}"}).say("READY=1")

        assert listener.recv(100) == b"READY=1"


def test_a_supervisor_that_is_gone_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).say("READY=1")

    assert "NOTIFY_SOCKET" in caplog.text


def test_an_event_loop_that_answers_nobody_is_not_alive(listener: socket.socket) -> None:
    supervisor = Supervisor(environment_for(listener, WATCHDOG_USEC="2000"))

    async def hang() -> None:
        telling = asyncio.create_task(supervisor.keep_telling())
        await heard()
        time.sleep(0.1)
        assert _drain(listener) == 0
        await heard()
        telling.cancel()

    async def heard() -> None:
        while not _drain(listener):
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(hang(), DEADLINE_SECONDS))


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        # The watchdog of a process that has started this one.
        {"WATCHDOG_USEC": "2000", "WATCHDOG_PID": "1"},
    ],
)
def test_no_life_is_told_where_nobody_asked(
    listener: socket.socket, variables: dict[str, str]
) -> None:
    asyncio.run(Supervisor(environment_for(listener, **variables)).keep_telling())

    assert _drain(listener) == 0


def _drain(listener: socket.socket) -> int:
    """How many messages were waiting."""
    count = 0
    while select.select([listener], [], [], 0)[0]:
        listener.recv(1000)
        count += 1
    return count
