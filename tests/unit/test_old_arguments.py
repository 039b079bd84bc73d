"""Arguments of jobs that 0.x pickled are kept, or shown where they can not be."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.legacy.arguments import arguments_as_json, find_call
from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldText,
)
from tests.unit.pickled_rows import LABELS, read


@pytest.mark.parametrize("label", LABELS)
def test_values_that_json_lacks_come_back_as_they_were(label: str) -> None:
    utc = timezone.utc

    job = read(label, "rich").job

    naive, aware, day, number, nested, raw, large = job.pub_args
    assert (naive, aware) == (datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=utc))
    assert (day.isoformat(), str(number), nested) == ("2026-01-02", "1.50", (1, (2,)))
    assert (raw, large) == (b"\x00\xff", 2**70)


@pytest.mark.parametrize(
    ("label", "job_id", "shown", "reason"),
    [
        (label, *case)
        for label in LABELS
        for case in (
            ("sets", ["{3}", "{4}"], "a set can not be kept as JSON"),
            ("custom", ["myapp.things.Custom"], "an object of a class can not be kept"),
            ("deltas", ["datetime.timedelta(days=1", "datetime.time("], "timedelta can not be"),
            ("keys", ["{1: 2}"], "the key 1 is not a string"),
        )
    ],
)
def test_what_json_can_not_hold_pauses_the_job_and_is_shown(
    label: str, job_id: str, shown: list[str], reason: str
) -> None:
    job = read(label, job_id).job

    stored = job.args_json + job.kwargs_json
    assert job.is_paused
    assert job.next_fire is None
    assert reason in (job.paused_reason or "")
    assert all(text in stored and "$unreadable" in stored for text in shown)


DB = ("my.own.SqlStore", {"file_path": "x"}, {"jobs_tablename": "j"})


@pytest.mark.parametrize(
    ("func", "args", "own"),
    [
        (
            "ndscheduler.core.scheduler.base:SingletonScheduler.run_job",
            ("c.C", "id", *DB),
            list(DB),
        ),
        ("ndscheduler.core.scheduler.base:SingletonScheduler.run_job", ("c.C", "id"), []),
        ("ndscheduler.corescheduler.core.base:BaseScheduler.run_job", ("c.C", "id", *DB, 1), [1]),
        ("ndscheduler.corescheduler.core.base:BaseScheduler.run_job", ("c.C", "old", *DB), []),
        ("my.own:Scheduler.run_job", ("c.C", "id", *DB, "x"), ["x"]),
        ("my.own:Scheduler.run_job", ("c.C", "id", "x", "y"), ["x", "y"]),
        ("my.own:Scheduler.run_job", ("c.C", "id"), []),
        ("my.own:Scheduler.run_job", ["c.C", "id", "my.DatastoreX", {}, None, "x"], ["x"]),
        (
            "my.own:Scheduler.run_job",
            ("c.C", "id", "x.y", {"a": 1}, {"b": 2}),
            ["x.y", {"a": 1}, {"b": 2}],
        ),
        ("my.own:Scheduler.run_job", ("tenant", "c.C", "id", *DB, "x"), ["x"]),
    ],
)
def test_a_jobs_own_arguments_begin_behind_its_id_and_the_database(
    func: str, args: Any, own: list[Any]
) -> None:
    call = find_call(func, args, ["id"])

    assert call is not None
    assert (call.job_class_string, call.pub_args) == ("c.C", own)


@pytest.mark.parametrize("args", [(), ("c.C",), ("id",), ("id", "c.C"), (5, "id"), None, "c.C id"])
def test_where_no_class_stands_before_the_id_nothing_is_guessed(args: Any) -> None:
    assert find_call("my.own:function", args, ["id"]) is None


def test_text_of_python_2_is_text_unless_it_holds_a_nul() -> None:
    text, problems = arguments_as_json(
        [OldText(b"\xc3\xa9"), OldText(b"\xe9"), OldText(b"\x00\xff")]
    )

    assert problems == []
    assert json.loads(text) == ["é", "é", {"$bytes": "AP8="}]


def test_arguments_that_would_grow_without_end_are_refused_in_time() -> None:
    value: Any = "x"
    for _ in range(40):
        value = [value] * 10

    text, problems = arguments_as_json([value])

    assert "too large" in problems[0]
    assert len(text) < 50_000_000


def test_a_text_that_is_named_again_and_again_is_refused_in_time() -> None:
    values = [["x" * 1_000_000] * 100_000, "small"]

    text, problems = arguments_as_json(values)

    assert "pub_args[0]" in problems[0]
    assert "is too large" in problems[0]
    assert len(text) < 10_000


@pytest.mark.parametrize("others", [0, 100_000])
def test_arguments_that_hold_themselves_are_refused(others: int) -> None:
    value: list[Any] = []
    value.append(value)
    value += [value] * others

    text, problems = arguments_as_json([value])

    assert "nested too deep" in problems[0]
    assert len(text) < 10_000
