"""/api/v1/jobs beyond what old clients knew."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.api.api_server import AWESOME, NONE_JOB, YEARLY, Api
from tests.api.inputs import DEFINITION


def test_a_job_shows_every_field_that_was_given(api: Api) -> None:
    job_id = api.add_job(
        name="backup",
        trigger={"type": "crontab", "expression": "0 3 * * 1"},
        timezone="Europe/Berlin",
        start_date="2026-01-01T00:00:00+01:00",
        end_date="2099-01-01",
        misfire_grace_time=60,
        coalesce=False,
        max_instances=2,
        overlap="skip",
        tags=["nightly", "db"],
        description="Copies the database.",
        kwargs={"compress": True},
        pub_args=[1],
    )

    shown = api.job(job_id)
    expected = {
        "name": "backup",
        "timezone": "Europe/Berlin",
        "start_date": "2025-12-31T23:00:00+00:00",
        "end_date": "2099-01-01T00:00:00+00:00",
        "misfire_grace_time": 60,
        "coalesce": False,
        "max_instances": 2,
        "overlap": "skip",
        "tags": ["db", "nightly"],
        "description": "Copies the database.",
        "kwargs": {"compress": True},
        "pub_args": [1],
        "rev": 1,
        "paused": False,
        "minute": "",
        "month": "",
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown["trigger"]["expression"] == "0 3 * * 1"


@pytest.mark.parametrize(
    "trigger",
    [
        {"type": "cron", "minute": "*/5"},
        {"type": "cron", "year": "2098", "second": "30"},
        {"type": "crontab", "expression": "@daily"},
        {"type": "interval", "seconds": 90},
        {"type": "date", "run_date": "2098-01-31T03:00:00Z"},
    ],
)
def test_every_kind_of_trigger_has_a_next_run(api: Api, trigger: dict[str, Any]) -> None:
    before = datetime.now(timezone.utc)

    shown = api.job(api.add_job(trigger=trigger))

    assert shown["trigger"]["type"] == trigger["type"]
    assert datetime.fromisoformat(shown["next_run_time"]) >= before


def test_put_keeps_what_is_not_sent_but_resets_cron_fields(api: Api) -> None:
    job_id = api.add_job(
        hour="5", minute="7", tags=["a"], kwargs={"n": 1}, pub_args=[1], description="text"
    )

    answer = api.put(
        f"/api/v1/jobs/{job_id}",
        json={"name": "new", "job_class_string": NONE_JOB, "hour": "6"},
    )

    shown = api.job(job_id)
    assert answer.json() == {"job_id": job_id}
    assert (shown["name"], shown["hour"], shown["minute"]) == ("new", "6", "0")
    assert (shown["tags"], shown["kwargs"], shown["pub_args"]) == (["a"], {"n": 1}, [1])
    assert shown["description"] == "text"


def test_put_with_a_trigger_replaces_the_schedule_whole(api: Api) -> None:
    job_id = api.add_job(hour="5", minute="7")

    body = {**_named("x"), "trigger": {"type": "interval", "seconds": 60}}
    assert api.put(f"/api/v1/jobs/{job_id}", json=body).status_code == 200

    shown = api.job(job_id)
    assert (shown["trigger"]["type"], shown["hour"], shown["minute"]) == ("interval", "", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("minute", "61"), ("timezone", "Mars/Olympus"), ("pub_args", "abc"), ("colour", "red")],
)
def test_put_changes_nothing_when_one_field_is_bad(api: Api, field: str, value: str) -> None:
    job_id = api.add_job()
    before, entries = api.job(job_id), api.logs(job_id)

    body = {"name": "changed", "job_class_string": AWESOME, "minute": "5", field: value}
    answer = api.put(f"/api/v1/jobs/{job_id}", json=body)

    assert answer.status_code == 400
    assert field in answer.json()["error"]
    assert api.job(job_id) == before
    assert api.logs(job_id) == entries


def test_a_lost_update_is_refused(api: Api) -> None:
    job_id = api.add_job()
    url = f"/api/v1/jobs/{job_id}"
    etag = api.get(url).headers["Etag"]
    assert api.put(url, json={**_named("first"), **YEARLY}).status_code == 200

    for stale in ("1", '"1"', 'W/"1"', etag):
        answer = api.put(url, json={**_named("second"), **YEARLY}, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
        assert "changed meanwhile" in answer.json()["error"]

    fresh = api.get(url).headers["Etag"]
    answer = api.put(url, json={**_named("second"), **YEARLY}, headers={"If-Match": fresh})
    assert answer.status_code == 200
    assert api.job(job_id)["name"] == "second"


def test_an_if_match_that_is_no_rev_is_refused(api: Api) -> None:
    job_id = api.add_job()

    answer = api.put(f"/api/v1/jobs/{job_id}", json=DEFINITION, headers={"If-Match": "abc"})

    assert answer.status_code == 400
    assert answer.json()["field"] == "If-Match"


def test_pause_keeps_who_why_and_until_when(api: Api) -> None:
    job_id = api.add_job()
    until = (datetime.now(timezone.utc) + timedelta(days=1)).replace(microsecond=0).isoformat()

    body = {"reason": "maintenance", "until": until}
    answer = api.post(f"/api/v1/jobs/{job_id}/pause", json=body)

    shown = api.job(job_id)
    assert answer.json() == {"job_id": job_id}
    assert shown["paused"] is True
    assert shown["next_run_time"] == ""
    assert shown["paused_reason"] == "maintenance"
    assert shown["paused_until"] == until
    assert shown["paused_by"] == "anonymous"


def test_resume_lets_a_paused_job_fire_again(api: Api) -> None:
    job_id = api.add_job()
    api.post(f"/api/v1/jobs/{job_id}/pause")

    answer = api.post(f"/api/v1/jobs/{job_id}/resume")

    shown = api.job(job_id)
    assert answer.status_code == 200
    assert (shown["paused"], shown["paused_reason"]) == (False, None)
    assert shown["next_run_time"]


def test_skip_next_skips_one_fire_and_records_it(api: Api) -> None:
    job_id = api.add_job()
    first = api.job(job_id)["next_run_time"]

    answer = api.post(f"/api/v1/jobs/{job_id}/skip-next", json={"reason": "holiday"})

    executions = api.get(f"/api/v1/executions?limit=10&job_id={job_id}").json()["executions"]
    assert answer.status_code == 200
    assert api.job(job_id)["next_run_time"][:4] == str(int(first[:4]) + 1)
    assert [execution["state"] for execution in executions] == ["skipped"]
    assert "holiday" in executions[0]["reason"]


def test_skip_next_of_a_paused_job_is_refused(api: Api) -> None:
    job_id = api.add_job()
    api.post(f"/api/v1/jobs/{job_id}/pause")

    answer = api.post(f"/api/v1/jobs/{job_id}/skip-next")

    assert answer.status_code == 400


def test_a_pause_that_has_ended_already_is_refused(api: Api) -> None:
    job_id = api.add_job()

    answer = api.post(f"/api/v1/jobs/{job_id}/pause", json={"until": "2020-01-01"})

    assert answer.status_code == 400
    assert answer.json()["field"] == "until"
    assert api.job(job_id)["paused"] is False


def test_a_preflight_changes_nothing(api: Api) -> None:
    job_id = api.add_job()
    api.post(f"/api/v1/jobs/{job_id}/pause")

    answer = api.call(
        "OPTIONS",
        f"/api/v1/jobs/{job_id}",
        headers={"Access-Control-Request-Method": "PUT", "Origin": "https://evil.example"},
    )

    assert answer.status_code == 204
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert api.job(job_id)["paused"] is True


@pytest.mark.parametrize("path", ["", "/pause", "/resume", "/skip-next"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
def test_an_unknown_job_is_404(api: Api, method: str, path: str) -> None:
    if (path == "") == (method == "POST"):
        return  # That method is not for this URL.
    if path and method != "POST":
        return

    answer = api.call(
        method, f"/api/v1/jobs/nope{path}", json=DEFINITION if method == "PUT" else None
    )

    assert answer.status_code == 404
    assert answer.json() == {"error": "Job not found: nope"}


def test_delete_keeps_the_job_in_the_audit_log(api: Api) -> None:
    job_id = api.add_job(name="to be deleted", tags=["x"])

    answer = api.call("DELETE", f"/api/v1/jobs/{job_id}")

    (deleted, added) = api.logs(job_id)
    assert answer.json() == {"job_id": job_id}
    assert (added["event"], deleted["event"]) == ("added", "deleted")
    assert '"to be deleted"' in deleted["description"]


def test_week_alone_is_no_schedule(api: Api) -> None:
    answer = api.post("/api/v1/jobs", json={**_named("x"), "week": "1"})

    assert answer.status_code == 400
    assert "Require at least one of following parameters" in answer.json()["error"]


def test_typed_arguments_come_back_as_they_were_sent(api: Api) -> None:
    args = [{"$date": "2026-01-31"}, {"$decimal": "1.50"}, [1, {"a": None}], 10**25]

    shown = api.job(api.add_job(pub_args=args, kwargs={"when": {"$date": "2026-01-31"}}))

    assert shown["pub_args"] == args
    assert shown["kwargs"] == {"when": {"$date": "2026-01-31"}}


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "job_class_string": NONE_JOB}
