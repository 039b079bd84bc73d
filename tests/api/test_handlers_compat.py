"""Servers and handlers as users have written them for earlier releases."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
import tornado.web
from tornado.concurrent import run_on_executor
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from ndscheduler import settings
from ndscheduler.config import Config
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.server import handlers, server
from ndscheduler.server.handlers import add_user, audit_logs, base, executions, index, jobs, passwd
from tests.api.api_server import NONE_JOB, YEARLY, serving, wait_for


class ReportHandler(base.BaseHandler):
    """A handler of a user's own."""

    @run_on_executor
    def count_jobs(self) -> dict[str, Any]:
        names = [job.name for job in self.scheduler_manager.get_jobs()]
        return {
            "jobs": names,
            "thread": threading.current_thread().name,
            "logs": len(self.datastore.get_audit_logs("2000-01-01", "2100-01-01")["logs"]),
        }

    async def get(self) -> None:
        self.finish(await self.count_jobs())

    async def post(self) -> None:
        self.finish({"user": self.username, "name": self.get_username(), "json": self.json_args})


class OwnPageServer(server.SchedulerServer):
    """Overrides the whole of __init__ and never calls ours."""

    def __init__(self, scheduler_instance: SchedulerManager) -> None:
        self.scheduler_manager = scheduler_instance
        self.tornado_settings = {"debug": False, "autoreload": False}
        api = f"/api/{self.VERSION}"
        urls = [
            (r"/", index.Handler),
            (rf"{api}/jobs", jobs.Handler),
            (rf"{api}/jobs/(.*)", jobs.Handler),
            (rf"{api}/executions", executions.Handler),
            (rf"{api}/executions/(.*)", executions.Handler),
            (rf"{api}/logs", audit_logs.Handler),
            (r"/readyz", handlers.health.ReadyHandler),
            (r"/report", ReportHandler),
        ]
        self.application = tornado.web.Application(urls, **self.tornado_settings)
        self.calls: list[str] = []

    def start_scheduler(self) -> None:
        self.scheduler_manager.start()
        self.calls.append("start")

    def post_scheduler_start(self) -> None:
        self.scheduler_manager.add_job(
            job_class_string=NONE_JOB, name="from the hook", hour="23", minute="59"
        )
        self.calls.append("started")

    def post_scheduler_stop(self) -> None:
        self.calls.append("stopped")


def test_a_server_with_its_own_init_and_routes_works(tmp_path: Path) -> None:
    with serving(tmp_path, OwnPageServer) as api:
        (job,) = api.get("/api/v1/jobs").json()["jobs"]
        execution = api.run_job(job["job_id"])
        slash = api.get("/api/v1/jobs/")
        unknown = api.get("/api/v1/jobs/nope")
        logs = api.get("/api/v1/logs").json()["logs"]

    assert job["name"] == "from the hook"
    assert execution["state"] == "succeeded"
    assert (slash.status_code, slash.headers["Location"]) == (301, "/api/v1/jobs")
    assert unknown.status_code == 404
    assert [entry["user"] for entry in logs] == ["anonymous", "code"]
    assert api.server.calls == ["start", "started", "stopped"]  # type: ignore[attr-defined]


def test_a_handler_of_a_users_own_has_the_attributes_of_old(tmp_path: Path) -> None:
    with serving(tmp_path, OwnPageServer) as api:
        shown = api.get("/report").json()
        posted = api.post("/report", json={"a": 1}).json()
        form = api.post("/report", data={"a": 1}).json()
        bad = api.post("/report", data="{", headers={"Content-Type": "application/json"})

    assert shown["jobs"] == ["from the hook"]
    assert shown["thread"].startswith("ndscheduler-api")
    assert shown["logs"] == 1
    assert posted == {"user": "anonymous", "name": "anonymous", "json": {"a": 1}}
    assert form["json"] is None
    assert bad.status_code == 400


class HookServer(server.SchedulerServer):
    """Overrides hooks only, as the example of old does."""

    def __init__(self, scheduler_instance: SchedulerManager) -> None:
        super().__init__(scheduler_instance, {"cookie_secret": "x", "own": 5})
        self.application.add_handlers(".*", [(r"/own", ReportHandler)])
        self.starts = 0

    def post_scheduler_start(self) -> None:
        self.starts += 1


def test_hooks_are_called_once_and_routes_can_be_added(tmp_path: Path) -> None:
    with serving(tmp_path, HookServer) as api:
        shown = api.get("/own").json()

    assert shown["jobs"] == []
    assert api.server.starts == 1  # type: ignore[attr-defined]
    assert api.server.application.settings["own"] == 5
    assert api.server.tornado_settings["scheduler_manager"] is api.server.scheduler_manager


class LoudHandler(jobs.Handler):
    """Overrides a verb of ours."""

    async def post(self) -> None:
        self.json_body["name"] = "LOUD"
        await super().post()


def test_a_verb_of_our_handlers_can_be_overridden(tmp_path: Path) -> None:
    class LoudServer(server.SchedulerServer):
        def __init__(self, scheduler_instance: SchedulerManager) -> None:
            super().__init__(scheduler_instance)
            self.application.add_handlers(".*", [(r"/api/v1/loud", LoudHandler)])

    with serving(tmp_path, LoudServer) as api:
        body = {"name": "quiet", "job_class_string": NONE_JOB, **YEARLY}
        job_id = api.post("/api/v1/loud", json=body).json()["job_id"]

        assert api.job(job_id)["name"] == "LOUD"


def test_a_service_may_drive_the_server_from_a_thread_of_its_own(tmp_path: Path) -> None:
    settings.adopt(Config())
    manager = SchedulerManager(
        scheduler_class_path="ndscheduler.corescheduler.core.base.BaseScheduler",
        datastore_class_path="ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite",
        db_config={"file_path": str(tmp_path / "datastore.db")},
        db_tablenames=None,
        job_coalesce=True,
        job_misfire_grace_sec=3600,
        job_max_instances=3,
        thread_pool_size=4,
        timezone="UTC",
    )
    (bound,) = bind_sockets(0, "127.0.0.1")
    loops: list[IOLoop] = []

    def service() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        loop = IOLoop.current()
        instance = server.SchedulerServer(manager)
        instance.start_scheduler()
        http_server = HTTPServer(instance.application)
        http_server.add_socket(bound)
        loops.append(loop)
        loop.start()
        http_server.stop()
        loop.run_sync(http_server.close_all_connections)
        instance.stop_scheduler()
        instance.context.blocking.close()
        loop.close(all_fds=True)

    thread = threading.Thread(target=service)
    thread.start()
    wait_for(lambda: loops)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/api/v1/jobs"
    with requests.get(url, timeout=30, headers={"Connection": "close"}) as answer:
        jobs_shown = answer.json()
    loops[0].add_callback(loops[0].stop)
    thread.join(30)

    assert jobs_shown == {"jobs": []}
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("handler", "place"),
    [
        (base.LoginHandler, "./#login"),
        (base.LogoutHandler, "./"),
        (passwd.Handler, "./#password"),
        (add_user.Handler, "./#users"),
    ],
)
def test_pages_of_the_login_lead_to_those_of_the_page(
    tmp_path: Path, handler: Any, place: str
) -> None:
    class LoginServer(server.SchedulerServer):
        def __init__(self, scheduler_instance: SchedulerManager) -> None:
            super().__init__(scheduler_instance)
            self.application.add_handlers(".*", [(r"/account", handler)])

    with serving(tmp_path, LoginServer) as api:
        answer = api.get("/account")

    assert (answer.status_code, answer.headers["Location"]) == (302, place)
