"""The checker finds every breach that it is there to find, and nothing in a healthy history."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.models import Execution, Job
from tests.chaos.checker import check, find_problems
from tests.chaos.history import History
from tests.chaos.notes import Note
from tests.chaos.schedules import EVERY_SECOND, Schedule
from tests.factories import NOON, a_job, an_execution

JOB = a_job(id="job", trigger_json=json.dumps(EVERY_SECOND), next_fire=NOON, max_instances=2)
SECOND = timedelta(seconds=1)


def at(seconds: int) -> datetime:
    """NOON and so many seconds."""
    return NOON + seconds * SECOND


def a_run(seconds: int, job: Job = JOB, **fields: Any) -> Execution:
    """A row that was fired so many seconds after NOON and succeeded."""
    values = {
        "id": f"run-{seconds}",
        "fire_time": at(seconds),
        "first_fire_time": at(seconds),
        "state": ExecutionState.SUCCEEDED,
        "owner": "instance",
        "hostname": "host",
        "pid": 7,
        "started_time": at(seconds),
        "finished_time": at(seconds),
        **fields,
    }
    return an_execution(job, **values)


def a_note(letter: str, row: Execution, **fields: Any) -> Note:
    """What the code of `row` wrote down; it ran for half a second."""
    assert row.fire_time is not None
    uptime = (row.fire_time - NOON) / SECOND + (0.5 if letter == "E" else 0.0)
    note = Note(letter, row.id, row.job_id, row.fire_time, 7, uptime)
    return replace(note, **fields)


def notes_of(*rows: Execution) -> list[Note]:
    """Both notes of each row."""
    return [a_note(letter, row) for row in rows for letter in "SE"]


def schedule(until: int) -> Schedule:
    """JOB's fire times from NOON on, before so many seconds after it."""
    return Schedule.of(JOB, at(until))


ROWS = [a_run(0), a_run(1), a_run(2)]
HEALTHY = History([schedule(3)], ROWS, notes_of(*ROWS))


def kinds(**changes: Any) -> set[str]:
    """The kinds of problems in the healthy history with these changes."""
    return {problem.kind for problem in find_problems(replace(HEALTHY, **changes))}


def test_a_healthy_history_has_no_problem() -> None:
    check(HEALTHY)


def test_a_fire_without_row_is_lost() -> None:
    found = find_problems(replace(HEALTHY, rows=ROWS[:2], notes=notes_of(*ROWS[:2])))

    assert [(problem.kind, problem.fire) for problem in found] == [("LOST", at(2))]


def test_a_fire_that_a_coalesced_row_counts_is_not_lost() -> None:
    counted = a_run(2, first_fire_time=at(1), count=2)
    rows = [ROWS[0], counted]

    assert kinds(rows=rows, notes=notes_of(*rows)) == set()


def test_a_row_that_counts_wrongly_is_found() -> None:
    counted = a_run(2, first_fire_time=at(1), count=3)
    rows = [ROWS[0], counted]

    assert kinds(rows=rows, notes=notes_of(*rows)) == {"MISCOUNTED"}


def test_a_fire_in_two_rows_is_a_duplicate() -> None:
    again = a_run(2, id="again", first_fire_time=at(1), count=2)
    rows = [*ROWS[:2], again]

    assert kinds(rows=rows, notes=notes_of(*rows)) == {"DUPLICATE"}


@pytest.mark.parametrize("fire", [at(1) + SECOND / 2, at(3), at(-1)])
def test_a_row_for_an_instant_that_was_not_due_is_invented(fire: datetime) -> None:
    invented = a_run(1, id="invented", fire_time=fire, first_fire_time=fire, started_time=fire)
    rows = [*ROWS, invented]

    assert kinds(rows=rows, notes=notes_of(*rows)) == {"INVENTED"}


def test_rows_claimed_while_the_history_was_read_are_left_for_later() -> None:
    rows = [*ROWS, a_run(3, state=ExecutionState.RUNNING)]
    notes = [*notes_of(*ROWS), a_note("S", rows[-1])]

    assert kinds(rows=rows, notes=notes, is_over=False) == set()
    assert kinds(rows=rows, notes=notes) >= {"INVENTED", "STUCK"}


def test_an_execution_that_notes_two_starts_is_started_twice() -> None:
    notes = [*HEALTHY.notes, a_note("S", ROWS[1])]

    assert "TWICE" in kinds(notes=notes)


def test_two_executions_of_one_fire_time_are_started_twice() -> None:
    other = a_note("S", ROWS[1], execution_id="other")

    assert "TWICE" in kinds(notes=[*HEALTHY.notes, other])


def test_code_without_a_row_is_found() -> None:
    stranger = a_note("S", ROWS[1], execution_id="stranger", fire=None)

    assert "UNRECORDED" in kinds(notes=[*HEALTHY.notes, stranger])


def test_an_end_without_a_start_is_found() -> None:
    notes = [note for note in HEALTHY.notes if (note.letter, note.fire) != ("S", at(1))]

    assert kinds(notes=notes) >= {"DISORDER", "UNPROVEN"}


@pytest.mark.parametrize("change", [{"fire": at(1)}, {"job_id": "another"}, {"pid": 8}])
def test_a_note_that_contradicts_its_row_is_found(change: dict[str, Any]) -> None:
    wrong = [replace(note, **change) if note.fire == at(2) else note for note in HEALTHY.notes]

    assert "DISAGREE" in kinds(notes=wrong)


def test_a_success_that_nobody_saw_is_unproven() -> None:
    assert kinds(notes=notes_of(*ROWS[:2])) == {"UNPROVEN"}


def test_code_that_was_cut_short_must_be_interrupted() -> None:
    notes = HEALTHY.notes[:-1]
    reason: dict[str, Any] = {"state": ExecutionState.INTERRUPTED, "reason": "died"}
    interrupted = [*ROWS[:2], a_run(2, **reason)]

    assert "NOT INTERRUPTED" in kinds(notes=notes)
    assert kinds(notes=notes, rows=interrupted) == set()


@pytest.mark.parametrize("missing", ["reason", "hostname", "pid", "owner", "finished_time"])
def test_an_interrupted_row_that_does_not_say_what_happened_is_found(missing: str) -> None:
    told: dict[str, Any] = {"state": ExecutionState.INTERRUPTED, "reason": "died"}
    rows = [*ROWS[:2], a_run(2, **{**told, missing: None})]

    assert "UNEXPLAINED" in kinds(rows=rows, notes=notes_of(*ROWS[:2]))


@pytest.mark.parametrize("state", [ExecutionState.MISSED, ExecutionState.SKIPPED])
def test_a_fire_that_did_not_run_has_a_reason_and_no_start(state: ExecutionState) -> None:
    silent = [*ROWS[:2], a_run(2, state=state)]
    told = [*ROWS[:2], a_run(2, state=state, reason="late")]

    assert kinds(rows=silent, notes=notes_of(*ROWS[:2])) == {"UNEXPLAINED"}
    assert kinds(rows=told, notes=notes_of(*ROWS[:2])) == set()
    assert kinds(rows=told) == {"RAN ANYWAY"}


@pytest.mark.parametrize("state", [ExecutionState.SCHEDULED, ExecutionState.RUNNING])
def test_a_row_that_never_ends_is_stuck(state: ExecutionState) -> None:
    rows = [*ROWS[:2], a_run(2, state=state)]
    notes = notes_of(*ROWS[:2])

    assert kinds(rows=rows, notes=notes) == {"STUCK"}
    assert kinds(rows=rows, notes=notes, is_over=False) == set()


def test_code_that_ran_for_a_queued_row_is_found() -> None:
    rows = [*ROWS[:2], a_run(2, state=ExecutionState.SCHEDULED)]

    assert kinds(rows=rows, is_over=False) == {"RAN ANYWAY"}


def test_an_end_that_no_fault_explains_is_found_unless_allowed() -> None:
    rows = [*ROWS[:2], a_run(2, state=ExecutionState.FAILED)]

    assert kinds(rows=rows) == {"UNEXPECTED"}
    assert kinds(rows=rows, also_allowed=frozenset({ExecutionState.FAILED})) == set()


def test_a_start_before_the_fire_time_is_early() -> None:
    rows = [*ROWS[:2], a_run(2, started_time=at(1))]

    assert kinds(rows=rows) == {"EARLY"}


def test_a_retry_follows_one_interrupted_attempt() -> None:
    interrupted = a_run(2, state=ExecutionState.INTERRUPTED, reason="died")
    retry = a_run(
        2,
        id="retry",
        fire_time=None,
        first_fire_time=None,
        trigger_kind=TriggerKind.RETRY,
        retry_of=interrupted.id,
        attempt=2,
    )
    of_retry = [replace(note, execution_id="retry", fire=None) for note in notes_of(ROWS[2])]
    notes = [*notes_of(*ROWS[:2]), a_note("S", interrupted), *of_retry]
    rows = [*ROWS[:2], interrupted, retry]

    assert kinds(rows=rows, notes=notes) == set()
    assert "RETRY" in kinds(rows=[*ROWS, retry], notes=[*notes_of(*ROWS), *of_retry])
    assert "RETRY" in kinds(rows=[*rows, replace(retry, id="retry-2")], notes=notes)


def test_more_at_once_than_max_instances_is_found() -> None:
    long = [replace(note, at=9.0) if note.letter == "E" else note for note in HEALTHY.notes]

    assert kinds(notes=long) == {"OVERLAP"}


def test_the_report_names_job_fire_row_and_notes() -> None:
    again = a_note("S", ROWS[1])

    with pytest.raises(AssertionError) as raised:
        check(replace(HEALTHY, notes=[*HEALTHY.notes, again]))

    text = str(raised.value)
    assert "1 TWICE" in text
    assert "job job fire 2026-03-02T12:00:01+00:00" in text
    assert "row run-1 succeeded" in text
    assert text.count("S run-1 job=job") >= 2


def test_expected_fires_are_those_of_the_trigger() -> None:
    spec = {"type": "interval", "seconds": 2, "anchor": NOON.isoformat()}
    interval = replace(schedule(5), trigger_json=json.dumps(spec))
    minutely = replace(schedule(150), trigger_json='{"type": "cron", "minute": "*"}')

    assert schedule(3).expected_fires() == [at(0), at(1), at(2)]
    assert interval.expected_fires() == [at(0), at(2), at(4)]
    assert minutely.expected_fires() == [at(0), at(60), at(120)]
    assert schedule(0).expected_fires() == []
