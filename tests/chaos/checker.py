"""Compares what should have fired with the rows and with what the jobs wrote down.

Every rule of the promise is one function that yields a Problem for each breach. The functions are
tested against broken histories in test_checker.py: a harness that finds nothing must be able to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.models import Execution
from tests.chaos.history import History
from tests.chaos.notes import Note
from tests.chaos.schedules import Schedule

NEVER_RUN = (ExecutionState.MISSED, ExecutionState.SKIPPED)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of the promise, with all that is known of it."""

    kind: str
    sentence: str
    job_id: str | None = None
    fire: datetime | None = None
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        fire = "" if self.fire is None else f" fire {self.fire.isoformat()}"
        job = "" if self.job_id is None else f" job {self.job_id}"
        lines = "".join(f"\n      {line}" for line in self.evidence)
        return f"{self.kind}:{job}{fire}: {self.sentence}{lines}"


def check(history: History) -> None:
    """Raise AssertionError that lists every problem of `history`."""
    fail_with(find_problems(history))


def fail_with(problems: Sequence[Problem]) -> None:
    """Raise AssertionError that lists `problems`, unless there are none."""
    if not problems:
        return
    counts = Counter(problem.kind for problem in problems)
    summary = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    listed = "\n".join(f"  {problem}" for problem in problems[:SHOWN])
    raise AssertionError(f"{summary}; the first {SHOWN}:\n{listed}")


def find_problems(history: History) -> list[Problem]:
    """Every breach of the promise in `history`."""
    return [problem for rule in RULES for problem in rule(history)]


def each_fire_has_one_row(history: History) -> Iterator[Problem]:
    """Every expected fire time is in exactly one row, alone or counted."""
    rows: dict[str, list[Execution]] = defaultdict(list)
    for row in history.rows:
        if row.trigger_kind is TriggerKind.SCHEDULE and row.fire_time is not None:
            rows[row.job_id].append(row)
    for schedule in history.schedules:
        yield from _coverage(history, schedule, rows[schedule.job_id])


def _coverage(history: History, schedule: Schedule, rows: list[Execution]) -> Iterator[Problem]:
    fires = schedule.expected_fires()
    holders: list[list[str]] = [[] for _ in fires]
    for row in rows:
        assert row.fire_time is not None
        first = row.first_fire_time or row.fire_time
        if not history.is_over and schedule.until is not None and first >= schedule.until:
            # Claimed after the jobs were read.
            continue
        span = range(bisect_left(fires, first), bisect_right(fires, row.fire_time))
        evidence = history.evidence(row.id)
        if not span or fires[span[0]] != first or fires[span[-1]] != row.fire_time:
            sentence = "the trigger names no such fire time, or the job was not so far"
            yield Problem("INVENTED", sentence, row.job_id, row.fire_time, evidence)
            continue
        if row.count != len(span):
            sentence = f"the row counts {row.count} fire times, and there were {len(span)}"
            yield Problem("MISCOUNTED", sentence, row.job_id, row.fire_time, evidence)
        for index in span:
            holders[index].append(row.id)
    for fire, ids in zip(fires, holders, strict=True):
        if not ids:
            yield Problem("LOST", "no row names or counts it", schedule.job_id, fire)
        elif len(ids) > 1:
            found = history.evidence(*ids)
            yield Problem("DUPLICATE", f"{len(ids)} rows", schedule.job_id, fire, found)


def nothing_is_started_twice(history: History) -> Iterator[Problem]:
    """No execution and no fire time has two S lines, and no code starts without a row."""
    by_fire: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    starts: dict[str, list[Note]] = defaultdict(list)
    for note in history.written("S"):
        starts[note.execution_id].append(note)
        if note.fire is not None:
            by_fire[note.job_id, note.fire].add(note.execution_id)
    for execution_id, notes in starts.items():
        evidence = history.evidence(execution_id)
        job_id, fire = notes[0].job_id, notes[0].fire
        if len(notes) > 1:
            yield Problem("TWICE", "one execution, several starts", job_id, fire, evidence)
        if execution_id not in history.rows_by_id:
            yield Problem("UNRECORDED", "code ran without a row", job_id, fire, evidence)
    for (job_id, fire), ids in by_fire.items():
        if len(ids) > 1:
            evidence = history.evidence(*sorted(ids))
            yield Problem("TWICE", "one fire time, several executions", job_id, fire, evidence)


def notes_agree_with_their_rows(history: History) -> Iterator[Problem]:
    """The code that ran is that of its row: same job, fire time and process; E follows S."""
    for execution_id, notes in history.notes_by_id.items():
        row = history.rows_by_id.get(execution_id)
        evidence = history.evidence(execution_id)
        if [note.letter for note in notes] not in (["S"], ["S", "E"]) and not _twice(notes):
            yield Problem("DISORDER", "an end without a start", notes[0].job_id, None, evidence)
        if row is None:
            continue
        for note in notes:
            if (note.job_id, note.fire) != (row.job_id, row.fire_time):
                sentence = "the note tells of another job or fire time than the row"
                yield Problem("DISAGREE", sentence, row.job_id, row.fire_time, evidence)
            elif note.pid != row.pid:
                sentence = "the row names another process than the one that ran the code"
                yield Problem("DISAGREE", sentence, row.job_id, row.fire_time, evidence)


def _twice(notes: Sequence[Note]) -> bool:
    return [note.letter for note in notes].count("S") > 1


def states_agree_with_notes(history: History) -> Iterator[Problem]:
    """Succeeded rows ran from S to E, killed runs are interrupted, refused ones never began."""
    for row in history.rows:
        letters = {note.letter for note in history.notes_by_id.get(row.id, [])}
        sentence = _state_problem(history, row, letters)
        if sentence is not None:
            evidence = history.evidence(row.id)
            kind, text = sentence
            yield Problem(kind, text, row.job_id, row.fire_time, evidence)


def _state_problem(history: History, row: Execution, letters: set[str]) -> tuple[str, str] | None:
    state = row.state
    if state is ExecutionState.SUCCEEDED:
        whole = letters == {"S", "E"}
        return None if whole else ("UNPROVEN", "succeeded, but its code did not run from S to E")
    if state is ExecutionState.INTERRUPTED:
        told = all((row.hostname, row.pid, row.owner, row.reason, row.finished_time))
        return None if told else ("UNEXPLAINED", "interrupted without host, pid, time or reason")
    if state in NEVER_RUN:
        if letters:
            return "RAN ANYWAY", f"its code ran, and its row says {state.label}"
        told = bool(row.reason and row.finished_time)
        return None if told else ("UNEXPLAINED", f"{state.label} without a reason or a time")
    if state is ExecutionState.SCHEDULED and letters:
        return "RAN ANYWAY", "its code ran, and its row waits in the queue"
    if state.is_live:
        return ("STUCK", f"it is {state.label} for ever") if history.is_over else None
    if state in history.also_allowed:
        return None
    return "UNEXPECTED", f"it ended as {state.label}: {row.error_summary or row.reason}"


def unfinished_code_is_interrupted(history: History) -> Iterator[Problem]:
    """Where code began and did not end, the row says interrupted (or still running)."""
    for execution_id, notes in history.notes_by_id.items():
        row = history.rows_by_id.get(execution_id)
        if row is None or any(note.letter == "E" for note in notes):
            continue
        allowed = {ExecutionState.INTERRUPTED, *history.also_allowed}
        if row.state not in allowed and (history.is_over or not row.state.is_live):
            sentence = f"its code was cut short, and its row says {row.state.label}"
            evidence = history.evidence(execution_id)
            yield Problem("NOT INTERRUPTED", sentence, row.job_id, row.fire_time, evidence)


def nothing_starts_early(history: History) -> Iterator[Problem]:
    """No execution starts before its fire time, by the database's clock."""
    for row in history.rows:
        if row.fire_time and row.started_time and row.started_time < row.fire_time:
            evidence = history.evidence(row.id)
            yield Problem("EARLY", "started before it was due", row.job_id, row.fire_time, evidence)


def retries_follow_interrupted_rows(history: History) -> Iterator[Problem]:
    """A retry names the attempt before it, which was interrupted and has no other retry."""
    followers: dict[str, list[Execution]] = defaultdict(list)
    for row in history.rows:
        if row.trigger_kind is TriggerKind.RETRY:
            followers[row.retry_of or ""].append(row)
    for before_id, rows in followers.items():
        before = history.rows_by_id.get(before_id)
        evidence = history.evidence(before_id, *(row.id for row in rows))
        if before is None or before.state is not ExecutionState.INTERRUPTED:
            sentence = "a retry of something that was not interrupted"
            yield Problem("RETRY", sentence, rows[0].job_id, None, evidence)
        elif len(rows) > 1 or rows[0].attempt != before.attempt + 1:
            sentence = "an interrupted attempt has not exactly one successor"
            yield Problem("RETRY", sentence, rows[0].job_id, None, evidence)


def no_more_at_once_than_allowed(history: History) -> Iterator[Problem]:
    """Never do more than `max_instances` fires of a job run at once, on all instances together."""
    limits = {schedule.job_id: schedule.max_instances for schedule in history.schedules}
    running: dict[str, dict[str, Note]] = defaultdict(dict)
    for note in sorted(history.notes, key=lambda note: note.at):
        if note.fire is None or note.job_id not in limits:
            continue
        has_end = any(n.letter == "E" for n in history.notes_by_id[note.execution_id])
        now = running[note.job_id]
        if note.letter == "E":
            now.pop(note.execution_id, None)
        elif has_end:
            now[note.execution_id] = note
        if len(now) > limits[note.job_id]:
            sentence = f"{len(now)} run at once; max_instances is {limits[note.job_id]}"
            evidence = history.evidence(*now)
            yield Problem("OVERLAP", sentence, note.job_id, note.fire, evidence)


RULES = (
    each_fire_has_one_row,
    nothing_is_started_twice,
    notes_agree_with_their_rows,
    states_agree_with_notes,
    unfinished_code_is_interrupted,
    nothing_starts_early,
    retries_follow_interrupted_rows,
    no_more_at_once_than_allowed,
)
