"""Jobs that nine combinations of Python and APScheduler pickled become jobs of ours."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.legacy.old_jobs import AuditFacts, job_of
from tests.unit.pickled_rows import CLASS, LABELS, NEXT, NOW, PICKLED, read


def test_the_environments_are_those_that_users_had() -> None:
    assert len(LABELS) == 9
    assert {PICKLED[label]["plain"][1] for label in LABELS} == {2, 4, 5}


@pytest.mark.parametrize("label", LABELS)
def test_arguments_and_options_are_kept(label: str) -> None:
    plain, words, text = (read(label, name).job for name in ("plain", "kwargs", "text"))
    options = read(label, "options").job

    assert plain.pub_args == ["a", {"nested": {"k": [1, 2, None, True]}}, 3.5]
    assert (words.pub_args, words.kwargs) == (["x"], {"colour": "red", "n": 3})
    assert (text.pub_args, text.name) == (["é中文", "latin é", "☃"], "☃ 任")
    assert plain.job_class_string == CLASS
    assert (plain.misfire_grace_seconds, plain.coalesce, plain.max_instances) == (3600, True, 3)
    assert (options.misfire_grace_seconds, options.coalesce, options.max_instances) == (
        None,
        False,
        7,
    )


@pytest.mark.parametrize("label", LABELS)
def test_the_password_of_the_database_is_nowhere(label: str) -> None:
    for job_id in PICKLED[label]:
        assert "s3cret" not in repr(read(label, job_id))


@pytest.mark.parametrize("label", LABELS)
def test_a_scheduler_class_of_the_users_gives_the_same_arguments(label: str) -> None:
    job = read(label, "own_class").job

    assert job.pub_args == ["x", {"a": 1}, {"b": 2}]
    assert job.job_class_string == CLASS


@pytest.mark.parametrize("label", LABELS)
def test_a_job_that_calls_a_function_is_kept_and_paused(label: str) -> None:
    job = read(label, "own_function").job

    assert job.is_paused
    assert "it calls myapp.things:clean" in (job.paused_reason or "")


@pytest.mark.parametrize("label", LABELS)
def test_a_job_without_next_run_time_is_paused(label: str) -> None:
    facts = AuditFacts(paused_at=NOW - timedelta(days=1), paused_by="ann")
    row = {"id": "paused", "next_run_time": None, "job_state": PICKLED[label]["paused"]}

    job = job_of(row, facts, NOW).job

    assert job.is_paused
    assert (job.paused_by, job.paused_at) == ("ann", NOW - timedelta(days=1))
    assert job.paused_reason is None


def test_a_job_without_next_run_time_that_never_fires_again_is_not_paused() -> None:
    job = read("master_aps3110", "date", next_run_time=None).job

    assert (job.is_paused, job.next_fire) == (False, None)


def test_the_column_decides_when_and_the_pickle_says_it_exactly() -> None:
    # A FLOAT of MySQL keeps 24 bits: instants of today, 128 seconds apart.
    rounded = read("master_aps3110", "plain", next_run_time=1795420544.0).job
    elsewhere = read("master_aps3110", "plain", next_run_time=1795430000.5).job

    assert rounded.next_fire == NEXT
    assert elsewhere.next_fire == datetime.fromtimestamp(1795430000.5, timezone.utc)


@pytest.mark.parametrize(
    "raw",
    [None, b"", b"junk", "text", pickle.dumps([1]), pickle.dumps({})],
)
def test_a_job_that_can_not_be_read_is_kept_under_the_name_that_the_log_knows(raw: Any) -> None:
    facts = AuditFacts(name="nightly", added_at=NOW - timedelta(days=9))
    row = {"id": "j1", "next_run_time": 1.0, "job_state": raw}

    job = job_of(row, facts, NOW).job

    assert (job.id, job.name, job.created_at) == ("j1", "nightly", NOW - timedelta(days=9))
    assert job.is_paused
    assert (job.paused_reason or "").startswith("The upgrade from 0.x could not keep all of")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"misfire_grace_time": 0}, "its misfire_grace_time was 0"),
        ({"misfire_grace_time": "1"}, "its misfire_grace_time was '1'"),
        ({"coalesce": "yes"}, "its coalesce was 'yes'"),
        ({"max_instances": None}, "its max_instances was None"),
        ({"kwargs": [1]}, "kwargs, [1]: is no dict"),
        ({"kwargs": {1: 2}}, "kwargs: the name 1 is no text"),
        ({"trigger": None}, "it has no trigger"),
        ({"args": None}, "is not how ndscheduler runs a job class"),
        ({"args": (CLASS, "j", None, {}, {}, "a\x00b")}, "contains a NUL character"),
        ({"args": (CLASS, "j", None, {}, {}, "\udc80")}, "contains a lone surrogate"),
        ({"args": (CLASS, "j", None, {}, {}, float("nan"))}, "nan is not a JSON number"),
        ({"args": (CLASS, "j", None, {}, {}, 10**2000)}, "is a number too large for JSON"),
    ],
)
def test_a_strange_field_pauses_the_job_and_names_itself(
    change: dict[str, Any], reason: str
) -> None:
    state = {
        "id": "j",
        "func": "ndscheduler.corescheduler.core.base:BaseScheduler.run_job",
        "args": (CLASS, "j", None, {}, {}, "x"),
        "kwargs": {},
        "name": "a job",
        "misfire_grace_time": 60,
        "coalesce": True,
        "max_instances": 1,
        **change,
    }

    job = job_of(
        {"id": "j", "next_run_time": 1.0, "job_state": pickle.dumps(state)}, AuditFacts(), NOW
    ).job

    assert job.is_paused
    assert reason in (job.paused_reason or "")
    assert job.name == "a job"


def test_a_name_that_databases_refuse_stays_readable() -> None:
    state = {"name": "nightly\x00 \udc80", "func": "f", "args": ()}

    job = read("master_aps3110", "plain", job_state=pickle.dumps(state)).job

    assert job.name == "nightly\N{REPLACEMENT CHARACTER} ?"


def test_a_next_run_time_that_is_none_pauses_the_job_and_says_so() -> None:
    job = read("master_aps3110", "plain", next_run_time="tomorrow").job

    assert job.is_paused
    assert "its next_run_time was 'tomorrow'" in (job.paused_reason or "")


def test_a_job_without_an_id_gets_one() -> None:
    assert read("master_aps3110", "plain", id="").job.id == "0x-job"


def test_a_row_that_nobody_thought_of_is_kept_and_told(caplog: pytest.LogCaptureFixture) -> None:
    class Strange(float):
        def is_integer(self) -> bool:
            raise RuntimeError("strange")

        def __mul__(self, other: Any) -> Any:
            raise RuntimeError("strange")

    job = read("master_aps3110", "plain", next_run_time=Strange(1.0)).job

    assert job.is_paused
    assert "can not be read: RuntimeError: strange" in (job.paused_reason or "")
    assert "can not read the job plain" in caplog.text
