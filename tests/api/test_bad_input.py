"""Bad input: 4xx with one sentence that names the field, and nothing changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.api_server import Api
from tests.api.inputs import GOOD, JSON_TYPE, NO_CRON
from tests.api.test_any_input import QUERY_NAMES

BAD_CRON = [
    "61", "foo", "*/0", "50-10", "", " ", True, False, 5.5, [1], {"a": 1}, "1-", "-1", "1,,2",
    "*/-1", "99999999999999999999", "1" * 2000, "1\n2", "@daily", 61, -1, 10**30,
]  # fmt: skip
# (field that the error must name, fields of the request)
BAD_FIELDS: list[tuple[str, dict[str, Any]]] = [
    *(("minute", {"minute": value}) for value in BAD_CRON),
    *(("day_of_week", {"day_of_week": value}) for value in ("7", "sun-tue", "monday", "mon#1", 7)),
    *(("day", {"day": value}) for value in ("32", "0", "6th mon", "lastt")),
    *(("hour", {"hour": value}) for value in ("24", "1:30", "12am")),
    *(("month", {"month": value}) for value in ("13", "0", "january", "jan-feb-mar")),
    *(("week", {"week": value}) for value in ("54", "x", True)),
    *(("name", {"name": value}) for value in (None, 5, "", "  ", [], {}, True, "n" * 1001)),
    *(("name", {"name": value}) for value in ("a\x00b", "\ud800")),
    *(
        ("job_class_string", {"job_class_string": value})
        for value in (None, "", 5, [], "os.system", "no.such.Class", "x" * 1000, "..", "\x00")
    ),
    *(
        ("pub_args", {"pub_args": value})
        for value in ("abc", {"x": 1}, 5, True, False, 1.5, ["\x00"], [{"\ud800": 1}])
    ),
    *(
        ("pub_args", {"pub_args": [value]})
        for value in (
            {"$date": "x"}, {"$date": 5}, {"$decimal": "x"}, {"$bytes": "!"}, {"$tuple": 5},
            {"$datetime": []}, {"$decimal": {}},
        )
    ),
    *(("kwargs", {"kwargs": value}) for value in ([], "x", 5, True)),
    *(
        ("trigger", {"trigger": value})
        for value in (
            [], "daily", 5, {}, {"type": "lunar"}, {"type": None}, {"type": "interval"},
            {"type": "interval", "seconds": 0}, {"type": "interval", "seconds": "x"},
            {"type": "interval", "seconds": True}, {"type": "interval", "seconds": 10**30},
            {"type": "interval", "seconds": []}, {"type": "crontab"},
            {"type": "crontab", "expression": "* * *"}, {"type": "crontab", "expression": 5},
            {"type": "date"}, {"type": "date", "run_date": "tomorrow"},
            {"type": "date", "run_date": 10**40}, {"type": "cron", "colour": "red"},
             {"type": "crontab", "expression": "@reboot"},
            {"type": "interval", "seconds": 60, "anchor": "x"},
        )
    ),
    ("minute", {"trigger": {"type": "cron", "minute": []}}),
    *(
        ("timezone", {"timezone": value})
        for value in ("Mars/Olympus", "", 5, True, "../etc", "a" * 300)
    ),
    *(("start_date", {"start_date": value}) for value in ("x", True, [], "2026-13-01", 10**40)),
    *(("end_date", {"end_date": value}) for value in ("x", "0000-00-00", "99999-01-01")),
    ("end_date", {"start_date": "2027-01-01", "end_date": "2026-01-01"}),
    *(
        ("misfire_grace_time", {"misfire_grace_time": value})
        for value in (0, -1, "60", True, 1.5, 10**30)
    ),
    *(("coalesce", {"coalesce": value}) for value in ("true", 1, None)),
    *(("max_instances", {"max_instances": value}) for value in (0, -1, "3", True, None, 10**30)),
    *(("overlap", {"overlap": value}) for value in ("queue", "replace", "x", 5, None, [])),
    *(("tags", {"tags": value}) for value in ("x", 5, {}, None, ["t"] * 51)),
    *(("tags[1]", {"tags": ["a", value]}) for value in ("", " ", 5, None, "t" * 101, "a,b", [])),
    *(("description", {"description": value}) for value in (5, [], "x" * 10_001, "\x00")),
    *(
        (field, {field: "x"})
        for field in ("colour", "id", "args", "func", "year", "second", "rev", "job_id", "paused")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("field", "fields"), BAD_FIELDS, ids=lambda value: str(value)[:50])
def test_post_and_put_refuse_a_bad_field_by_its_name(
    api: Api, job_id: str, field: str, fields: dict[str, Any]
) -> None:
    base = NO_CRON if "trigger" in fields else GOOD
    body = json.dumps({**base, **fields})
    before = api.everything()

    for method, path in (("POST", "/api/v1/jobs"), ("PUT", f"/api/v1/jobs/{job_id}")):
        answer = api.call(method, path, data=body, headers=JSON_TYPE)

        assert answer.status_code == 400, f"{method} {body}: {answer.text}"
        assert field in answer.json()["error"]
        assert answer.json()["field"].startswith(field.partition("[")[0])
        assert "\n" not in answer.json()["error"]
    assert api.everything() == before


@pytest.mark.parametrize("field", ["name", "job_class_string"])
def test_a_field_that_is_missing_is_named(api: Api, field: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != field}

    answer = api.post("/api/v1/jobs", json=body)

    assert answer.status_code == 400
    assert answer.json() == {"error": f"Require this parameter: {field}", "field": field}


def test_a_trigger_and_cron_fields_at_once_are_refused(api: Api) -> None:
    body = {**GOOD, "trigger": {"type": "interval", "seconds": 5}}

    answer = api.post("/api/v1/jobs", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"] == "trigger"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_cron_fields_that_are_all_null_are_no_schedule(api: Api, job_id: str, method: str) -> None:
    path = "/api/v1/jobs" if method == "POST" else f"/api/v1/jobs/{job_id}"

    answer = api.call(method, path, json={**NO_CRON, "minute": None, "hour": None})

    assert answer.status_code == 400
    assert "Require at least one of following parameters" in answer.json()["error"]


def test_an_unknown_field_is_told_about_kwargs(api: Api) -> None:
    answer = api.post("/api/v1/jobs", json={**GOOD, "colour": "red"})

    assert answer.json() == {
        "error": "colour: is no field of a job; keyword arguments of run() go into `kwargs`",
        "field": "colour",
    }


BAD_BODIES = [
    b"",
    b"{",
    b"null",
    b"5",
    b'"x"',
    b"true",
    b"[1]",
    b'["name"]',
    b"{'a': 1}",
    b'{"name": NaN}',
    b'{"name": "x", "pub_args": [Infinity]}',
    b'{"name": "x", "pub_args": [-Infinity]}',
    b'{"name": "x", "job_class_string": "y", "minute": "1", "pub_args": [1e999]}',
    b"\xff\xfe",
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"pub_args": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"pub_args": [' + b"1" * 5000 + b"]}",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b'{"name": "x"} trailing',
]


def test_a_body_of_very_many_fields_is_told_of_none_of_them(api: Api) -> None:
    answer = api.post("/api/v1/jobs", json={f"f{number}": 0 for number in range(1001)})

    assert answer.status_code == 400
    assert answer.json() == {"error": "The body has more than 1000 fields."}


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: repr(body[:30]))
def test_a_body_that_is_no_json_object_is_refused(api: Api, job_id: str, body: bytes) -> None:
    before = api.everything()

    calls = [
        ("POST", "/api/v1/jobs"),
        ("PUT", f"/api/v1/jobs/{job_id}"),
        ("POST", "/api/v1/triggers/preview"),
    ]
    if body:
        calls += [
            ("POST", f"/api/v1/jobs/{job_id}/pause"),
            ("POST", f"/api/v1/jobs/{job_id}/resume"),
            ("POST", f"/api/v1/jobs/{job_id}/skip-next"),
            ("POST", f"/api/v1/executions/{job_id}"),
        ]
    for method, path in calls:
        answer = api.call(method, path, data=body, headers=JSON_TYPE)

        assert answer.status_code == 400, f"{method} {path}: {answer.text}"
        assert isinstance(answer.json()["error"], str)
    assert api.everything() == before


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_called_json_is_refused(api: Api, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    answer = api.post("/api/v1/jobs", data=json.dumps(GOOD).encode(), headers=headers)

    assert answer.status_code == 400
    assert answer.json()["field"] == "Content-Type"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        # Not even a form: it has no boundary.
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/jobs/{}/pause"),
        ("POST", "/api/v1/jobs/{}/resume"),
        ("POST", "/api/v1/jobs/{}/skip-next"),
        ("POST", "/api/v1/executions/{}"),
        ("PATCH", "/api/v1/jobs/{}"),
        ("OPTIONS", "/api/v1/jobs/{}"),
        ("DELETE", "/api/v1/jobs/{}"),
    ],
)
def test_a_body_of_another_type_is_refused_where_none_is_needed(
    api: Api, job_id: str, method: str, path: str, content_type: str
) -> None:
    before = api.everything()
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'

    answer = api.call(
        method, path.format(job_id), data=form, headers={"Content-Type": content_type}
    )

    assert answer.status_code == 400
    assert answer.json()["field"] == "Content-Type"
    assert api.everything() == before


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "DELETE"])
def test_a_body_without_a_type_is_ignored_where_none_is_read(api: Api, method: str) -> None:
    answer = api.call(method, f"/api/v1/jobs/{api.add_job()}", data=b"{}")

    assert answer.status_code == 200


def test_a_key_that_comes_twice_counts_the_second_time(api: Api) -> None:
    body = json.dumps(GOOD)[:-1] + ', "name": "second"}'

    answer = api.post("/api/v1/jobs", data=body, headers=JSON_TYPE)

    assert api.job(answer.json()["job_id"])["name"] == "second"


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("pause", {"reason": 5}, "reason"),
        ("pause", {"reason": "x" * 1001}, "reason"),
        ("pause", {"until": "soon"}, "until"),
        ("pause", {"until": True}, "until"),
        ("pause", {"until": "00:00" * 200_000}, "until"),
        ("pause", {"colour": 1}, "colour"),
        ("resume", {"reason": "x"}, "reason"),
        ("skip-next", {"reason": []}, "reason"),
    ],
)
def test_actions_refuse_a_bad_field(
    api: Api, job_id: str, action: str, body: dict[str, Any], field: str
) -> None:
    answer = api.post(f"/api/v1/jobs/{job_id}/{action}", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "body",
    [
        {"pub_args": "x"},
        {"pub_args": None},
        {"pub_args": {}},
        {"kwargs": []},
        {"kwargs": {"a": "\x00"}},
        {"colour": 1},
        {"pub_args": [{"$date": "x"}]},
    ],
)
def test_a_run_refuses_bad_arguments(api: Api, job_id: str, body: dict[str, Any]) -> None:
    before = api.everything()

    answer = api.post(f"/api/v1/executions/{job_id}", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"].startswith(next(iter(body)))
    assert api.everything() == before


BAD_TIMES = [
    "", "x", "2026-13-01", "2026-02-30", "2026-01-01T25:00", "12:00", "1e400", "nan", "inf",
    "9" * 30, "-9" * 20, "2026-01-01T00:00:00+99:99", "0001-01-01T00:00:00+14:00", "%00", "%FF",
    "2026-01-01T00:00:00 02:00:00:00", "\u0661", "2026-01-01x10:00",
    "2026-01-01T00:00:00." + "0" * 200, "00:00" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("value", BAD_TIMES)
@pytest.mark.parametrize("name", ["time_range_start", "time_range_end"])
def test_a_bad_time_is_refused_by_the_name_of_the_parameter(
    api: Api, name: str, value: str
) -> None:
    for path in ("/api/v1/executions", "/api/v1/logs", "/api/v1/executions?limit=1"):
        answer = api.get(f"{path}{'&' if '?' in path else '?'}{name}={value}")

        assert answer.status_code == 400
        assert name in answer.json()["error"]


def test_a_range_that_ends_before_it_begins_is_refused(api: Api) -> None:
    query = "time_range_start=2026-01-02&time_range_end=2026-01-01"

    answer = api.get(f"/api/v1/executions?{query}")

    assert answer.status_code == 400
    assert answer.json()["field"] == "time_range_end"


@pytest.mark.parametrize("state", ["nonsense", "11", "-1", "5,nonsense", "5,", "1.0", "\u0665"])
def test_a_bad_state_is_refused(api: Api, state: str) -> None:
    answer = api.get("/api/v1/executions", params={"state": state})

    assert answer.status_code == 400
    assert answer.json()["field"] == "state"


@pytest.mark.parametrize("text", ["\x00", "%", "_", "'", '"', "\\", "\U0001f600", "x" * 5000])
@pytest.mark.parametrize("name", ["q", "tag", "job_id", "user", "job_class_string"])
def test_any_text_may_be_looked_for(api: Api, name: str, text: str) -> None:
    for path in ("/api/v1/jobs", "/api/v1/executions", "/api/v1/logs"):
        answer = api.get(path, params={name: text})

        assert answer.status_code in (200, 400)


QUERY_NAMES += ["time_range_start", "time_range_end", "trigger_kind"]
