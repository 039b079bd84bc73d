"""Single rows of old audit logs and executions tables."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.datastore.legacy.old_audit import (
    NO_EVENT,
    audit_id,
    audit_row_of,
    changes_of,
)
from ndscheduler.corescheduler.datastore.legacy.old_executions import (
    Snapshot,
    execution_row_of,
    snapshot_of_deleted,
)
from ndscheduler.corescheduler.datastore.legacy.old_values import (
    epoch_of,
    id_of,
    instant_of,
    text_of,
    whole_of,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)


def changed(name: str, old: str, new: str) -> str:
    return f'<b>{name}</b>: <font color="red">{old}</font> => <font color="green">{new}</font><br>'


def audit(**fields: Any) -> dict[str, Any]:
    blank = {"job_id": "j", "job_name": "n", "event": 1, "user": "", "created_time": None}
    return audit_row_of({**blank, "description": None, **fields}, 1)


def execution(**fields: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("hostname", "pid", "description", "result", "task_id"))
    times = {"scheduled_time": "2026-11-23 12:00:00.000001", "updated_time": "2026-11-23 12:00:02"}
    return execution_row_of(
        {"eid": "e", "job_id": "j", "state": 5, **blank, **times, **fields}, Snapshot("n"), 7
    )


@pytest.mark.parametrize(
    ("html", "changes"),
    [
        (changed("name", "a", "b"), {"name": ["a", "b"]}),
        (changed("name", "", "<i>1</i>"), {"name": ["", "<i>1</i>"]}),
        (
            changed("name", "a\nb", "c") + changed("hour", "1", "*/2"),
            {"name": ["a\nb", "c"], "hour": ["1", "*/2"]},
        ),
        (changed("pub_args", "(1, u'é')", "[1, 'x']"), {"pub_args": [[1, "é"], [1, "x"]]}),
        (changed("pub_args", "(1,)", "[1]"), {}),
        (changed("pub_args", "(5L,)", "[5]"), {"pub_args": ["(5L,)", [5]]}),
        (changed("pub_args", "(<Thing at 0x7f>,)", "[]"), {"pub_args": ["(<Thing at 0x7f>,)", []]}),
        (changed("pub_args", "{1: 2}", "[]"), {"pub_args": ["{1: 2}", []]}),
        (changed("pub_args", "('\\d',)", "[]"), {"pub_args": [["\\d"], []]}),
        (changed("pub_args", "(" * 9000, "[]"), {"pub_args": ["(" * 9000, []]}),
    ],
)
def test_changes_told_as_html_become_data(html: str, changes: dict[str, list[Any]]) -> None:
    assert changes_of(html) == changes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "<b>name</b>: changed",
        changed("name", "a", "b")[:-4],
        changed("name", "a", "b") + "rest",
        "before " + changed("name", "a", "b"),
        changed("name", 'x</font> => <font color="green">y', "b"),
        changed("name", "a", "b") + changed("name", "c", "d"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(text: str) -> None:
    assert changes_of(text) is None


def test_a_long_description_is_read_in_time() -> None:
    html = "".join(changed(f"f{n}", "<b>" * 300, '<font color="red">' * 100) for n in range(500))

    changes = changes_of(html)

    assert changes is not None
    assert len(changes) == 500


def test_the_raw_text_is_kept_beside_the_changes() -> None:
    html = changed("name", "a", "<b>b</b>")

    row = audit(description=html)

    assert row["description"] == html
    assert row["changes"] == '{"name": ["a", "<b>b</b>"]}'


def test_only_modifications_have_changes() -> None:
    assert audit(event=2, description=changed("name", "a", "b"))["changes"] is None


def test_ids_of_audit_entries_keep_the_order_and_are_the_same_again() -> None:
    later = NOON + timedelta(milliseconds=1)
    made = [audit_id(NOON, 1), audit_id(NOON, 2), audit_id(NOON, 10**7), audit_id(later, 1)]

    assert made == sorted(made)
    assert made[0] == audit_id(NOON, 1)
    assert {len(each) for each in made} == {32}


def test_nulls_of_the_audit_log_become_empty() -> None:
    row = audit(job_id=None, job_name=None, event=None, user=None, created_time="never")

    values = [row[name] for name in ("job_id", "job_name", "event", "user", "created_time")]
    assert values == ["", "", NO_EVENT, "", EPOCH]


@pytest.mark.parametrize("state", [3, 4, 5, 6, 7, 8])
def test_final_states_are_kept(state: int) -> None:
    row = execution(state=state)

    assert (row["state"], row["reason"]) == (state, None)


@pytest.mark.parametrize(("state", "label"), [(0, "scheduled"), (1, "running"), (2, "stopping")])
def test_unfinished_executions_are_interrupted(state: int, label: str) -> None:
    row = execution(state=state)

    assert row["state"] == 8
    assert row["reason"].startswith(f"It was {label} when the database was upgraded")


@pytest.mark.parametrize("state", [9, 10, 42, 100, 32767, -1])
def test_numbers_of_users_are_kept_and_said_to_be_theirs(state: int) -> None:
    row = execution(state=state)

    assert row["state"] == state
    assert "which users' code defined" in row["reason"]


@pytest.mark.parametrize("state", [None, "", "done", 1e9, 40000, b"\xff"])
def test_a_state_that_is_none_is_interrupted(state: Any) -> None:
    row = execution(state=state)

    assert row["state"] == 8
    assert "which is none" in row["reason"]


def test_times_are_kept_to_the_microsecond() -> None:
    row = execution()

    assert row["scheduled_time"] == NOON + timedelta(microseconds=1)
    assert row["started_time"] == row["scheduled_time"]
    assert row["updated_time"] == row["finished_time"] == NOON + timedelta(seconds=2)


def test_a_row_whose_code_never_began_has_no_start() -> None:
    assert execution(state=7)["started_time"] is None


@pytest.mark.parametrize(
    ("scheduled", "updated", "seen", "reason"),
    [
        ("2026-11-23 12:00:00", None, (NOON, NOON), None),
        (None, "2026-11-23 12:00:00", (NOON, NOON), "scheduled_time None"),
        ("junk", "2026-11-23 12:00:00", (NOON, NOON), "scheduled_time 'junk'"),
        ("junk", "0000-00-00 00:00:00", (EPOCH, EPOCH), "scheduled_time 'junk' and updated_time"),
    ],
)
def test_a_time_that_is_none_is_told(scheduled: Any, updated: Any, seen: Any, reason: Any) -> None:
    row = execution(scheduled_time=scheduled, updated_time=updated)

    assert (row["scheduled_time"], row["updated_time"]) == seen
    assert (reason in row["reason"]) if reason else row["reason"] is None


def test_an_execution_without_an_id_gets_one_by_its_place() -> None:
    assert execution(eid=None)["id"] == "0x-7"


def test_a_failure_says_its_last_line() -> None:
    trace = "Traceback (most recent call last):\n  File ...\nValueError: boom\n\n"

    assert execution(state=4, result=trace)["error_summary"] == "ValueError: boom"
    assert execution(state=5, result=trace)["error_summary"] is None


@pytest.mark.parametrize(
    ("description", "snapshot"),
    [
        (None, Snapshot("n")),
        ("junk", Snapshot("n")),
        ("[1]", Snapshot("n")),
        ("[" * 100_000, Snapshot("n")),
        ('{"name": null, "job_class_string": 5, "pub_args": "x"}', Snapshot("n")),
        ('{"name": "m", "job_class_string": "c.C", "pub_args": [1]}', Snapshot("m", "c.C", "[1]")),
        ('{"name": "a\\u0000", "pub_args": ["\\u0000"]}', Snapshot("a\N{REPLACEMENT CHARACTER}")),
    ],
)
def test_a_deleted_job_is_known_by_what_its_entry_says(description: Any, snapshot: Any) -> None:
    assert snapshot_of_deleted("n", description) == snapshot


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\ud800", "?"),
        (b"caf\xe9 \xc3\xa9", "caf\\xe9 é"),
        (5, "5"),
    ],
)
def test_text_is_what_every_database_takes(value: Any, text: Any) -> None:
    assert text_of(value) == text


def test_a_long_id_is_cut_and_stays_unlike_others() -> None:
    one, other = id_of("x" * 767), id_of("x" * 766 + "y")

    assert len(one) == len(other) == 191
    assert one != other
    assert id_of("x" * 191) == "x" * 191


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-11-23 12:00:00", NOON),
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23 12:00:00.5", NOON + timedelta(milliseconds=500)),
        (datetime(2026, 11, 23, 12), NOON),
        (datetime(2026, 11, 23, 14, tzinfo=timezone(timedelta(hours=2))), NOON),
        ("2026-11-23 14:00:00+02:00", NOON),
        ("", None),
        ("2026-02-30 00:00:00", None),
        ("0000-00-00 00:00:00", None),
        (b"\xff", None),
        ("9999-12-31 23:59:59-12:00", None),
        (None, None),
    ],
)
def test_times_are_utc_or_none(value: Any, instant: Any) -> None:
    assert instant_of(value) == instant


@pytest.mark.parametrize("value", [None, "x", float("nan"), float("inf"), True, b""])
def test_a_next_run_time_that_is_no_number_is_none(value: Any) -> None:
    assert epoch_of(value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), (b"5", 5), (5.0, 5), (5.5, None), ("x", None), (2**31, None), (None, None)],
)
def test_numbers_are_whole_and_fit(value: Any, number: Any) -> None:
    assert whole_of(value) == number
