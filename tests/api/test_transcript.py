"""The recorded calls of old clients, in order, against the answers that the old program gave.

Wanted deviations: what is not found is 404, errors are JSON, a run answers at once.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import requests

from tests.api.api_server import AWESOME, DATA, NONE_JOB, Api, serving

TRANSCRIPT = json.loads((DATA / "rest_transcript.json").read_text())["transcript"]

# Answers of old that were wrong, and what the answer is now.
CHANGED = {
    # The reversed range is bad input now.
    "execs_list_range_reversed": (400, {"error": "time_range_end: is before time_range_start"}),
}


@pytest.fixture(scope="module")
def answers(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> list[requests.Response]:
    """What the recorded calls get, all of them made once, in order."""
    with serving(tmp_path_factory.mktemp("transcript")) as api:
        client = OldClient(api)
        return [client.repeat(call) for call in TRANSCRIPT]


class OldClient:
    """Repeats recorded calls, and remembers the ids that come back."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids: dict[str, str] = {}
        self.ids["demo"] = api.add_job(
            name="My Awesome Job",
            job_class_string=AWESOME,
            pub_args=["first parameter", {"second parameter": "can be a dict"}],
            minute="*/1",
        )

    def repeat(self, call: dict[str, Any]) -> requests.Response:
        if call["name"] == "pause":
            # The recording lacks a call whose answer was wrong and that left this schedule.
            body = {"name": "renamed", "job_class_string": NONE_JOB, "minute": "11"}
            assert self.api.put(f"/api/v1/jobs/{self.ids['A']}", json=body).status_code == 200
        path = re.sub(r"\{(\w+)\}", lambda match: self.ids[match[1]], call["path"])
        path = _with_real_times(call["name"], path)
        headers = {"User-Agent": "old", **call["headers"]}
        if "If-None-Match" in headers:
            headers["If-None-Match"] = self.api.get(path).headers["Etag"]
        body = None if call["body"] is None else call["body"].encode()
        answer = self.api.call(call["method"], path, headers=headers, data=body)
        self._remember(call, answer)
        return answer

    def _remember(self, call: dict[str, Any], answer: Any) -> None:
        if answer.status_code not in (200, 201) or call["method"] != "POST":
            return
        shown, name = answer.json(), call["name"]
        if "job_id" in shown:
            for alias in ("tmp", _ALIASES.get(name, name.replace("mk_", "J_"))):
                self.ids[alias] = shown["job_id"]
        if "execution_id" in shown:
            alias = "E1" if name == "run_demo" else name.replace("run_", "E_")
            self.ids[alias] = shown["execution_id"]
            self.api.finished(shown["execution_id"])


_ALIASES = {
    "add_only_minute": "A",
    "add_all_fields": "B",
    "add_name_unicode": "U",
}


def _with_real_times(name: str, path: str) -> str:
    """The path with the times that the recording left out: a range about now, or long ago."""
    if "<TIME>" not in path:
        return path
    now = datetime.now(timezone.utc)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    if name.endswith("past"):
        start, end = now - timedelta(days=9), now - timedelta(days=8)
    if name.endswith("reversed"):
        start, end = end, start
    base, _, query = path.partition("?")
    times = {"time_range_start": start, "time_range_end": end}
    mark = "Z" if "Z" in query else ""
    filled = {
        key: times[key].replace(tzinfo=None).isoformat() + mark if "<TIME>" in value else value
        for key, value in parse_qsl(query)
    }
    filled = {
        key: start.date().isoformat() if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
        for key, value in filled.items()
    }
    return f"{base}?{urlencode(filled)}"


@pytest.mark.parametrize(
    "number", range(len(TRANSCRIPT)), ids=[call["name"] for call in TRANSCRIPT]
)
def test_an_old_client_gets_the_answer_of_old(
    answers: list[requests.Response], number: int
) -> None:
    call, answer = TRANSCRIPT[number], answers[number]

    expected_status, expected_body = _expected(call)
    assert answer.status_code == expected_status, answer.text
    assert answer.headers.get("Location") == _filled(call["location"], answer)
    if expected_status not in (301, 304):
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    if "response_shape" in call and call["name"] not in CHANGED:
        _check_shape(call["response_shape"], answer.json())
    elif expected_body is not None:
        _check_old_keys(expected_body, answer.json())


def _expected(call: dict[str, Any]) -> tuple[int, Any]:
    if call["name"] in CHANGED:
        return CHANGED[call["name"]]
    body = call.get("response_body")
    if call["status"] >= 400:
        not_found = isinstance(body, dict) and "not found" in body["error"]
        return (404 if not_found else call["status"]), _error_body(call["status"], body)
    return call["status"], body if isinstance(body, dict) else None


def _error_body(status: int, body: Any) -> Any:
    """What was an HTML page is JSON; the sentence of a 400 stays, that of other pages is ours."""
    if isinstance(body, dict):
        return body
    sentence = re.search(r"<title>\d+: (.*)</title>", body)[1]  # type: ignore[index]
    return {"error": sentence} if status == 400 else {"error": "<ANY>"}


def _filled(location: str | None, answer: Any) -> str | None:
    return location and location.replace("<ID>", answer.request.path_url.rstrip("/").split("/")[-1])


def _check_shape(shape: Any, shown: Any) -> None:
    ((key, rows),) = shape.items()
    assert shown[key], "the recorded list was not empty"
    for row in shown[key]:
        missing = set(rows["list_of"]) - set(row)
        assert missing <= {"job"}, missing


def _check_old_keys(expected: Any, shown: Any) -> None:
    """Every recorded key is there with its value; there may be more."""
    if isinstance(expected, dict):
        assert set(expected) <= set(shown), f"{expected} / {shown}"
        for key, value in expected.items():
            _check_old_keys(value, shown[key])
    elif isinstance(expected, list):
        assert len(expected) == len(shown)
        for one, other in zip(expected, shown, strict=True):
            _check_old_keys(one, other)
    elif isinstance(expected, str) and "<" in expected:
        _check_placeholder(expected, shown)
    else:
        assert shown == expected


def _check_placeholder(expected: str, shown: Any) -> None:
    ending = re.fullmatch(r"<TRACEBACK ending: (.*)>", expected, re.DOTALL)
    if ending:
        assert shown.startswith("Traceback (most recent call last)")
        assert _unqualified(shown.strip()).endswith(ending[1])
        return
    patterns = {
        "<ID>": "[0-9a-f]{32}",
        "<TIME>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d",
        "<HOST>": r"\S+",
        "<PID>": r"\d+",
        "<ANY>": ".+",
    }
    pattern = re.escape(expected)
    for placeholder, meaning in patterns.items():
        pattern = pattern.replace(re.escape(placeholder), meaning)
    assert re.fullmatch(pattern, str(shown), re.DOTALL), f"{shown!r} is not like {expected!r}"


def _unqualified(traceback: str) -> str:
    """From Python 3.10 on, messages name methods with their class: AwesomeJob.run()."""
    return re.sub(r"\b\w+\.run\(\)", "run()", traceback)


def test_the_recording_is_complete() -> None:
    assert len(TRANSCRIPT) == 223
    assert Path(DATA / "rest_transcript.json").exists()
