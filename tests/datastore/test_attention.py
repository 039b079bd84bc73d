"""What needs attention is found from the newest rows and the statistics."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.attention import Attention, Item, Kind
from ndscheduler.corescheduler.broken_jobs import BrokenJobs
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.models import Execution, Job
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.views import JobViewer
from tests.factories import MINUTE, NOON, a_job, an_execution

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = NOON + 3 * HOUR
ONE_DATE = json.dumps({"type": "date", "run_date": NOON.isoformat()}, separators=(",", ":"))
FAILED, OK = ExecutionState.FAILED, ExecutionState.SUCCEEDED
MISSED = ExecutionState.MISSED


@pytest.fixture
def attention(datastore: DatastoreBase) -> Attention:
    viewer = JobViewer(Registry(["simple_scheduler.jobs"]))
    return Attention(datastore, BrokenJobs(datastore, viewer))


def _insert(datastore: DatastoreBase, *jobs: Job) -> None:
    for job in jobs:
        datastore.write(datastore.jobs.insert, job)


def _ran(datastore: DatastoreBase, job: Job, *states: ExecutionState, **fields: Any) -> list[str]:
    """One execution a minute from noon on, counted as they are when they end; their ids."""
    rows: list[Execution] = []
    for minute, state in enumerate(states):
        due = fields.get("at", NOON) + minute * MINUTE
        words = {name: fields[name] for name in ("reason", "error_summary") if name in fields}
        rows.append(an_execution(job, state=state, fire_time=due, scheduled_time=due, **words))
    ended = [row for row in rows if not row.state.is_live]
    datastore.write(datastore.claims.insert_executions, rows)
    endings = [Ending(job.id, row.state, row.scheduled_time) for row in ended]
    datastore.write(datastore.stats.add, endings)
    return [row.id for row in rows]


def _kinds(items: list[Item]) -> list[tuple[str, Kind]]:
    return [(item.job_name, item.kind) for item in items]


def test_nothing_needs_attention_where_all_is_well(
    datastore: DatastoreBase, attention: Attention
) -> None:
    good, new = a_job(), a_job()
    _insert(datastore, good, new)
    _ran(datastore, good, FAILED, OK, ExecutionState.SKIPPED, ExecutionState.RUNNING)

    found = attention.find(NOW)

    assert (found.items, found.total) == ([], 0)


def test_a_failing_job_tells_since_when_how_often_and_why(
    datastore: DatastoreBase, attention: Attention
) -> None:
    job = a_job(name="Nightly report")
    _insert(datastore, job)
    ids = _ran(datastore, job, OK, FAILED, FAILED, error_summary="OSError:\nrefused")

    (item,) = attention.find(NOW).items

    assert item == Item(
        kind=Kind.FAILING,
        job_id=job.id,
        job_name="Nightly report",
        since=NOON + MINUTE,
        last_time=NOON + 2 * MINUTE,
        count=2,
        execution_id=ids[-1],
        sentence="Failed 2 times in a row: OSError: refused.",
    )


@pytest.mark.parametrize(
    ("state", "told_as", "sentence"),
    [
        (FAILED, Kind.FAILING, "Failed: why."),
        (ExecutionState.TIMEOUT, Kind.FAILING, "Timed out: why."),
        (ExecutionState.SCHEDULED_ERROR, Kind.SCHEDULED_ERROR, "Could not start: why."),
        (ExecutionState.INTERRUPTED, Kind.INTERRUPTED, "Was interrupted: why."),
        (MISSED, Kind.MISSED, "Missed a fire: why."),
    ],
)
def test_every_way_to_go_wrong_has_its_words(
    datastore: DatastoreBase,
    attention: Attention,
    state: ExecutionState,
    told_as: Kind,
    sentence: str,
) -> None:
    job = a_job()
    _insert(datastore, job)
    _ran(datastore, job, OK, state, reason="why")

    (item,) = attention.find(NOW).items

    assert (item.kind, item.sentence, item.count) == (told_as, sentence, 1)


def test_misses_of_the_last_day_are_told_though_the_job_goes_on(
    datastore: DatastoreBase, attention: Attention
) -> None:
    recent, old = a_job(name="recent"), a_job(name="old")
    _insert(datastore, recent, old)
    missed = _ran(datastore, recent, MISSED, OK, reason="no scheduler was up")
    datastore.write(datastore.stats.add, [Ending(recent.id, MISSED, NOON, count=1439)])
    _ran(datastore, old, MISSED, OK, at=NOW - 2 * DAY)

    found = attention.find(NOW)

    (item,) = found.items
    assert (item.job_name, item.kind, item.count) == ("recent", Kind.MISSED, 1440)
    assert item.execution_id == missed[0]
    assert item.since == NOON
    assert item.sentence == "Missed 1,440 fires: no scheduler was up."


def test_misses_behind_the_last_30_executions_are_told_without_one(
    datastore: DatastoreBase, attention: Attention
) -> None:
    job = a_job()
    _insert(datastore, job)
    _ran(datastore, job, MISSED, *[OK] * 30)

    (item,) = attention.find(NOW).items

    assert (item.kind, item.execution_id, item.since) == (Kind.MISSED, None, NOON)
    assert item.sentence == "Missed a fire."


def test_jobs_that_fire_no_more_are_told_but_for_dates_that_went_well(
    datastore: DatastoreBase, attention: Attention
) -> None:
    jobs = {
        "cron that ended": a_job(next_fire=None),
        "date that went well": a_job(next_fire=None, trigger_json=ONE_DATE),
        "date that runs": a_job(next_fire=None, trigger_json=ONE_DATE),
        "date of long ago": a_job(next_fire=None, trigger_json=ONE_DATE),
        "date that was skipped": a_job(next_fire=None, trigger_json=ONE_DATE),
        "paused": a_job(next_fire=None, is_paused=True),
    }
    for name, job in jobs.items():
        _insert(datastore, a_job(**{**_fields(job), "name": name}))
    _ran(datastore, jobs["date that went well"], OK)
    _ran(datastore, jobs["date that runs"], ExecutionState.RUNNING)
    _ran(datastore, jobs["date that was skipped"], ExecutionState.SKIPPED)

    items = attention.find(NOW).items

    assert sorted(_kinds(items)) == [
        ("cron that ended", Kind.ENDED),
        ("date that was skipped", Kind.ENDED),
    ]
    assert {item.since for item in items} == {jobs["paused"].updated_at}


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}


def test_a_broken_job_tells_what_is_wrong_and_nothing_else(
    datastore: DatastoreBase, attention: Attention
) -> None:
    no_class = a_job(name="no class", job_class_string="simple_scheduler.jobs.none.Such")
    torn = a_job(name="torn", args_json="[", next_fire=None)
    paused = a_job(name="paused", args_json="[", is_paused=True)
    _insert(datastore, no_class, torn, paused)
    _ran(datastore, no_class, ExecutionState.SCHEDULED_ERROR)

    items = attention.find(NOW).items

    assert sorted(_kinds(items)) == [("no class", Kind.BROKEN), ("torn", Kind.BROKEN)]
    sentences = {item.job_name: item.sentence for item in items}
    assert sentences["torn"] == "The stored arguments are not JSON."
    assert "simple_scheduler.jobs.none.Such" in sentences["no class"]
    assert {(item.since, item.execution_id, item.count) for item in items} == {(None, None, 1)}


def test_the_gravest_comes_first_and_then_the_newest(
    datastore: DatastoreBase, attention: Attention
) -> None:
    jobs = {name: a_job(name=name) for name in ("old", "new", "missed", "interrupted")}
    broken = a_job(name="broken", args_json="[")
    ended = a_job(name="ended", next_fire=None)
    _insert(datastore, *jobs.values(), broken, ended)
    _ran(datastore, jobs["old"], FAILED)
    _ran(datastore, jobs["new"], OK, FAILED)
    _ran(datastore, jobs["missed"], MISSED)
    _ran(datastore, jobs["interrupted"], ExecutionState.INTERRUPTED)

    items = attention.find(NOW).items

    names = [item.job_name for item in items]
    assert names == ["broken", "new", "old", "interrupted", "missed", "ended"]


def test_a_job_is_told_of_once_by_the_gravest(
    datastore: DatastoreBase, attention: Attention
) -> None:
    job = a_job(next_fire=None)
    _insert(datastore, job)
    _ran(datastore, job, MISSED, FAILED)

    found = attention.find(NOW)

    assert ([item.kind for item in found.items], found.total) == ([Kind.FAILING], 1)
    assert found.items[0].count == 2


def test_what_was_paused_or_deleted_needs_no_attention(
    datastore: DatastoreBase, attention: Attention
) -> None:
    paused, deleted = a_job(is_paused=True, next_fire=None), a_job()
    _insert(datastore, paused)
    for job in (paused, deleted):
        _ran(datastore, job, MISSED, FAILED)

    assert attention.find(NOW).total == 0


def test_at_most_100_are_told_and_all_are_counted(
    datastore: DatastoreBase, attention: Attention
) -> None:
    jobs = [a_job(next_fire=None, updated_at=NOON + n * MINUTE, name=str(n)) for n in range(105)]
    _insert(datastore, *jobs)

    found = attention.find(NOW)

    assert [item.job_name for item in found.items] == [str(n) for n in range(104, 4, -1)]
    assert found.total == 105
