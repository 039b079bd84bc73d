"""Jobs that nine combinations of Python and APScheduler pickled become jobs of ours."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.legacy.arguments import arguments_as_json, find_call
from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldName,
    OldObject,
    OldText,
    OldZone,
)
from ndscheduler.corescheduler.datastore.legacy.old_jobs import AuditFacts, OldJob, job_of
from ndscheduler.corescheduler.datastore.legacy.old_triggers import schedule_of
from ndscheduler.corescheduler.datastore.legacy.old_zones import UnmappedZone, zone_name
from ndscheduler.corescheduler.datastore.legacy.pickle_reader import read_pickle
from ndscheduler.corescheduler.definitions import trigger_of
from tests.compat.old_databases import pickled_jobs

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
NEXT = datetime(2026, 11, 23, 7, 55, 0, 123456, tzinfo=timezone.utc)
CLASS = "simple_scheduler.jobs.sample_job.AwesomeJob"
PICKLED = pickled_jobs()
LABELS = sorted(PICKLED)


def read(label: str, job_id: str, **changes: Any) -> OldJob:
    row = {
        "id": job_id,
        "next_run_time": 1795420500.123456,
        "job_state": PICKLED[label][job_id],
        **changes,
    }
    return job_of(row, AuditFacts(), NOW)


def wrote(job_id: str) -> list[str]:
    return [label for label in LABELS if job_id in PICKLED[label]]


def cases(*job_ids: str) -> list[tuple[str, str]]:
    return [(label, job_id) for job_id in job_ids for label in wrote(job_id)]


EXPECTED_TRIGGERS: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({"type": "cron", "minute": "*/5"}, "UTC"),
    "fields": (
        {
            "type": "cron",
            "year": "2026-2030",
            "month": "1,7",
            "day": "last,1-10/3",
            "week": "*/2",
            "day_of_week": "mon-fri",
            "hour": "5-8/2",
            "minute": "10,20,40",
            "second": "15",
        },
        "UTC",
    ),
    "positions": ({"type": "cron", "day": "2nd tue,last fri", "hour": "3"}, "UTC"),
    "every_second": (
        dict.fromkeys(
            ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second"), "*"
        )
        | {"type": "cron"},
        "UTC",
    ),
    "new_york": ({"type": "cron", "hour": "2", "minute": "30"}, "America/New_York"),
    "tokyo": ({"type": "cron", "hour": "2"}, "Asia/Tokyo"),
    "bounded": ({"type": "cron", "minute": "0"}, "America/New_York"),
    "interval": (
        {"type": "interval", "seconds": 90.0, "anchor": "2026-01-01T17:00:00+00:00"},
        "America/New_York",
    ),
    "date": ({"type": "date", "run_date": "2026-01-01T17:00:00+00:00"}, "UTC"),
    "minus_five": ({"type": "cron", "hour": "2"}, "Etc/GMT+5"),
    "local": ({"type": "cron", "hour": "2"}, "Europe/Berlin"),
    "zoneinfo": ({"type": "cron", "hour": "2"}, "Europe/Berlin"),
    "utc_of_datetime": ({"type": "cron", "hour": "2"}, "UTC"),
    "offset_of_datetime": ({"type": "cron", "hour": "2"}, "Etc/GMT+5"),
    "jitter": ({"type": "cron", "minute": "5"}, "UTC"),
}


def test_the_environments_are_those_that_users_had() -> None:
    assert len(LABELS) == 9
    assert {PICKLED[label]["plain"][1] for label in LABELS} == {2, 4, 5}


@pytest.mark.parametrize(("label", "job_id"), cases(*EXPECTED_TRIGGERS))
def test_a_trigger_is_kept_with_its_zone(label: str, job_id: str) -> None:
    spec, zone = EXPECTED_TRIGGERS[job_id]

    old = read(label, job_id)

    assert old.problems == ()
    assert (json.loads(old.job.trigger_json), old.job.timezone) == (spec, zone)
    assert old.job.next_fire == NEXT
    assert not old.job.is_paused


@pytest.mark.parametrize("label", LABELS)
def test_bounds_are_kept_to_the_microsecond(label: str) -> None:
    bounded, interval = read(label, "bounded").job, read(label, "interval").job

    end = datetime(2027, 7, 1, 16, 0, 0, 5, tzinfo=timezone.utc)
    assert bounded.start_date == datetime(2026, 1, 1, 17, 0, tzinfo=timezone.utc)
    assert (bounded.end_date, interval.end_date) == (end, end)
    # The start of an interval is its anchor, at which it fires first.
    assert trigger_of(interval).next_fire(NOW - timedelta(days=900)) == bounded.start_date


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
def test_values_that_json_lacks_come_back_as_they_were(label: str) -> None:
    utc = timezone.utc

    job = read(label, "rich").job

    naive, aware, day, number, nested, raw, large = job.pub_args
    assert (naive, aware) == (datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=utc))
    assert (day.isoformat(), str(number), nested) == ("2026-01-02", "1.50", (1, (2,)))
    assert (raw, large) == (b"\x00\xff", 2**70)


@pytest.mark.parametrize("label", LABELS)
def test_the_password_of_the_database_is_nowhere(label: str) -> None:
    for job_id in PICKLED[label]:
        assert "s3cret" not in repr(read(label, job_id))


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


@pytest.mark.parametrize(("label", "job_id"), cases("both", "either", "half_past"))
def test_a_schedule_without_counterpart_pauses_the_job(label: str, job_id: str) -> None:
    job = read(label, job_id).job

    reasons = {
        "both": "a combination of 2 triggers has no counterpart",
        "either": "a combination of 2 triggers has no counterpart",
        "half_past": "no time zone has the fixed offset UTC+5:30:00",
    }
    assert job.is_paused
    assert reasons[job_id] in (job.paused_reason or "")
    assert job.job_class_string == CLASS


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


@pytest.mark.parametrize("label", wrote("jitter"))
def test_a_jitter_is_dropped_and_told(label: str) -> None:
    old = read(label, "jitter")

    (note,) = old.notes
    assert note == "its jitter of 10 seconds was dropped: it fires exactly when its schedule says"
    assert old.job.options == {"old_jitter": "10"}


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


COMBINING = "apscheduler.triggers.combining"
CRON_3_11 = "apscheduler.triggers.cron:CronTrigger"


def combination(name: str, *triggers: Any) -> OldObject:
    return OldObject(OldName(COMBINING, name), state={"triggers": list(triggers), "jitter": None})


def cron_state(label: str = "master_aps3110") -> Any:
    return read_pickle(PICKLED[label]["new_york"])["trigger"].state


@pytest.mark.parametrize("name", ["AndTrigger", "OrTrigger"])
def test_a_trigger_alone_in_a_combination_of_3_11_is_that_trigger(name: str) -> None:
    schedule = schedule_of(combination(name, (CRON_3_11, cron_state())))

    assert schedule.problems == ()
    assert (schedule.spec["hour"], schedule.timezone) == ("2", "America/New_York")


def test_a_combination_shows_what_was_combined() -> None:
    schedule = schedule_of(combination("OrTrigger", (CRON_3_11, cron_state()), (5, None)))

    assert "a combination of 2 triggers has no counterpart" in schedule.problems[0]
    assert '"hour": "2", "minute": "30"} in America/New_York' in schedule.problems[0]


def test_a_combination_that_holds_itself_is_refused() -> None:
    endless = combination("OrTrigger")
    endless.state["triggers"].append(endless)

    schedule = schedule_of(endless)

    assert "without end" in schedule.problems[0]


def test_an_instant_that_utc_does_not_have_is_refused() -> None:
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    trigger = OldObject(OldName("apscheduler.triggers.date", "DateTrigger"))
    trigger.state = {"run_date": first}

    assert "is no time in UTC" in schedule_of(trigger).problems[0]


def test_a_name_that_databases_refuse_stays_readable() -> None:
    state = {"name": "nightly\x00 \udc80", "func": "f", "args": ()}

    job = read("master_aps3110", "plain", job_state=pickle.dumps(state)).job

    assert job.name == "nightly\N{REPLACEMENT CHARACTER} ?"


def test_a_next_run_time_that_is_none_pauses_the_job_and_says_so() -> None:
    job = read("master_aps3110", "plain", next_run_time="tomorrow").job

    assert job.is_paused
    assert "its next_run_time was 'tomorrow'" in (job.paused_reason or "")


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


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (OldZone("Europe/Berlin"), "Europe/Berlin"),
        (OldZone("America/New_York", timedelta(seconds=-17760)), "America/New_York"),
        (OldZone("UTC", timedelta(0)), "UTC"),
        (OldZone(None, timedelta(0)), "UTC"),
        (OldZone(None, timedelta(hours=14)), "Etc/GMT-14"),
        (OldZone(None, timedelta(hours=-12)), "Etc/GMT+12"),
        (OldZone("Asia/Calcutta"), "Asia/Calcutta"),
        (OldObject(OldName("dateutil.tz.tz", "tzutc")), "UTC"),
        (OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", timedelta(hours=1))), "Etc/GMT-1"),
        (OldObject(OldName("dateutil.tz", "tzoffset"), (), {"_offset": -3600}), "Etc/GMT+1"),
        (
            OldObject(OldName("dateutil.tz.tz", "tzfile"), (None, "/a/zoneinfo/Europe/Rome")),
            "Europe/Rome",
        ),
    ],
)
def test_a_zone_that_has_a_name_keeps_it(zone: Any, name: str) -> None:
    assert zone_name(zone) == name


@pytest.mark.parametrize(
    "zone",
    [
        OldZone("US/Pacific-New"),
        OldZone("local", timedelta(hours=1)),
        OldZone("../../etc/passwd"),
        OldZone(None, timedelta(hours=5, minutes=30)),
        OldZone(None, timedelta(hours=15)),
        OldObject(OldName("dateutil.tz.tz", "tzlocal")),
        OldObject(OldName("dateutil.tz.tz", "tzfile"), (None, "/etc/localtime")),
        OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", timedelta(days=400))),
        OldObject(OldName("dateutil.tz.tz", "tzoffset"), ("x", 10**30)),
        None,
    ],
)
def test_a_zone_without_a_name_is_refused(zone: Any) -> None:
    with pytest.raises(UnmappedZone):
        zone_name(zone)
