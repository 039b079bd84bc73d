"""Projects as users have them, each run as the program that it is."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.compat.running import wait_for

ROOT = Path(__file__).parent.parent.parent
PROJECTS = Path(__file__).parent / "projects"
TIMEOUT_SECONDS = 60


@dataclass
class Program:
    """A running program of a project, and what it has written."""

    process: subprocess.Popen[str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    url: str = ""

    def read(self) -> list[threading.Thread]:
        """Collect what it writes, in threads that end with it."""
        pairs = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        threads = [
            threading.Thread(target=lines.extend, args=(stream,), daemon=True)
            for stream, lines in pairs
        ]
        for thread in threads:
            thread.start()
        return threads

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer of its REST API."""
        with requests.Session() as session:
            options = {"timeout": TIMEOUT_SECONDS, **options}
            return session.request(method, f"{self.url}{path}", **options)

    def get(self, path: str) -> Any:
        """What GET gives, as JSON."""
        answer = self.call("GET", f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def run_job(self, job_id: str, **body: Any) -> dict[str, Any]:
        """The ended execution of a job that is run by hand."""
        answer = self.call("POST", f"/api/v1/executions/{job_id}", json=body or None)
        assert answer.status_code == 200, answer.text
        execution_id = answer.json()["execution_id"]

        def ended() -> dict[str, Any] | None:
            shown: dict[str, Any] = self.get(f"executions/{execution_id}")
            return None if shown["state"] in ("scheduled", "running") else shown

        return wait_for(ended)

    def text(self) -> str:
        """All that it wrote, for messages of failed tests."""
        return "".join(self.out + self.err)


def command_of(project: str, script: str, arguments: Sequence[str]) -> list[str]:
    """How the program is started: warnings are shown, not raised, as for users."""
    return [sys.executable, str(PROJECTS / project / script), *arguments]


def environment() -> dict[str, str]:
    """The environment of the program, which finds ndscheduler without it being installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@contextmanager
def serving(
    project: str, folder: Path, arguments: Sequence[str] = (), script: str = "server.py"
) -> Iterator[Program]:
    """The server of a project, which is stopped by SIGTERM and must then exit with 0."""
    process = subprocess.Popen(
        command_of(project, script, arguments),
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    program = Program(process)
    readers = program.read()
    try:
        program.url = wait_for(lambda: _url(program))
        yield program
        process.terminate()
        assert process.wait(TIMEOUT_SECONDS) == 0, program.text()
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join(TIMEOUT_SECONDS)
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def _url(program: Program) -> str | None:
    assert program.process.poll() is None, program.text()
    found = re.search(r"serves (http://\S+)", "".join(program.err))
    return found[1] if found else None


def test_a_project_that_began_as_the_example(tmp_path: Path) -> None:
    with serving("starter", tmp_path, ["-s", "settings", "-p", "0"]) as program:
        (job,) = program.get("jobs")["jobs"]
        execution = program.run_job(job["job_id"])
        classes = json.dumps(program.get("job-classes"))
        (added, _) = reversed(program.get("logs")["logs"])
    with serving("starter", tmp_path, ["-s", "settings", "-p", "0"]) as program:
        after_restart = program.get("jobs")["jobs"]

    assert (job["name"], job["minute"]) == ("Say hello", "*/1")
    assert job["pub_args"] == ["world", {"times": 2}]
    assert job["next_run_time"].endswith(("-05:00", "-04:00"))
    assert json.loads(execution["result"]) == ["hello world", "hello world"]
    assert "This says hello to whom you name." in classes
    assert (added["event"], added["user"]) == ("added", "code")
    assert [again["job_id"] for again in after_restart] == [job["job_id"]]


def test_a_job_class_can_be_run_by_hand(tmp_path: Path) -> None:
    command = command_of("starter", "jobs/hello_job.py", [])

    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )

    assert done.stdout == "Hello tester! I have 0 more arguments and 0 keywords.\n"


def test_a_project_with_a_server_and_a_datastore_of_its_own(tmp_path: Path) -> None:
    arguments = ["-s", "settings", "-p", "0"]
    body = {"name": "copy", "job_class_string": "tasks.task_job.TaskJob", "minute": "0"}
    with serving("own_server", tmp_path, arguments) as program:
        made = program.call("POST", "/api/v1/jobs", json={**body, "pub_args": ["Copy", "a"]})
        job_id = made.json()["job_id"]
        good = program.run_job(job_id)
        bad = program.run_job(job_id, pub_args=["NoSuchTask"])
        own = program.call("GET", "/static/own.txt").text
        unknown = program.call("GET", "/api/v1/jobs/nope")
    text = program.text()

    assert json.loads(good["result"]) == "copied a with {}"
    assert bad["state"] == "failed"
    assert bad["result"].startswith("The task failed.\nTraceback")
    assert "NoSuchTask" in bad["result"]
    assert own == "own page\n"
    assert unknown.status_code == 404
    assert [line.strip() for line in program.out] == ["started: True", "stopped"]
    assert (tmp_path / "own.db").exists()
    assert "pass of the database" not in text
    assert b"pass of the database" not in (tmp_path / "own.db").read_bytes()


def test_what_another_program_left_running_can_be_ended_at_the_start(tmp_path: Path) -> None:
    arguments = ["-s", "settings", "-p", "0"]
    code = (
        "from ndscheduler import constants, utils\n"
        "utils.get_datastore_instance().add_execution('left', 'j1', "
        "constants.EXECUTION_STATUS_RUNNING)\n"
    )
    variables = {
        **environment(),
        "NDSCHEDULER_SETTINGS_MODULE": "settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PROJECTS / 'own_server'}",
    }
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, check=True)

    with serving("own_server", tmp_path, arguments) as program:
        left = program.get("executions/left")

    assert (left["state"], left["description"]) == ("failed", "Interrupted by a restart")


def test_a_project_that_is_set_up_in_code(tmp_path: Path) -> None:
    with serving("runtime_settings", tmp_path) as program:
        added = program.call("POST", "/api/v1/files", json={"name": "a.csv"})
        files = program.get("files")
        (log,) = program.get("logs")["logs"]
        classes = program.get("job-classes")

    assert added.status_code == 201
    assert files == {"files": ["a.csv"]}
    assert (log["event"], log["job_name"], log["user"]) == ("file_added", "a.csv", "anonymous")
    assert '"category": "reports"' in json.dumps(classes)
    assert (tmp_path / "tool.db").exists()


def test_a_job_may_record_executions_and_audit_entries_itself(tmp_path: Path) -> None:
    body = {"name": "report", "job_class_string": "tools.report_job.ReportJob", "minute": "0"}
    with serving("runtime_settings", tmp_path) as program:
        made = program.call("POST", "/api/v1/jobs", json={**body, "pub_args": [2]}).json()
        execution = program.run_job(made["job_id"])
        steps = [program.get(f"executions/{id}") for id in json.loads(execution["result"])]
        logs = program.get("logs")["logs"]

    assert execution["state"] == "succeeded"
    assert [step["state"] for step in steps] == ["succeeded", "succeeded"]
    assert [step["result"] for step in steps] == ["0", "1"]
    assert steps[1]["task_id"] == f"{execution['execution_id']}/1"
    assert steps[1]["description"] == "the tool"
    assert steps[0]["job"]["name"] == "report"
    assert ("custom_run", "robot") in [(log["event"], log["user"]) for log in logs]


def test_a_job_that_exits_ends_only_its_execution(tmp_path: Path) -> None:
    body = {"name": "leave", "job_class_string": "tools.report_job.LeavingJob", "minute": "0"}
    with serving("runtime_settings", tmp_path) as program:
        job_id = program.call("POST", "/api/v1/jobs", json=body).json()["job_id"]
        first, second = program.run_job(job_id), program.run_job(job_id)

    assert [first["state"], second["state"]] == ["failed", "failed"]
    assert first["result"] == "It left."


def test_a_project_whose_jobs_are_code(tmp_path: Path) -> None:
    news = hashlib.md5(b"crawl news").hexdigest()
    extra = {"name": "extra", "job_class_string": "work.crawl.CrawlJob", "minute": "7"}
    with serving("jobs_as_code", tmp_path) as program:
        listed = {job["name"]: job for job in program.get("jobs")["jobs"]}
        made = program.call("POST", "/api/v1/jobs", json=extra).json()
        execution = program.run_job(news)
        everything = program.run_job(listed["crawl all"]["job_id"])
        changed = program.call(
            "PUT", f"/api/v1/jobs/{news}", json={**extra, "name": "crawl news", "minute": "8"}
        )
    first = [line for line in program.out if not line.startswith("run_job")]
    with serving("jobs_as_code", tmp_path) as program:
        again = {job["name"]: job["minute"] for job in program.get("jobs")["jobs"]}
    second = [line for line in program.out if not line.startswith("run_job")]

    assert sorted(listed) == ["crawl all", "crawl news"]
    assert listed["crawl news"]["job_id"] == news
    assert made["job_id"] == hashlib.md5(b"extra").hexdigest()
    assert json.loads(execution["result"]) == {"site": "news", "depth": 3}
    assert json.loads(everything["result"]) == {"site": "all", "depth": 3}
    assert changed.status_code == 200
    assert first == ["adds crawl news\n", "adds crawl all\n"]
    assert sorted(second) == ["adds crawl news\n", "removes crawl news\n", "removes extra\n"]
    assert again == {"crawl all": "0", "crawl news": "*/5"}


def test_a_scheduler_class_is_called_for_what_rest_starts(tmp_path: Path) -> None:
    news = hashlib.md5(b"crawl news").hexdigest()
    with serving("jobs_as_code", tmp_path) as program:
        program.run_job(news)

    assert f"run_job work.crawl.CrawlJob {news} ('news',)\n" in program.out


def test_a_service_that_serves_from_a_thread_of_its_own(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        command_of("service", "service.py", [str(port)]),
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        program = Program(process, url=f"http://127.0.0.1:{port}")
        (job,) = program.get("jobs")["jobs"]
        execution = program.run_job(job["job_id"])
        out, _ = process.communicate(timeout=TIMEOUT_SECONDS)

    assert execution["result"] == '"swept the hall"'
    assert out == "stopped\n"
    assert process.returncode == 0
