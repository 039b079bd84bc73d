"""Executions in brief, and what is beside one of them."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.models import Execution, Job
from ndscheduler.corescheduler.summary import Neighbours, ShortResult
from tests.factories import MINUTE, NOON, a_job, an_execution


def _at(job: Job, minute: int, **fields: Any) -> Execution:
    due = NOON + minute * MINUTE
    return an_execution(job, **{"fire_time": due, "scheduled_time": due, **fields})


def _store(datastore: DatastoreBase, *executions: Execution) -> None:
    datastore.write(datastore.claims.insert_executions, executions)


def _beside(datastore: DatastoreBase, execution: Execution) -> Neighbours:
    return datastore.read(datastore.summaries.neighbours, execution)


def test_results_in_brief_begin_as_the_whole_and_tell_its_length(datastore: DatastoreBase) -> None:
    job = a_job()
    results = [None, "", "kurz", "ü😀" * 100, "ü😀" * 100 + "!", "x" * 1_000_000]
    rows = [_at(job, minute, result=result) for minute, result in enumerate(results)]
    _store(datastore, *rows)

    page = datastore.read(datastore.executions.brief_page, ExecutionFilter(), PageRequest())

    assert [short for _, short in reversed(page.items)] == [
        ShortResult(None, None),
        ShortResult("", 0),
        ShortResult("kurz", 4),
        ShortResult("ü😀" * 100, 200),
        ShortResult("ü😀" * 100, 201),
        ShortResult("x" * 200, 1_000_000),
    ]
    assert [execution.id for execution, _ in page.items] == [row.id for row in reversed(rows)]
    assert {execution.result for execution, _ in page.items} == {None}


def test_pages_in_brief_go_on_as_whole_ones_do(datastore: DatastoreBase) -> None:
    job = a_job()
    _store(datastore, *[_at(job, minute) for minute in range(5)])
    read = datastore.executions.brief_page
    first = datastore.read(read, ExecutionFilter(), PageRequest(3, with_total=True))

    second = datastore.read(read, ExecutionFilter(), PageRequest(3, first.next_cursor))

    times = [execution.scheduled_time for execution, _ in [*first.items, *second.items]]
    assert times == [NOON + minute * MINUTE for minute in (4, 3, 2, 1, 0)]
    assert first.total == 5


def test_executions_are_found_by_host_and_by_who_asked(datastore: DatastoreBase) -> None:
    job = a_job()
    rows = [
        _at(job, 0, hostname="db1", requested_by="ana"),
        _at(job, 1, hostname="db1"),
        _at(job, 2, hostname="db2", requested_by="ana"),
    ]
    _store(datastore, *rows)

    def ids(**which: str) -> list[str]:
        found = ExecutionFilter(**which)  # type: ignore[arg-type]
        page = datastore.read(datastore.executions.page, found, PageRequest())
        return [execution.id for execution in page.items]

    assert ids(host="db1") == [rows[1].id, rows[0].id]
    assert ids(requested_by="ana") == [rows[2].id, rows[0].id]
    assert ids(host="db2", requested_by="ana") == [rows[2].id]


def test_the_executions_beside_one_are_those_of_its_job(datastore: DatastoreBase) -> None:
    job = a_job()
    before, here, after = rows = [_at(job, minute) for minute in range(3)]
    _store(datastore, *rows, _at(a_job(), 1), _at(a_job(), 0))

    found = [_beside(datastore, row) for row in rows]

    assert [(beside.previous_id, beside.next_id) for beside in found] == [
        (None, here.id),
        (before.id, after.id),
        (here.id, None),
    ]


def test_executions_of_one_instant_are_beside_each_other_by_id(datastore: DatastoreBase) -> None:
    job = a_job()
    first, second = rows = [_at(job, 0, fire_time=None, id=letter * 32) for letter in "ab"]
    _store(datastore, *rows)

    assert _beside(datastore, first).next_id == second.id
    assert _beside(datastore, second).previous_id == first.id


def test_every_attempt_knows_all_the_others(datastore: DatastoreBase) -> None:
    job = a_job()
    retry: dict[str, Any] = {"fire_time": None, "trigger_kind": TriggerKind.RETRY}
    first = _at(job, 0, state=ExecutionState.INTERRUPTED)
    second = _at(job, 0, retry_of=first.id, attempt=2, **retry)
    third = _at(job, 0, retry_of=second.id, attempt=3, **retry)
    stranger = _at(job, 0, fire_time=None)
    _store(datastore, third, first, stranger, second)

    for execution in (first, second, third):
        attempts = _beside(datastore, execution).attempts
        assert [attempt.id for attempt in attempts] == [first.id, second.id, third.id]
        assert [attempt.attempt for attempt in attempts] == [1, 2, 3]
    assert [attempt.id for attempt in _beside(datastore, stranger).attempts] == [stranger.id]


def test_an_attempt_whose_first_was_deleted_begins_its_chain(datastore: DatastoreBase) -> None:
    second = _at(a_job(), 0, retry_of="deleted", attempt=2)
    _store(datastore, second)

    assert [attempt.id for attempt in _beside(datastore, second).attempts] == [second.id]


def test_executions_are_found_by_state_whether_they_have_ended_or_not(
    datastore: DatastoreBase,
) -> None:
    job = a_job()
    states = [
        ExecutionState.RUNNING,
        ExecutionState.FAILED,
        ExecutionState.SCHEDULED,
        ExecutionState.SUCCEEDED,
    ]
    rows = [_at(job, minute, state=state) for minute, state in enumerate(states)]
    _store(datastore, *rows)

    def found(*wanted: ExecutionState) -> list[ExecutionState]:
        which = ExecutionFilter(states=wanted)
        page = datastore.read(datastore.executions.page, which, PageRequest(with_total=True))
        assert page.total == len(page.items)
        return [execution.state for execution in page.items]

    assert found(ExecutionState.RUNNING) == [ExecutionState.RUNNING]
    assert found(ExecutionState.RUNNING, ExecutionState.SCHEDULED) == [states[2], states[0]]
    assert found(ExecutionState.FAILED, ExecutionState.RUNNING) == [states[1], states[0]]
