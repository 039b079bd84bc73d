"""A server process whose disk is full or broken, or that can not go on."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.api.api_server import wait_for
from tests.api.test_server_process import ROOT, url_of

PACKAGES = {"NDSCHEDULER_JOB_CLASS_PACKAGES": "[simple_scheduler.jobs]"}
EVERY_SECOND = {
    "name": "often",
    "job_class_string": "simple_scheduler.jobs.sample_job.AwesomeJob",
    "pub_args": ["a", "b"],
    "trigger": {"type": "interval", "seconds": 1},
}

# What no code of ours does to itself: an exception that comes from outside ends a thread.
KILLER = """
import ctypes, threading, time
from ndscheduler.server import server

def kill(name):
    victim = next(thread for thread in threading.enumerate() if thread.name == name)
    # Again, since it may come where Python swallows it.
    while victim.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(victim.ident), ctypes.py_object(SystemExit)
        )
        time.sleep(0.05)

class Server(server.SchedulerServer):
    def post_scheduler_start(self):
        threading.Thread(target=kill, args=("ndscheduler-loop",)).start()

Server.run()
"""


@contextmanager
def serving(directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process with its SQLite file in `directory`, and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ndscheduler", "serve", "-p", "0"],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), **PACKAGES},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        url = url_of(process)
        # A full pipe would stop the process at its next line.
        drain = threading.Thread(target=deque, args=(process.stderr, 0))
        drain.start()
        yield process, url
        process.kill()
        drain.join()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def get(url: str, path: str) -> requests.Response:
    return requests.get(url + path, timeout=30)


def succeeded(url: str) -> int:
    found = get(url, "/api/v1/executions?state=succeeded&limit=1")
    total: int = found.json()["total"]
    return total


def limit_files(process: subprocess.Popen[Any], size: int) -> None:
    """Let no file of `process` grow beyond `size` bytes, as on a full disk."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_thread_that_died_ends_the_process_with_70(tmp_path: Path) -> None:
    (tmp_path / "scheduler.py").write_text(KILLER)

    ended = subprocess.run(
        [sys.executable, "scheduler.py", "-p", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 70
    assert "CRITICAL" in ended.stderr
    assert "The thread of the loop has died." in ended.stderr


def test_a_file_that_can_not_grow_stops_nothing_and_firing_goes_on_when_it_can(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as (process, url):
        job = requests.post(f"{url}/api/v1/jobs", json=EVERY_SECOND, timeout=30).json()
        wait_for(lambda: succeeded(url))
        limit_files(process, 0)

        refused = requests.delete(f"{url}/api/v1/jobs/{job['job_id']}", timeout=30)
        wait_for(lambda: get(url, "/readyz").status_code == 503)
        assert refused.status_code == 503
        assert get(url, "/api/v1/jobs").status_code == 200
        assert get(url, "/healthz").status_code == 200
        before = succeeded(url)

        limit_files(process, resource.RLIM_INFINITY)

        wait_for(lambda: succeeded(url) > before)
        wait_for(lambda: get(url, "/readyz").status_code == 200)
        assert process.poll() is None


@pytest.mark.parametrize("part", ["datastore.db", "datastore.db-wal"])
def test_a_damaged_file_ends_no_process(tmp_path: Path, part: str) -> None:
    with serving(tmp_path) as (process, url):
        requests.post(f"{url}/api/v1/jobs", json=EVERY_SECOND, timeout=30)
        wait_for(lambda: succeeded(url))
        with (tmp_path / part).open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            file.write(os.urandom(size))

        wait_for(lambda: get(url, "/readyz").status_code == 503)
        statuses = {get(url, path).status_code for path in ("/api/v1/jobs", "/api/v1/logs")}

        assert statuses <= {200, 503}
        assert get(url, "/healthz").status_code == 200
        assert process.poll() is None
