"""What a program of ShellJob gets from a process that has secrets and open descriptors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

# As a scheduler at its worst: files, sockets and pipes are open, all of them inheritable.
PARENT = """
import json, os, socket, sys
from simple_scheduler.jobs.shell_job import ShellJob

kept = [open("secret-file", "w"), socket.create_server(("127.0.0.1", 0)), *socket.socketpair()]
descriptors = [*(one.fileno() for one in kept), *os.pipe()]
descriptors.append(os.dup2(descriptors[0], 200))
for descriptor in descriptors:
    os.set_inheritable(descriptor, True)
os.environ["SET_LATER"] = "SECRET"
code = sys.stdin.read()
result = ShellJob.create_test_instance().run(sys.executable, "-c", code, env={"ADDED": 1})
print(json.dumps({"group": os.getpgrp(), "child": json.loads(result["stdout"])}))
"""
CHILD = """
import json, os
def target(name):
    try:
        return os.readlink(f"/proc/self/fd/{name}")
    except FileNotFoundError:
        return None  # the descriptor that listed the folder
found = {name: target(name) for name in os.listdir("/proc/self/fd")}
print(json.dumps({
    "environment": dict(os.environ),
    "descriptors": {name: link for name, link in found.items() if link},
    "ids": [os.getpid(), os.getpgrp(), os.getsid(0)],
}))
"""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nowhere",
    "LANG": "C.UTF-8",
    "TZ": "Asia/Tokyo",
    "LISTED": "yes",
    "AWS_SECRET_ACCESS_KEY": "SECRET",
    "LD_LIBRARY_PATH": "/SECRET",
    "SIMPLE_SCHEDULER_SLACK_URL": "https://SECRET",
    "NDSCHEDULER_DATABASE_CONFIG_DICT": "{file_path: SECRET}",
    "NDSCHEDULER_HTTP_PORT": "8123",
    "NDSCHEDULER_SETTINGS_MODULE": "",
}


def ask(tmp_path: Path, listed: str = "[]") -> dict[str, Any]:
    """What the program saw of the environment in which the class ran."""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PARENT)],
        input=CHILD,
        env={**ENVIRONMENT, "PYTHONPATH": root, "NDSCHEDULER_SHELL_JOB_ENV": listed},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_a_program_gets_no_settings_and_no_secrets(tmp_path: Path) -> None:
    environment = ask(tmp_path)["child"]["environment"]

    names = ("PATH", "HOME", "LANG", "TZ")
    assert environment == {**{name: ENVIRONMENT[name] for name in names}, "ADDED": "1"}


def test_a_program_gets_what_the_operator_lists(tmp_path: Path) -> None:
    environment = ask(tmp_path, "[LISTED, NDSCHEDULER_HTTP_PORT, NOT_SET]")["child"]["environment"]

    assert environment["LISTED"] == "yes"
    assert environment["NDSCHEDULER_HTTP_PORT"] == "8123"
    assert set(environment) == {
        *("PATH", "HOME", "LANG", "TZ", "ADDED", "LISTED", "NDSCHEDULER_HTTP_PORT")
    }


def test_a_program_gets_none_of_our_descriptors(tmp_path: Path) -> None:
    descriptors = ask(tmp_path)["child"]["descriptors"]

    assert sorted(descriptors) == ["0", "1", "2"]
    assert descriptors["0"] == "/dev/null"
    assert descriptors["1"].startswith("pipe:")
    assert descriptors["2"].startswith("pipe:")


def test_a_program_has_a_session_and_a_process_group_of_its_own(tmp_path: Path) -> None:
    seen = ask(tmp_path)

    pid, group, session = seen["child"]["ids"]
    assert (group, session) == (pid, pid)
    assert group != seen["group"]
