"""Scheduler processes as users start them, for tests that kill them."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PROVIDERS = {"sqlite": "sqlite", "postgres": "postgres", "mysql": "mysql"}
START_SECONDS = 60
# Outside the range from which the kernel takes ports for clients: a connection to a database might
# have the port of a server that was killed.
PORTS = range(10_000, 20_000)


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first truthy answer of `condition`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


# In any order, each once: a server listens long after its port was chosen, and of fifty that choose
# at random two would often choose the same.
_untaken = iter(random.SystemRandom().sample(PORTS, len(PORTS)))


def free_port() -> int:
    """A port that nobody listens on, for a server that is started on it time and again.

    It is given to nobody else in this process.
    """
    for port in _untaken:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@dataclass
class Server:
    """One `ndscheduler serve` process."""

    kind: str
    db_config: dict[str, Any]
    table_names: dict[str, str]
    log: Path
    settings: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    # Variables of its environment beside its settings, such as LD_PRELOAD.
    environment: dict[str, str] = field(default_factory=dict)
    is_suspended: bool = False

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        self.wait_ready()

    def launch(self, *command: str) -> None:
        """Start it; it answers later. Another `command` of ndscheduler than serve may be given."""
        arguments = command or ("serve", "-p", str(self.port))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ndscheduler", *arguments],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        self.is_suspended = False

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it answers."""
        wait_until(self._answers, seconds, f"the start of the server ({self.log})")

    def call(self, method: str, path: str, body: Any = None, timeout: float = 20) -> Any:
        """The JSON answer to one REST call."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"} if data else {},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read())

    @property
    def pid(self) -> int:
        """The id of its process, the last one if it has ended."""
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """True while the process is there, suspended or not."""
        return self.process is not None and self.process.poll() is None

    def is_serving(self) -> bool:
        """True if its port is open, which it is as soon as its scheduler runs."""
        with socket.socket() as probe:
            return self.is_running and probe.connect_ex(("127.0.0.1", self.port)) == 0

    def signal(self, number: int) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait(10)

    def suspend(self) -> None:
        """SIGSTOP: it stands still."""
        self.signal(signal.SIGSTOP)
        self.is_suspended = True

    def resume(self) -> None:
        """SIGCONT: it goes on."""
        self.signal(signal.SIGCONT)
        self.is_suspended = False

    def terminate(self) -> None:
        """SIGTERM; does not wait."""
        self.signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """The exit status, within `seconds`."""
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        """End it if it still runs."""
        if self.is_running:
            self.kill()

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()[-2000:]}")
        try:
            self.call("GET", "/jobs?limit=1")
        except (OSError, urllib.error.URLError):
            return False
        return True

    def _environment(self) -> dict[str, str]:
        settings = {
            "DATABASE_CLASS": PROVIDERS[self.kind],
            "DATABASE_CONFIG_DICT": self.db_config,
            "DATABASE_TABLENAMES": self.table_names,
            "JOB_CLASS_PACKAGES": ["tests.chaos.probe_jobs"],
            **self.settings,
        }
        shown = {f"NDSCHEDULER_{name}": json.dumps(value) for name, value in settings.items()}
        return {**os.environ, **shown, **self.environment}
