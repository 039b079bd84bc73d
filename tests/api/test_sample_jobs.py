"""The sample jobs in the process of a real server: what they reach, and what they hand on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.api.api_server import YEARLY, wait_for
from tests.api.test_server_process import ROOT, url_of
from tests.unit.loopback import answer_with, http_server

SHELL = "simple_scheduler.jobs.shell_job.ShellJob"
CURL = "simple_scheduler.jobs.curl_job.CurlJob"
SAYS_WHAT_IT_HAS = """
import json, os
links = []
for name in os.listdir("/proc/self/fd"):
    try:
        links.append(os.readlink(f"/proc/self/fd/{name}").split(":")[0])
    except FileNotFoundError:
        pass  # the descriptor that listed the folder
print(json.dumps({"environment": dict(os.environ), "links": sorted(links)}))
"""


@contextmanager
def server(folder: Path, **environment: str) -> Iterator[str]:
    """The URL of `ndscheduler serve` with the sample jobs."""
    packages = {"NDSCHEDULER_JOB_CLASS_PACKAGES": "[simple_scheduler.jobs]"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ndscheduler", "serve", "-p", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **packages, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield url_of(process)
    finally:
        process.kill()
        process.communicate()


def outcome(url: str, job_class: str, args: list[Any], **kwargs: Any) -> dict[str, Any]:
    """The finished execution of a new job."""
    body = {"name": "a job", "job_class_string": job_class, "pub_args": args, "kwargs": kwargs}
    job = requests.post(f"{url}/api/v1/jobs", json={**body, **YEARLY}, timeout=30).json()
    run = requests.post(f"{url}/api/v1/executions/{job['job_id']}", timeout=30).json()

    def ended() -> dict[str, Any] | None:
        path = f"{url}/api/v1/executions/{run['execution_id']}"
        shown: dict[str, Any] = requests.get(path, timeout=30).json()
        return None if shown["state"] in ("scheduled", "running") else shown

    ending: dict[str, Any] = wait_for(ended)
    return ending


def test_a_program_gets_nothing_of_the_server_but_what_is_listed(tmp_path: Path) -> None:
    secrets = {
        "AWS_SECRET_ACCESS_KEY": "SECRET",
        "SIMPLE_SCHEDULER_SLACK_URL": "https://slack.invalid/SECRET",
        "NDSCHEDULER_SERVER_MAIL": "SECRET@example.com",
    }
    listed = {"NDSCHEDULER_SHELL_JOB_ENV": "[LISTED]", "LISTED": "yes", "LANG": "C.UTF-8"}
    with server(tmp_path, **secrets, **listed) as url:
        args = [sys.executable, "-c", SAYS_WHAT_IT_HAS]
        execution = outcome(url, SHELL, args, env={"ADDED": "of the job"})

    seen = json.loads(json.loads(execution["result"])["stdout"])
    assert set(seen["environment"]) <= {"PATH", "HOME", "LANG", "TZ", "LISTED", "ADDED"}
    assert seen["environment"]["LISTED"] == "yes"
    assert seen["environment"]["ADDED"] == "of the job"
    assert seen["links"] == ["/dev/null", "pipe", "pipe"]


def test_a_url_is_asked_only_where_the_setting_lets_it(tmp_path: Path) -> None:
    allow = {"NDSCHEDULER_CURL_JOB_ALLOW": "[127.0.0.2]"}
    with http_server(answer_with(200, b"hello"), host="127.0.0.2") as allowed:
        with http_server(answer_with(200)) as other, server(tmp_path, **allow) as url:
            fine = outcome(url, CURL, [allowed.url])
            refused = outcome(url, CURL, [f"{other.url}/SECRET?token=SECRET"])

    assert (fine["state"], json.loads(fine["result"])["body"]) == ("succeeded", "hello")
    assert refused["state"] == "failed"
    assert refused["error_summary"].endswith(
        "No connection is made to 127.0.0.1 since CURL_JOB_ALLOW does not hold it."
    )
    assert "SECRET" not in refused["result"] + refused["error_summary"]
    assert other.seen == []
