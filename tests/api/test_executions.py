"""/api/v1/executions beyond what old clients knew."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest

from tests.api.api_server import Api, wait_for

KWARGS_JOB = "extra_jobs.probe_jobs.KwargsJob"
SLOW_JOB = "extra_jobs.probe_jobs.SlowJob"


def test_a_run_answers_before_the_job_has_ended(api: Api) -> None:
    job_id = api.add_job(job_class_string=SLOW_JOB, pub_args=[1])

    execution_id = api.post(f"/api/v1/executions/{job_id}").json()["execution_id"]

    assert api.get(f"/api/v1/executions/{execution_id}").json()["state"] in ("scheduled", "running")
    assert api.finished(execution_id)["state"] == "succeeded"


def test_a_run_takes_arguments_in_place_of_those_of_the_job(api: Api) -> None:
    job_id = api.add_job(job_class_string=KWARGS_JOB, pub_args=[1], kwargs={"a": 1})

    execution = api.run_job(job_id, pub_args=[2, 3], kwargs={"b": 2})

    assert execution["pub_args"] == [2, 3]
    assert execution["kwargs"] == {"b": 2}
    assert '"b": 2' in execution["result"]
    assert api.job(job_id)["pub_args"] == [1]


def test_a_run_without_arguments_takes_those_of_the_job(api: Api) -> None:
    job_id = api.add_job(job_class_string=KWARGS_JOB, pub_args=[1], kwargs={"a": 1})

    execution = api.run_job(job_id)

    assert (execution["pub_args"], execution["kwargs"]) == ([1], {"a": 1})


def test_an_execution_tells_when_why_and_by_whom_it_ran(api: Api) -> None:
    execution = api.run_job(api.add_job(name="by hand"))

    assert execution["job_name"] == "by hand"
    assert execution["trigger_kind"] == "manual"
    assert execution["requested_by"] == "anonymous"
    assert execution["attempt"] == 1
    assert execution["fire_time"] is None
    assert execution["scheduled_time"] <= execution["started_time"] <= execution["finished_time"]


def test_a_fire_makes_an_execution_that_names_its_fire_time(api: Api) -> None:
    soon = datetime.now(timezone.utc) + timedelta(seconds=1)
    job_id = api.add_job(trigger={"type": "date", "run_date": soon.isoformat()})

    def fired() -> bool:
        listed = api.get(f"/api/v1/executions?job_id={job_id}").json()["executions"]
        return [execution["state"] for execution in listed] == ["succeeded"]

    wait_for(fired)
    (execution,) = api.get(f"/api/v1/executions?job_id={job_id}").json()["executions"]
    assert execution["trigger_kind"] == "schedule"
    assert datetime.fromisoformat(execution["fire_time"]) == soon


def test_a_class_that_vanished_is_a_scheduled_error(api: Api) -> None:
    manager = api.server.scheduler_manager
    job_id = manager.add_job("extra_jobs.probe_jobs.Vanished", "gone", hour="23", minute="59")

    execution = api.run_job(job_id)

    assert execution["state"] == "scheduled error"
    manager.remove_job(job_id)


def test_an_execution_outlives_its_job_without_the_job_key(api: Api) -> None:
    job_id = api.add_job(name="short-lived")
    execution_id = api.run_job(job_id)["execution_id"]

    api.call("DELETE", f"/api/v1/jobs/{job_id}")

    shown = api.get(f"/api/v1/executions/{execution_id}").json()
    assert "job" not in shown
    assert (shown["job_id"], shown["job_name"]) == (job_id, "short-lived")


def test_executions_are_filtered_by_job_state_tag_and_words(api: Api) -> None:
    good = api.add_job(name="the good one", tags=["filtered"])
    bad = api.add_job(name="the bad one", job_class_string="extra_jobs.probe_jobs.FailingJob")
    api.run_job(good)
    api.run_job(bad)

    def names(query: str) -> set[str]:
        listed = api.get(f"/api/v1/executions?{query}").json()["executions"]
        return {execution["job_name"] for execution in listed}

    assert names(f"job_id={good}") == {"the good one"}
    assert names(f"job_id={good}&state=failed") == set()
    assert names(f"job_id={bad}&state=FAILED,7") == {"the bad one"}
    assert names(f"job_id={bad}&state=4") == {"the bad one"}
    assert names("tag=filtered") == {"the good one"}
    assert names("q=BAD%20one") == {"the bad one"}
    assert names("q=BAD%20one&limit=1") == {"the bad one"}


def test_pages_go_forth_and_back(fresh_api: Api) -> None:
    job_id = fresh_api.add_job()
    ids = [fresh_api.run_job(job_id)["execution_id"] for _ in range(5)]
    newest_first = ids[::-1]

    first = fresh_api.get("/api/v1/executions?limit=2").json()
    second = fresh_api.get(f"/api/v1/executions?limit=2&cursor={first['next_cursor']}").json()
    third = fresh_api.get(f"/api/v1/executions?limit=2&cursor={second['next_cursor']}").json()
    back = fresh_api.get(f"/api/v1/executions?limit=2&cursor={third['previous_cursor']}").json()

    pages = [[row["execution_id"] for row in page["executions"]] for page in (first, second, third)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert back["executions"] == second["executions"]
    assert (first["previous_cursor"], third["next_cursor"]) == (None, None)
    assert (first["total"], first["total_is_exact"]) == (5, True)


@pytest.mark.parametrize(
    ("write", "in_range"),
    [
        (lambda t: t.isoformat(), True),
        (lambda t: t.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(), True),
        (lambda t: t.replace(tzinfo=None).isoformat(), True),
        (lambda t: t.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z", True),
        (lambda t: str(t.timestamp()), True),
        (lambda t: str(int(t.timestamp())), True),
        (
            lambda t: t.astimezone(timezone(timedelta(hours=2))).replace(tzinfo=None).isoformat(),
            False,
        ),
    ],
)
def test_a_range_may_be_written_in_many_ways(api: Api, write, in_range: bool) -> None:
    job_id = api.add_job()
    execution_id = api.run_job(job_id)["execution_id"]
    minute_ago = datetime.now(timezone.utc) - timedelta(minutes=1)

    start = quote(write(minute_ago))
    answer = api.get(f"/api/v1/executions?job_id={job_id}&time_range_start={start}")

    found = [row["execution_id"] for row in answer.json()["executions"]]
    assert found == ([execution_id] if in_range else [])


def test_a_plus_that_became_a_space_is_an_offset(api: Api) -> None:
    job_id = api.add_job()
    api.run_job(job_id)
    east = datetime.now(timezone(timedelta(hours=2))) - timedelta(minutes=1)

    answer = api.get(f"/api/v1/executions?job_id={job_id}&time_range_start={east.isoformat()}")

    assert "+" in east.isoformat()
    assert len(answer.json()["executions"]) == 1


def test_without_a_range_old_executions_are_left_out(fresh_api: Api) -> None:
    execution_id = fresh_api.run_job(fresh_api.add_job())["execution_id"]
    datastore = fresh_api.server.scheduler_manager.get_datastore()
    long_ago = datetime.now(timezone.utc) - timedelta(minutes=11)
    table = datastore.tables.executions
    datastore.write(
        lambda connection: connection.execute(table.update().values(scheduled_time=long_ago))
    )

    assert fresh_api.get("/api/v1/executions").json() == {"executions": []}
    paged = fresh_api.get("/api/v1/executions?limit=5").json()["executions"]
    assert [row["execution_id"] for row in paged] == [execution_id]


@pytest.mark.parametrize("execution_id", ["nope", "%00", "a%2Fb", "x" * 500])
def test_an_unknown_execution_is_404(api: Api, execution_id: str) -> None:
    answer = api.get(f"/api/v1/executions/{execution_id}")

    assert answer.status_code == 404
    assert answer.json()["error"].startswith("Execution not found: ")


def test_stopping_an_execution_is_not_there_yet(api: Api) -> None:
    answer = api.call("DELETE", "/api/v1/executions/whatever")

    assert answer.status_code == 501
    assert "stop" in answer.json()["error"]
