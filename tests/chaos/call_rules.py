"""Compares what clients were answered with what ran: no fire of a definition that is gone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from ndscheduler.corescheduler.clock import from_micros, uptime, utc_now
from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.models import Execution
from tests.chaos.calls import ADD, DELETE, EDIT, PAUSE, RESUME, RUN, SECONDS, Call
from tests.chaos.checker import Problem
from tests.chaos.history import History
from tests.chaos.scale import within

# A row that was marked running before the answer reaches its thread so much later, at most.
HAND_OVER = timedelta(seconds=within(1.0))


@dataclass(frozen=True)
class Conversation:
    """What clients asked for, and the history of the jobs meanwhile."""

    calls: Sequence[Call]
    history: History

    @cached_property
    def by_job(self) -> dict[str, list[Call]]:
        """The calls about each job that took effect, or may have, in the order of sending."""
        found: dict[str, list[Call]] = defaultdict(list)
        for call in sorted(self.calls, key=lambda call: call.sent):
            if call.succeeded or call.answered is None:
                found[call.job_id].append(call)
        return found

    @cached_property
    def scheduled_rows(self) -> list[Execution]:
        """The rows that a trigger named."""
        return [row for row in self.history.rows if row.trigger_kind is TriggerKind.SCHEDULE]

    def possible(self, job_id: str, when: datetime) -> list[Call]:
        """The definitions that may have been in force: those not replaced by an answer before."""
        before = [call for call in self._defining(job_id) if call.sent < when]
        return [call for call in before if not self._is_replaced(call, when)]

    def is_gone(self, job_id: str, word: str, when: datetime) -> bool:
        """True if the definition that gave `word` certainly was replaced before `when`."""
        given = [call for call in self._defining(job_id) if call.word == word]
        return all(self._is_replaced(call, when) for call in given)

    def is_stopped(self, job_id: str, when: datetime, notice: timedelta = timedelta(0)) -> bool:
        """True if the job certainly was deleted or paused at `when`, and that for `notice`."""
        calls = self.by_job[job_id]
        resumes = [call for call in calls if call.action == RESUME and call.sent < when]
        for call in calls:
            if call.answered is None or call.answered >= when - notice:
                continue
            if call.action == DELETE:
                return True
            if call.action == PAUSE and not any(_ends_after(r, call) for r in resumes):
                return True
        return False

    def _defining(self, job_id: str) -> list[Call]:
        return [call for call in self.by_job[job_id] if call.action in (ADD, EDIT)]

    def _is_replaced(self, call: Call, when: datetime) -> bool:
        return any(_replaces(later, call, when) for later in self._defining(call.job_id))


def _replaces(later: Call, earlier: Call, when: datetime) -> bool:
    return (
        earlier.answered is not None
        and later.answered is not None
        and earlier.answered < later.sent
        and later.answered < when
    )


def _ends_after(call: Call, other: Call) -> bool:
    return call.answered is None or call.answered > other.sent


def find_call_problems(conversation: Conversation) -> list[Problem]:
    """Every breach of what the clients were told."""
    return [problem for rule in RULES for problem in rule(conversation)]


def nothing_is_claimed_or_started_by_a_definition_that_is_gone(
    told: Conversation,
) -> Iterator[Problem]:
    """After the answer to an edit nothing is claimed or started by what the job was before."""
    for row in told.scheduled_rows:
        assert row.fire_time is not None
        for what, when in _moments(row):
            possible = told.possible(row.job_id, when)
            seconds = {second for call in possible for second in SECONDS[call.second]}
            # A row that waits takes on what a later edit says.
            is_gone = told.is_gone(row.job_id, _word(row), when)
            if is_gone or row.fire_time.second not in seconds:
                force = ", ".join(f"{call.word} at {call.second}" for call in possible)
                sentence = f"it was {what} at {when.isoformat()} when {force} was in force"
                evidence = told.history.evidence(row.id)
                yield Problem("OLD DEFINITION", sentence, row.job_id, row.fire_time, evidence)


def nothing_is_claimed_or_started_while_stopped(told: Conversation) -> Iterator[Problem]:
    """After the answer to a pause or a deletion nothing is claimed or started by the schedule."""
    for row in told.scheduled_rows:
        for what, when in _moments(row):
            if told.is_stopped(row.job_id, when):
                sentence = f"it was {what} at {when.isoformat()}, paused or deleted"
                evidence = told.history.evidence(row.id)
                yield Problem("NOT STOPPED", sentence, row.job_id, row.fire_time, evidence)


def no_code_begins_long_after_the_answer(told: Conversation) -> Iterator[Problem]:
    """What was marked running before the answer begins in its thread at once."""
    began = {note.execution_id: _wall(note.at) for note in told.history.written("S")}
    for row in told.scheduled_rows:
        if row.id not in began:
            continue
        when = began[row.id]
        is_gone = told.is_gone(row.job_id, _word(row), when - HAND_OVER)
        if is_gone or told.is_stopped(row.job_id, when, HAND_OVER):
            sentence = f"its code began at {when.isoformat()}"
            evidence = told.history.evidence(row.id)
            yield Problem("LATE CODE", sentence, row.job_id, row.fire_time, evidence)


def each_run_by_hand_starts_once(told: Conversation) -> Iterator[Problem]:
    """What was asked for by hand starts once; only the deletion of its job may skip it."""
    starts: dict[str, int] = defaultdict(int)
    for note in told.history.written("S"):
        starts[note.execution_id] += 1
    for call in told.calls:
        if call.action != RUN or not call.succeeded or starts[call.execution_id] == 1:
            continue
        row = told.history.rows_by_id.get(call.execution_id)
        was_deleted = any(other.action == DELETE for other in told.by_job[call.job_id])
        if was_deleted and row is not None and row.state is ExecutionState.SKIPPED:
            continue
        sentence = f"answered, and started {starts[call.execution_id]} times"
        evidence = told.history.evidence(call.execution_id)
        yield Problem("BY HAND", sentence, call.job_id, None, evidence)


def nothing_is_lost_between_calls(told: Conversation) -> Iterator[Problem]:
    """While a definition was in force for certain, each of its fire times has a row."""
    covered: dict[str, set[int]] = defaultdict(set)
    for row in told.scheduled_rows:
        assert row.fire_time is not None
        first = row.first_fire_time or row.fire_time
        covered[row.job_id].update(
            range(int(first.timestamp()), int(row.fire_time.timestamp()) + 1)
        )
    for job_id, calls in told.by_job.items():
        for call, following in pairwise(call for call in calls if call.action != RUN):
            for second in _certain_fires(told, call, following):
                if second not in covered[job_id]:
                    fire = from_micros(second * 1_000_000)
                    yield Problem("LOST", f"{call} was in force", job_id, fire)


def _certain_fires(told: Conversation, call: Call, following: Call) -> Iterator[int]:
    """Fire times between two calls about an active job, where one definition was in force."""
    before = [c for c in told.by_job[call.job_id] if c.sent < following.sent]
    settled = max(c.answered for c in before if c.answered is not None)
    possible = told.possible(call.job_id, following.sent)
    if len(possible) != 1 or not _is_active(before):
        return
    for second in range(int(settled.timestamp()) + 1, math.ceil(following.sent.timestamp())):
        if second % 60 in SECONDS[possible[0].second]:
            yield second


def _is_active(calls: Sequence[Call]) -> bool:
    """True if the job certainly is not paused after these calls."""
    last = max((c for c in calls if c.action in (ADD, RESUME)), key=lambda c: c.sent, default=None)
    pauses = [call for call in calls if call.action == PAUSE]
    return last is not None and not any(_ends_after(pause, last) for pause in pauses)


def _moments(row: Execution) -> Iterator[tuple[str, datetime]]:
    """When the row was made, by the time in its id, and when it was started."""
    yield "claimed", from_micros(int(row.id[:12], 16) * 1000)
    if row.started_time is not None:
        yield "started", row.started_time


def _word(row: Execution) -> str:
    return str(row.pub_args[2])


def _wall(at: float) -> datetime:
    return utc_now() - timedelta(seconds=uptime() - at)


RULES = (
    nothing_is_claimed_or_started_by_a_definition_that_is_gone,
    nothing_is_claimed_or_started_while_stopped,
    no_code_begins_long_after_the_answer,
    each_run_by_hand_starts_once,
    nothing_is_lost_between_calls,
)
