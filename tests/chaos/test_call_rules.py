"""The rules about edits find every breach that they are there to find."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler.clock import to_micros, uptime, utc_now
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.models import Execution
from tests.chaos.call_rules import HAND_OVER, Conversation, find_call_problems
from tests.chaos.calls import ADD, DELETE, EDIT, PAUSE, RESUME, RUN, Call
from tests.chaos.history import History
from tests.chaos.notes import Note
from tests.factories import NOON, a_job, an_execution

JOB = a_job(id="job")
ANSWER = timedelta(milliseconds=50)


def at(seconds: float) -> datetime:
    """NOON and so many seconds."""
    return NOON + timedelta(seconds=seconds)


def a_call(action: str, seconds: float, **fields: Any) -> Call:
    """A request that was sent so many seconds after NOON and answered soon."""
    sent = at(seconds)
    return replace(Call(action, "job", sent, sent + ANSWER), **fields)


def a_row(fire: int, started: float | None = None, word: str = "w0", **fields: Any) -> Execution:
    """A row that was claimed at its fire time and started then, or when it is said."""
    began = at(fire if started is None else started)
    values: dict[str, Any] = {
        "id": f"{to_micros(at(fire)) // 1000:012x}{fire:020x}",
        "args_json": json.dumps(["notes", 0.0, word]),
        "fire_time": at(fire),
        "first_fire_time": at(fire),
        "state": ExecutionState.SUCCEEDED,
        "started_time": began,
        **fields,
    }
    return an_execution(JOB, **values)


def a_start(row: Execution, late: float = 0.0) -> Note:
    """The S line of `row`, so many seconds after its start."""
    assert row.started_time is not None
    since = uptime() - (utc_now() - row.started_time).total_seconds()
    return Note("S", row.id, "job", row.fire_time, 7, since + late)


def kinds(calls: list[Call], rows: list[Execution], notes: list[Note] | None = None) -> set[str]:
    """The kinds of problems of these."""
    written = [a_start(row) for row in rows if row.started_time] if notes is None else notes
    told = Conversation(calls, History([], rows, written))
    return {problem.kind for problem in find_call_problems(told)}


ADDED = a_call(ADD, -0.5, word="w0")
EDITED = a_call(EDIT, 2.5, word="w1", second="*/2")


def test_fires_of_the_definition_in_force_are_no_problem() -> None:
    rows = [a_row(0), a_row(1), a_row(2), a_row(4, word="w1")]

    assert kinds([ADDED, EDITED, a_call(DELETE, 5)], rows) == set()


def test_a_start_by_the_old_arguments_after_the_answer_is_found() -> None:
    rows = [a_row(0), a_row(1), a_row(2, started=2.6)]

    assert kinds([ADDED, EDITED], rows) == {"OLD DEFINITION"}


def test_a_claim_by_the_old_definition_after_the_answer_is_found() -> None:
    late = a_row(3, started_time=None, state=ExecutionState.MISSED)
    rows = [a_row(0), a_row(1), a_row(2), late]

    assert kinds([ADDED, EDITED], rows) == {"OLD DEFINITION"}


def test_a_fire_time_of_the_old_schedule_after_the_answer_is_found() -> None:
    rows = [a_row(0), a_row(1), a_row(2), a_row(3, word="w1")]

    assert kinds([ADDED, EDITED], rows) == {"OLD DEFINITION"}


def test_while_an_edit_is_on_its_way_both_definitions_may_fire() -> None:
    slow = replace(EDITED, answered=at(3.5))
    rows = [a_row(0), a_row(1), a_row(2), a_row(3)]

    assert kinds([ADDED, slow], rows) == set()


def test_an_edit_without_an_answer_may_be_in_force_or_not() -> None:
    unknown = replace(EDITED, answered=None, status=503)
    old, new = a_row(4), a_row(4, word="w1")

    assert kinds([ADDED, unknown], [a_row(0), a_row(1), a_row(2), old]) == set()
    assert kinds([ADDED, unknown], [a_row(0), a_row(1), a_row(2), new]) == set()


def test_of_two_edits_at_once_either_may_be_in_force() -> None:
    other = a_call(EDIT, 2.52, word="w2", second="1-59/2")
    calls = [ADDED, EDITED, other]

    assert kinds(calls, [a_row(0), a_row(1), a_row(2), a_row(3, word="w2")]) == set()
    assert kinds(calls, [a_row(0), a_row(1), a_row(2), a_row(4, word="w1")]) == set()
    assert "OLD DEFINITION" in kinds(calls, [a_row(0), a_row(1), a_row(2), a_row(3)])


def test_a_start_after_the_answer_to_a_pause_is_found_until_it_is_resumed() -> None:
    paused, resumed = a_call(PAUSE, 1.5), a_call(RESUME, 4.5)
    calls = [ADDED, paused, resumed]

    assert kinds(calls, [a_row(0), a_row(1), a_row(5)]) == set()
    assert "NOT STOPPED" in kinds(calls, [a_row(0), a_row(1), a_row(3)])
    assert kinds(calls, [a_row(0), a_row(1, started=1.6)]) == {"NOT STOPPED"}


def test_a_start_after_the_answer_to_a_deletion_is_found() -> None:
    calls = [ADDED, a_call(DELETE, 1.5)]

    assert kinds(calls, [a_row(0), a_row(1)]) == set()
    assert "NOT STOPPED" in kinds(calls, [a_row(0), a_row(1), a_row(2)])


def test_code_that_begins_long_after_the_answer_is_found() -> None:
    rows = [a_row(0), a_row(1)]
    calls = [ADDED, a_call(DELETE, 1.5)]
    soon = HAND_OVER.total_seconds()

    assert kinds(calls, rows, [a_start(rows[0]), a_start(rows[1], late=soon)]) == set()
    assert kinds(calls, rows, [a_start(rows[0]), a_start(rows[1], late=soon + 1)]) == {"LATE CODE"}


def test_a_run_by_hand_starts_once_unless_its_job_was_deleted() -> None:
    asked = a_call(RUN, 1.2, execution_id="by-hand")
    fields: dict[str, Any] = {"id": "by-hand", "fire_time": None, "first_fire_time": None}
    run = an_execution(
        JOB, **fields, trigger_kind=TriggerKind.MANUAL, state=ExecutionState.SUCCEEDED
    )
    skipped = replace(run, state=ExecutionState.SKIPPED)
    note = Note("S", "by-hand", "job", None, 7, uptime())

    assert kinds([ADDED, asked], [run], [note]) == set()
    assert kinds([ADDED, asked], [run], []) == {"BY HAND"}
    assert kinds([ADDED, asked], [run], [note, note]) == {"BY HAND"}
    assert kinds([ADDED, asked], [], []) == {"BY HAND"}
    assert kinds([ADDED, asked], [skipped], []) == {"BY HAND"}
    assert kinds([ADDED, asked, a_call(DELETE, 1.4)], [skipped], []) == set()


def test_a_fire_that_is_lost_between_two_calls_is_found() -> None:
    calls = [ADDED, EDITED, a_call(PAUSE, 6.5), a_call(RESUME, 8.5), a_call(DELETE, 10.5)]
    rows = [a_row(0), a_row(1), a_row(2), *(a_row(fire, word="w1") for fire in (4, 6, 10))]

    assert kinds(calls, rows) == set()
    for missing in (1, 4, 6, 10):
        fewer = [row for row in rows if row.fire_time != at(missing)]
        assert kinds(calls, fewer) == {"LOST"}, missing


def test_a_fire_that_a_coalesced_row_counts_is_not_lost() -> None:
    rows = [a_row(2, first_fire_time=at(0), count=3), a_row(4, word="w1")]

    assert kinds([ADDED, EDITED, a_call(DELETE, 5)], rows) == set()
