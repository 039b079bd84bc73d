"""Asks a server everything that there is to ask, well and badly, and keeps all that it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from ndscheduler.server.routes import routes
from tests.chaos.processes import wait_until
from tests.security.evidence import Evidence, command_lines, contents_of
from tests.security.planted import Planted

KWARGS_JOB = "extra_jobs.probe_jobs.KwargsJob"
FAILING_JOB = "extra_jobs.secret_jobs.FailingJob"
SHELL_JOB = "simple_scheduler.jobs.shell_job.ShellJob"
CURL_JOB = "simple_scheduler.jobs.curl_job.CurlJob"
SLACK_JOB = "simple_scheduler.jobs.slack_job.SlackJob"
SECRET = {"$secret": "KEY"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
USER = "vera"


class Tour:
    """One walk through a server. `evidence` is complete when `walk` has ended."""

    def __init__(self, server: Planted) -> None:
        self.server = server
        self.canaries = server.canaries
        self.evidence = Evidence()
        self.root = self._session()
        self.root.auth = ("root", self.canaries.root_password)
        self.job_id = self.execution_id = ""

    def walk(self) -> None:
        """Everything, in an order in which each part finds what it needs."""
        wait_until(self._is_ready, 60, f"the start of the server ({self.server.log})")
        self._accounts()
        self._jobs()
        self._every_route()
        self._bad_input()
        self._a_running_child()
        self._database_gone()
        self._every_route()
        self._read_tables()
        self._end_logins()
        self._command_line()
        self._collect()

    def ask(
        self, method: str, path: str, session: requests.Session | None = None, **options: Any
    ) -> requests.Response:
        """The answer to one request, which is kept with its headers."""
        given = {"timeout": 30, "allow_redirects": False, **options}
        answer = (session or self.root).request(method, self.server.url + path, **given)
        shown = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.evidence.add(f"answer to {method} {path}", f"{shown}\n\n{answer.text}\n")
        return answer

    def run(self, job_class: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The execution of a new job, once it has ended."""
        job_id = self.add_job(job_class, *args, **kwargs)
        answer = self.ask("POST", f"/api/v1/executions/{job_id}")
        return self.finished(answer.json()["execution_id"])

    def add_job(self, job_class: str, *args: Any, **kwargs: Any) -> str:
        body = {"name": f"runs {job_class}", "job_class_string": job_class, "month": "1"}
        answer = self.ask("POST", "/api/v1/jobs", json={**body, "pub_args": args, "kwargs": kwargs})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["job_id"])

    def finished(self, execution_id: str) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            shown = self.ask("GET", f"/api/v1/executions/{execution_id}").json()
            return None if shown.get("state") in (None, "scheduled", "running") else shown

        found: dict[str, Any] = wait_until(ended, 60, "the end of an execution")
        return found

    def _is_ready(self) -> bool:
        assert self.server.process is not None
        assert self.server.process.poll() is None, self.server.log.read_text()[-3000:]
        try:
            return self.ask("GET", "/readyz").status_code == 200
        except requests.ConnectionError:
            return False

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.verify = self.server.certificate
        # A machine may name other certificates in its environment, which would count more.
        session.trust_env = False
        return session

    # -- accounts ------------------------------------------------------------------------------

    def _accounts(self) -> None:
        user = {"name": USER, "password": self.canaries.user_password, "role": "editor"}
        assert self.ask("POST", "/api/v1/users", json=user).status_code == 201
        token = {"name": "a token", "role": "viewer"}
        self.canaries.api_token = self.ask("POST", "/api/v1/tokens", json=token).json()["token"]
        self.login = self._session()
        self.canaries.session_id = self._log_in(self.canaries.user_password)
        passwords = {
            "password": self.canaries.user_password,
            "new_password": self.canaries.new_password,
        }
        assert self.ask("PUT", "/api/v1/password", self.login, json=passwords).status_code == 200
        self.canaries.later_session_id = self._session_id()
        self._directory()
        self._refused_logins()

    def _directory(self) -> None:
        """Log in as people of the directory, well, badly, and while it says nothing."""
        directory = self.server.directory
        if directory is None:
            return
        for password in (self.canaries.directory_password, self.canaries.wrong_password):
            body = {"username": "ann", "password": password}
            self.ask("POST", "/api/v1/session", self._session(), json=body)
            self.ask("GET", "/api/v1/jobs?q=ldap", self._session(), auth=("cid", password))
        with directory.hanging():
            self.ask("POST", "/api/v1/session", self._session(), json={**body, "username": "dan"})

    def _log_in(self, password: str) -> str:
        body = {"username": USER, "password": password}
        answer = self.ask("POST", "/api/v1/session", self.login, json=body)
        assert answer.status_code == 200, answer.text
        return self._session_id()

    def _session_id(self) -> str:
        (cookie,) = self.login.cookies
        return str(cookie.value)

    def _refused_logins(self) -> None:
        wrong = self.canaries.wrong_password
        nobody = self._session()
        for body in ({"username": USER, "password": wrong}, {"username": "no", "password": wrong}):
            self.ask("POST", "/api/v1/session", nobody, json=body)
            self.ask("POST", "/login", nobody, data=body)
        self.ask("GET", "/api/v1/jobs", nobody, auth=(USER, wrong))
        for header in (f"Bearer {wrong}", f"Basic {wrong}", f"Digest {wrong}", wrong):
            self.ask("GET", "/api/v1/jobs", nobody, headers={"Authorization": header})
        for name in ("user", "__Host-user"):
            self.ask("GET", "/api/v1/jobs", nobody, headers={"Cookie": f"{name}={wrong}"})

    def _end_logins(self) -> None:
        tokens = self.ask("GET", "/api/v1/tokens").json()["tokens"]
        self.ask("DELETE", "/api/v1/session", self.login)
        for token in tokens:
            self.ask("DELETE", f"/api/v1/tokens/{token['id']}")
        self.ask("PUT", f"/api/v1/users/{USER}", json={"is_disabled": True})

    # -- jobs ----------------------------------------------------------------------------------

    def _jobs(self) -> None:
        execution = self.run(KWARGS_JOB, SECRET, {"deep": [SECRET]}, k=SECRET)
        assert execution["state"] == "succeeded", execution
        self.job_id, self.execution_id = execution["job_id"], execution["execution_id"]
        assert self.run(FAILING_JOB, SECRET)["state"] == "failed"
        assert self.run(KWARGS_JOB, {"$secret": "NONE"})["state"] == "scheduled error"
        environment = self.run(SHELL_JOB, "sh", "-c", "env; cat /proc/self/environ")
        self.evidence.add("environment of a child", environment["result"])
        given = self.run(SHELL_JOB, "sh", "-c", 'echo "$KEY"', env={"KEY": SECRET})
        self.evidence.add("result of a child", given["result"])
        for _ in range(2):
            self.run(SLACK_JOB, "#general", "me", ":wave:", "hello")
            self.run(CURL_JOB, self.server.slack_url.partition("/services")[0] + "/", "GET")
        self.run(CURL_JOB, "http://127.0.0.1:1/", "POST", headers={"Authorization": SECRET})
        body = {"name": "changed", "job_class_string": KWARGS_JOB, "month": "2"}
        changed = self.ask(
            "PUT", f"/api/v1/jobs/{self.job_id}", json={**body, "pub_args": [SECRET]}
        )
        assert changed.status_code == 200, changed.text
        gone = self.add_job(KWARGS_JOB, SECRET)
        self.ask("DELETE", f"/api/v1/jobs/{gone}")

    def _a_running_child(self) -> None:
        """Look at all processes while a program of a job runs."""
        mark = self.server.folder / "runs"
        wait = f"touch {mark}; while [ -e {mark} ]; do sleep 0.1; done"
        job_id = self.add_job(SHELL_JOB, "sh", "-c", wait, env={"KEY": SECRET})
        execution_id = self.ask("POST", f"/api/v1/executions/{job_id}").json()["execution_id"]
        wait_until(mark.exists, 30, "the start of a program")
        self.evidence.add("process list", command_lines())
        mark.unlink()
        self.finished(execution_id)

    # -- what is asked badly, and when it can not be answered ----------------------------------

    def _every_route(self) -> None:
        """Each method of each URL, without what it needs, as an admin, a viewer and nobody."""
        viewer, nobody = self._session(), self._session()
        viewer.headers["Authorization"] = f"Bearer {self.canaries.api_token}"
        for route in routes("v1"):
            path = re.sub(r"\(.*?\)", self._id_for(route.pattern), route.pattern).replace("/?", "")
            for method in METHODS:
                for session in (self.root, viewer, nobody):
                    if not path.endswith("/stream") or method != "GET":
                        self.ask(method, path, session)
        with self.root.get(f"{self.server.url}/api/v1/stream", stream=True, timeout=30) as stream:
            self.evidence.add("stream", next(stream.iter_content(1000)).decode())

    def _id_for(self, pattern: str) -> str:
        if "/executions" in pattern:
            return self.execution_id
        return self.job_id if "/jobs" in pattern else "none"

    def _bad_input(self) -> None:
        secret = self.canaries.wrong_password
        job = {"name": "n", "job_class_string": KWARGS_JOB, "month": "1"}
        bodies: list[Any] = [
            {"username": USER, "password": [secret]},
            {"username": USER, "password": secret, "more": 1},
            {"password": secret, "new_password": "short"},
            {"password": {"a": secret}, "new_password": secret},
            {"name": "x", "password": secret, "role": "king"},
            {"name": "x", "password": [secret], "role": "viewer"},
            {"password": [secret]},
            [secret],
        ]
        for path in ("/session", "/password", "/users", f"/users/{USER}", "/tokens"):
            for body in bodies:
                method = "PUT" if path in ("/password", f"/users/{USER}") else "POST"
                self.ask(method, f"/api/v1{path}", json=body)
            text = f'{{"username": "{USER}", "password": "{secret}'
            headers = {"Content-Type": "application/json"}
            self.ask("POST", f"/api/v1{path}", data=text, headers=headers)
        self.ask("POST", "/api/v1/jobs", json={**job, "pub_args": [{"$secret": ["KEY"]}]})
        for form in ({"password": secret}, {"new_pwd": secret}, {"username": secret}):
            self.ask("POST", "/passwd", data=form)

    def _database_gone(self) -> None:
        """Let a job with a secret end while nothing can be stored, and ask all the same."""
        server, folder = self.server, self.server.folder
        mark, spill = folder / "holds", folder / "spill"
        wait = f'touch {mark}; while [ -e {mark} ]; do sleep 0.1; done; echo "$KEY"'
        job_id = self.add_job(SHELL_JOB, "sh", "-c", wait, env={"KEY": SECRET})
        execution_id = self.ask("POST", f"/api/v1/executions/{job_id}").json()["execution_id"]
        wait_until(mark.exists, 30, "the start of a program")
        server.admin_sql(
            f"ALTER ROLE {server.role} NOLOGIN",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename='{server.role}'",
        )
        mark.unlink()
        wait_until(lambda: self._holds(spill, execution_id), 60, "a result in a file")
        self.evidence.add("spilled results", contents_of(spill))
        for path in ("/readyz", "/api/v1/jobs", "/api/v1/session", "/"):
            self.ask("GET", path)
        server.admin_sql(f"ALTER ROLE {server.role} LOGIN")
        wait_until(self._is_ready, 60, "the return of the database")
        self.evidence.add("result of a child", self.finished(execution_id)["result"])

    def _holds(self, spill: Path, execution_id: str) -> bool:
        return spill.is_dir() and execution_id in contents_of(spill)

    # -- what is left --------------------------------------------------------------------------

    def _command_line(self) -> None:
        """What commands print that read the settings, and what they write."""
        server = self.server
        typed = f"{self.canaries.typed_password}\n"
        unreachable = json.dumps(server.database_config(port=1))
        commands: list[Callable[[], str]] = [
            lambda: server.told_by("check-config"),
            lambda: server.told_by("jobs"),
            lambda: server.told_by("migrate"),
            lambda: server.told_by("serve", "-p", "0", NDSCHEDULER_AUTH="maybe"),
            lambda: server.told_by(
                "serve", "-p", "0", NDSCHEDULER_DATABASE_CONFIG_DICT=unreachable
            ),
            lambda: server.told_by("users", "add", "tom", "--role", "viewer", typed=typed),
            lambda: server.told_by("users", "add", "tim", "--role", "king", typed=typed),
            lambda: server.told_by("users", "passwd", "tom", typed=typed),
            lambda: server.told_by("users", "passwd", "nobody", typed=typed),
            lambda: server.told_by("users", "list"),
            lambda: server.told_by("hash-password", typed=typed[:3]),
            lambda: server.told_by("backup", "backup.jsonl"),
        ]
        for command in commands:
            text = command()
            self.evidence.add(f"output of {text.split(chr(10), 1)[0]}", text)
        self.evidence.add("backup", (server.folder / "backup.jsonl").read_text())

    def _collect(self) -> None:
        wait_until(self._has_mailed, 30, "a mail that nobody took")
        self.server.stop()
        self.evidence.add("log", self.server.log.read_text())
        self._read_tables()

    def _has_mailed(self) -> bool:
        return "was not mailed" in self.server.log.read_text()

    def _read_tables(self) -> None:
        for table, rows in self.server.rows().items():
            self.evidence.add(f"table {table}", rows)
