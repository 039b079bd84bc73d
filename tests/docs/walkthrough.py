"""Does what a page tells its reader to do, block by block, and checks what the page claims."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import requests

from tests.docs.markdown import ROOT, Block

START_SECONDS = 60
COMMAND_SECONDS = 60
# A job that fires each minute has an execution after at most a minute and a moment.
CLAIM_SECONDS = 100

DOCUMENTED_PORT = 8888
SERVERS = {
    "make simple": ["-m", "simple_scheduler.scheduler"],
    "python scheduler.py": ["scheduler.py"],
}
# What these lines do is done by the environment that the tests run in.
DONE_ALREADY = ("mkdir", "cd ", "python3 -m venv", ". .venv/", "pip install", "git clone")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d")


class Walkthrough:
    """A reader in an empty folder, with one terminal for the server and one for all else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = usable_port()
        self._server: subprocess.Popen[bytes] | None = None
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://localhost:{self._port}"

    def __enter__(self) -> Walkthrough:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait(30)

    def follow(self, blocks: Sequence[Block]) -> None:
        """Do all of `blocks`; a JSON block is what the commands before it are to print."""
        following = [*blocks[1:], None]
        for block, after in zip(blocks, following, strict=True):
            if block.file_name is not None:
                self.write(block)
            elif block.language == "bash":
                claim = after.text if after and after.language == "json" else None
                self._do(block, None if claim is None else json.loads(claim))
            else:
                assert block.language == "json", f"line {block.line}: what is to be done with it?"

    def write(self, block: Block) -> None:
        """Write the file that `block` shows."""
        assert block.file_name is not None
        path = self._folder / block.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self._with_port(block.text))

    def start_server(self, arguments: Sequence[str]) -> None:
        """Start Python with `arguments` and wait until the server answers."""
        with (self._folder / "server.log").open("ab") as output:
            self._server = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        wait_until(self._answers, START_SECONDS, self._log)

    def press_ctrl_c(self) -> None:
        """Stop the server as a user does."""
        assert self._server is not None
        self._server.send_signal(signal.SIGINT)
        assert self._server.wait(60) == 0
        self._server = None

    def _do(self, block: Block, claim: Any) -> None:
        commands = block.text.strip()
        if commands in SERVERS:
            if self._server is not None:
                self.press_ctrl_c()
            arguments = SERVERS[commands]
            port = ["-p", str(self._port)] if commands == "make simple" else []
            self.start_server([*arguments, *port])
        elif not all(line.startswith(DONE_ALREADY) for line in commands.splitlines()):
            self._check(block, claim)

    def _check(self, block: Block, claim: Any) -> None:
        """Run the commands; those that only read are run again until `claim` holds."""
        answers = self._answers_of(block)
        if claim is None:
            assert not any(is_error(answer) for answer in answers), (block.line, answers)
            return
        deadline = time.monotonic() + CLAIM_SECONDS
        while not holds(claim, answers[-1]) and is_reading(block) and time.monotonic() < deadline:
            time.sleep(0.25)
            answers = self._answers_of(block)
        assert holds(claim, answers[-1]), "\n".join(
            [f"line {block.line}:", json.dumps(claim), json.dumps(answers[-1]), self._log()]
        )

    def _answers_of(self, block: Block) -> list[Any]:
        """The JSON values among what the commands of `block` print."""
        state = self._folder / "environment"
        script = (
            'ndscheduler() { python -m ndscheduler "$@"; }\nset -a\n'
            f'{self._with_port(block.text)}\nenv -0 >"{state}"\n'
        )
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, f"line {block.line}: {done.stdout}{done.stderr}"
        # Variables that one block sets are there for the next.
        entries = state.read_text().rstrip("\0").split("\0")
        self._environment = dict(entry.split("=", 1) for entry in entries)
        return json_values(done.stdout)

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, self._log()
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def _log(self) -> str:
        return (self._folder / "server.log").read_text()

    def _with_port(self, text: str) -> str:
        return text.replace(str(DOCUMENTED_PORT), str(self._port))


def usable_port() -> int:
    """The port of the documentation if nobody listens there, else one that is free."""
    for port in (DOCUMENTED_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("no port is free")


def wait_until(condition: Callable[[], bool], seconds: float, explain: Callable[[], str]) -> None:
    """Return once `condition()` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.05)


def json_values(text: str) -> list[Any]:
    """The JSON objects that stand one after another in `text`, other words left out."""
    values = []
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start != -1:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            end = start + 1
        else:
            values.append(value)
        start = text.find("{", end)
    return values


def is_error(answer: Any) -> bool:
    """True for an error of the REST API."""
    return isinstance(answer, dict) and bool(answer.get("error"))


def is_reading(block: Block) -> bool:
    """True if the commands of `block` change nothing."""
    return " -d " not in block.text and " -X " not in block.text


def holds(claim: Any, answer: Any) -> bool:
    """True if `answer` has all that `claim` shows; a time or an id stands for any other."""
    if isinstance(claim, dict):
        return isinstance(answer, dict) and all(
            name in answer and holds(value, answer[name]) for name, value in claim.items()
        )
    if isinstance(claim, list):
        return isinstance(answer, list) and all(_is_in(item, answer) for item in claim)
    if isinstance(claim, str) and _TIME.fullmatch(claim):
        return isinstance(answer, str) and bool(_TIME.fullmatch(answer))
    return bool(claim == answer)


def _is_in(claim: Any, answers: Iterable[Any]) -> bool:
    return any(holds(claim, answer) for answer in answers)
