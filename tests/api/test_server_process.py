"""The server as a process: how it starts, refuses to start, and stops."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.api.api_server import wait_for

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
from ndscheduler.server import server

class Server(server.SchedulerServer):
    def post_scheduler_start(self):
        print("started", len(self.scheduler_manager.get_jobs()), flush=True)

    def post_scheduler_stop(self):
        print("stopped", flush=True)

if __name__ == "__main__":
    Server.run()
"""


@contextmanager
def program(
    directory: Path, arguments: Sequence[str] = (), **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A user's own server file, started in `directory`."""
    (directory / "scheduler.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, "scheduler.py", *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def url_of(process: subprocess.Popen[str], log: list[str] | None = None) -> str:
    """Where the program serves, from its log; what it says until then is added to `log`."""
    assert process.stderr is not None
    for line in process.stderr:
        if log is not None:
            log.append(line)
        found = re.search(r"serves (https?://\S+)", line)
        if found:
            return found[1]
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_in_good_order(tmp_path: Path, number: int) -> None:
    with program(tmp_path, ["-p", "0"]) as process:
        url = url_of(process)
        assert requests.get(f"{url}/readyz", timeout=30).json() == {"status": "ok"}
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert out.split("\n") == ["started 0", "stopped", ""]
    assert "Traceback" not in err


def test_jobs_survive_a_restart(tmp_path: Path) -> None:
    body = {
        "name": "kept",
        "job_class_string": "simple_scheduler.jobs.sample_job.AwesomeJob",
        "minute": "59",
    }
    packages = {"NDSCHEDULER_JOB_CLASS_PACKAGES": "[simple_scheduler.jobs]"}
    with program(tmp_path, ["-p", "0"], **packages) as process:
        answer = requests.post(f"{url_of(process)}/api/v1/jobs", json=body, timeout=30)
        assert answer.status_code == 201
        process.terminate()
        process.wait(30)

    with program(tmp_path, ["-p", "0"], **packages) as process:
        shown = requests.get(f"{url_of(process)}/api/v1/jobs", timeout=30).json()

    assert [job["name"] for job in shown["jobs"]] == ["kept"]


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        err = _refusal(tmp_path, ["-p", str(port)])

    assert err == f"Can not listen on 127.0.0.1:{port}: Address already in use.\n"
    assert not (tmp_path / "datastore.db").exists()


def test_an_address_for_everybody_is_served_when_the_operator_says_so(tmp_path: Path) -> None:
    with program(tmp_path, ["-p", "0", "-a", "0.0.0.0"], NDSCHEDULER_AUTH="none") as process:
        port = url_of(process).rpartition(":")[2]
        answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("arguments", "environment", "word"),
    [
        (["-a", "no.such.host.invalid"], {}, "no.such.host.invalid"),
        ([], {"NDSCHEDULER_SSL_CERT": "/nonexistent/cert.pem"}, "cert.pem"),
        ([], {"NDSCHEDULER_SSL_KEY": "/nonexistent/key.pem"}, "SSL_CERT"),
        ([], {"NDSCHEDULER_TIMEZONE": "Mars/Olympus"}, "TIMEZONE"),
        ([], {"NDSCHEDULER_SCHEDULER_CLASS": "no.such.Class"}, "SCHEDULER_CLASS"),
        (["-s", "no_such_settings"], {}, "no_such_settings"),
        (
            [],
            {"NDSCHEDULER_DATABASE_CONFIG_DICT": "{file_path: /nonexistent/x.db}"},
            "unable to open database file",
        ),
    ],
)
def test_what_can_not_work_is_one_sentence(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], word: str
) -> None:
    err = _refusal(tmp_path, ["-p", "0", *arguments], **environment)

    assert word in err


def test_https_is_served_with_a_certificate(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made = subprocess.run(
        [
            *command,
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        capture_output=True,
    )
    if made.returncode != 0:
        pytest.skip("openssl is not installed")
    files = {"NDSCHEDULER_SSL_CERT": str(certificate), "NDSCHEDULER_SSL_KEY": str(key)}

    with program(tmp_path, ["-p", "0"], **files) as process:
        url = url_of(process)
        answer = requests.get(f"{url}/healthz", verify=str(certificate), timeout=30)

    assert url.startswith("https://")
    assert answer.status_code == 200


def test_a_second_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow_jobs.py").write_text(
        "import time\n"
        "from ndscheduler.corescheduler import job\n"
        "class Slow(job.JobBase):\n"
        "    def run(self):\n"
        "        time.sleep(60)\n"
    )
    with program(tmp_path, ["-p", "0"], NDSCHEDULER_JOB_CLASS_PACKAGES="[slow_jobs]") as process:
        url = url_of(process)
        body = {"name": "slow", "job_class_string": "slow_jobs.Slow", "month": "1"}
        job_id = requests.post(f"{url}/api/v1/jobs", json=body, timeout=30).json()["job_id"]
        run = requests.post(f"{url}/api/v1/executions/{job_id}", timeout=30).json()
        shown = f"{url}/api/v1/executions/{run['execution_id']}"
        wait_for(lambda: requests.get(shown, timeout=30).json()["state"] == "running")
        process.send_signal(signal.SIGINT)
        wait_for(lambda: not _accepts(url))
        process.send_signal(signal.SIGINT)
        process.wait(10)

    assert process.returncode == 128 + signal.SIGINT


def _accepts(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionError:
        return False
    return True


def _refusal(directory: Path, arguments: Sequence[str], **environment: str) -> str:
    """What a program that exits with 2 says on stderr: one line."""
    with program(directory, arguments, **environment) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert out == ""
    assert err.count("\n") == 1
    return err
