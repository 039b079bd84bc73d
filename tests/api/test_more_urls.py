"""Job classes, previews, counts, instances, health, and the page."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.api_server import NONE_JOB, Api, serving


def test_job_classes_are_listed_with_what_they_say_of_themselves(api: Api) -> None:
    classes = {row["job_class_string"]: row for row in _job_classes(api)}

    slow = classes["extra_jobs.probe_jobs.SlowJob"]
    assert slow["arguments"] == [{"type": "int", "description": "seconds"}]
    assert slow["notes"] == "Sleeps."
    assert slow["error"] is None
    assert "simple_scheduler.jobs.shell_job.ShellJob" in classes


def test_a_module_that_does_not_import_is_listed_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "half_broken"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "broken.py").write_text("import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with serving(tmp_path, JOB_CLASS_PACKAGES=["half_broken", "extra_jobs"]) as api:
        classes = {row["job_class_string"]: row for row in _job_classes(api)}
        job_id = api.add_job()
        page = api.get("/")
        answer = api.post(
            "/api/v1/jobs",
            json={"name": "x", "job_class_string": "half_broken.broken.Job", "minute": "1"},
        )

    assert "no_such_module_at_all" in classes["half_broken.broken"]["error"]
    assert NONE_JOB in classes
    assert job_id
    assert page.status_code == 200
    assert answer.status_code == 400
    assert "no_such_module_at_all" in answer.json()["error"]
    sys.modules.pop("half_broken", None)


def test_a_preview_names_fire_times_in_utc_and_in_the_zone(api: Api) -> None:
    body = {
        "hour": "2",
        "minute": "30",
        "timezone": "Europe/Berlin",
        "after": "2026-03-28T00:00:00Z",
    }
    shown = api.post("/api/v1/triggers/preview", json=body).json()

    assert shown["fire_times"][:2] == [
        {"utc": "2026-03-28T01:30:00+00:00", "local": "2026-03-28T02:30:00+01:00"},
        {"utc": "2026-03-29T01:00:00+00:00", "local": "2026-03-29T03:00:00+02:00"},
    ]
    assert len(shown["fire_times"]) == 10
    assert shown["never_fires"] is False
    assert shown["timezone"] == "Europe/Berlin"


def test_a_preview_warns_of_what_may_surprise(api: Api) -> None:
    body = {"hour": "2", "minute": "30", "day_of_week": "6", "timezone": "Europe/Berlin"}
    shown = api.post(
        "/api/v1/triggers/preview", json={**body, "after": "2026-01-01T00:00:00Z"}
    ).json()

    codes = [warning["code"] for warning in shown["warnings"]]
    assert codes == ["monday_is_zero", "clock_change", "clock_change"]
    assert shown["warnings"][0]["sentence"].endswith("6 means Sunday.")
    assert "2026-03-29" in shown["warnings"][1]["sentence"]


def test_a_preview_says_when_a_schedule_never_fires(api: Api) -> None:
    shown = api.post("/api/v1/triggers/preview", json={"month": "2", "day": "31"}).json()

    assert shown["never_fires"] is True
    assert shown["fire_times"] == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "minute"),
        ({"minute": "61"}, "minute"),
        ({"minute": "1", "timezone": "Mars/Olympus"}, "timezone"),
        ({"trigger": {"type": "lunar"}}, "trigger"),
        ({"trigger": {"type": "interval", "seconds": -1}}, "seconds"),
        ({"trigger": {"type": "crontab", "expression": "@reboot"}}, "@reboot"),
        ({"minute": "1", "count": 0}, "count"),
        ({"minute": "1", "name": "x"}, "name"),
    ],
)
def test_a_bad_preview_is_refused_by_name(api: Api, body: dict[str, Any], word: str) -> None:
    answer = api.post("/api/v1/triggers/preview", json=body)

    assert answer.status_code == 400
    assert word in answer.json()["error"]


def test_stats_count_jobs_and_executions(fresh_api: Api) -> None:
    job_id = fresh_api.add_job()
    paused = fresh_api.add_job()
    fresh_api.call("PATCH", f"/api/v1/jobs/{paused}")
    fresh_api.run_job(job_id)
    fresh_api.run_job(job_id)

    stats = fresh_api.get("/api/v1/stats").json()

    assert stats["jobs"] == {"total": 2, "active": 1, "paused": 1}
    assert stats["ended"] == {"succeeded": 2}
    assert stats["live"] == {}


def test_instances_show_this_process(api: Api) -> None:
    instances = api.get("/api/v1/instances").json()["instances"]

    assert instances[0]["kind"] == "scheduler"
    assert instances[0]["stopped_at"] is None
    assert instances[0]["is_alive"] is True
    assert instances[0]["load"] == {"running": 0, "threads": 4}
    assert datetime.fromisoformat(instances[0]["heartbeat_at"]).tzinfo is not None


def test_health_asks_nobody_and_readiness_asks_the_database(fresh_api: Api) -> None:
    assert fresh_api.get("/readyz").json() == {"status": "ok"}
    assert fresh_api.get("/healthz").json() == {"status": "ok"}

    fresh_api.server.scheduler_manager.sched.shutdown()

    answer = fresh_api.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert fresh_api.get("/healthz").status_code == 200


def test_the_page_has_no_inline_code_and_a_strict_policy(api: Api) -> None:
    answer = api.get("/")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", answer.text) == []
    assert " style=" not in answer.text
    assert " on" not in re.sub(r">[^<]*<", "><", answer.text).replace("only", "")
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert api.get(path).status_code == 200


def test_head_of_the_page_is_answered(api: Api) -> None:
    assert api.call("HEAD", "/").status_code == 200


OLD_TEMPLATE = """<script>var jobs = JSON.parse({% raw repr(jobs_meta_info) %});
var meta = {% raw jobs_meta_info %};</script>
<p id=title>{{ website_info["title"] }}</p><p>{{ website_info["job_versions"] }}</p>
<p>{{ website_info["user"] }}@{{ website_info["host"] }} {{ website_info["admin_user"] }}</p>
<p id=user>{{ current_user }}</p><link href="{{ static_url("own.css") }}">"""


def test_a_page_of_the_users_own_gets_the_variables_of_old(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text(OLD_TEMPLATE)
    (tmp_path / "own.css").write_text("p {}")
    package = tmp_path / "evil_jobs.py"
    package.write_text(
        "from ndscheduler.corescheduler import job\n"
        "class Evil(job.JobBase):\n"
        "    @classmethod\n"
        "    def meta_info(cls):\n"
        "        return {'notes': '</script><script>alert(1)</script><!--'}\n"
        "    def run(self): pass\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        changes = {
            "STATIC_DIR_PATH": str(tmp_path),
            "TEMPLATE_DIR_PATH": str(tmp_path),
            "APP_INDEX_PAGE": "own.html",
            "WEBSITE_TITLE": "A <title>",
            "JOB_CLASS_PACKAGES": ["evil_jobs"],
            "CONTENT_SECURITY_POLICY": "default-src 'self' 'unsafe-inline'",
        }
        with serving(tmp_path, **changes) as api:
            page = api.get("/")
            style = api.get("/static/own.css")
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("evil_jobs", None)

    assert page.text.count("</script>") == 1
    assert "<!--" not in page.text
    meta = json.loads(re.search(r"var meta = (.*);</script>", page.text)[1])  # type: ignore[index]
    assert meta[0]["notes"] == "</script><script>alert(1)</script><!--"
    assert "<p id=title>A &lt;title&gt;</p>" in page.text
    assert "<p id=user>anonymous</p>" in page.text
    assert page.headers["Content-Security-Policy"] == "default-src 'self' 'unsafe-inline'"
    assert style.text == "p {}"


def test_the_page_is_served_without_importing_any_job_class(tmp_path: Path) -> None:
    (tmp_path / "slow_jobs.py").write_text("")
    sys.path.insert(0, str(tmp_path))
    try:
        with serving(tmp_path, JOB_CLASS_PACKAGES=["slow_jobs"]) as api:
            assert api.get("/").status_code == 200
            assert "slow_jobs" not in sys.modules

            api.get("/api/v1/job-classes")
            assert "slow_jobs" in sys.modules
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("slow_jobs", None)


def _job_classes(api: Api) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get("/api/v1/job-classes").json()["job_classes"]
    return rows


def test_time_zones_are_listed_by_name(api: Api) -> None:
    answer = api.get("/api/v1/timezones").json()

    names = answer["timezones"]
    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia"} <= set(names)
    assert names == sorted(names)
    assert answer["default"] == "UTC"
    for name in names[::40]:
        body = {"minute": "0", "timezone": name, "count": 1}
        assert api.post("/api/v1/triggers/preview", json=body).status_code == 200, name


def test_the_installation_tells_of_itself(tmp_path: Path) -> None:
    changes = {
        "WEBSITE_TITLE": "Night shift",
        "HELP_URL": "https://help.example",
        "ISSUES_URL": "https://issues.example",
        "TIMEZONE": "Asia/Tokyo",
    }
    with serving(tmp_path, **changes) as api:
        shown = api.get("/api/v1/about").json()

    assert shown["host"]
    assert shown["user"]
    assert shown["version"]
    assert {key: shown[key] for key in shown if key not in ("host", "user", "version")} == {
        "title": "Night shift",
        "job_packages": {"extra_jobs": "", "simple_scheduler.jobs": ""},
        "help_url": "https://help.example",
        "issues_url": "https://issues.example",
        "timezone": "Asia/Tokyo",
        "username": "anonymous",
    }
