"""Lists of jobs by status, in every order, with what is told of each job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ExecutionState, JobStatus
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import Broken, JobFilter, PageRequest
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Execution, Job
from ndscheduler.corescheduler.summary import JobSummary
from tests.factories import MINUTE, NOON, a_job, an_execution

SECOND = timedelta(seconds=1)
NAMES = ["b", "Ärger", "a", "a", "", "z" * 1000, "z" * 999 + "y", "任务"]


def _insert(datastore: DatastoreBase, *jobs: Job) -> None:
    for job in jobs:
        datastore.write(datastore.jobs.insert, job)


def _ran(job: Job, minute: int, state: ExecutionState, **fields: Any) -> Execution:
    """An execution of `job` that was due so many minutes after noon and took a second."""
    due = NOON + minute * MINUTE
    times: dict[str, Any] = {"started_time": due, "finished_time": due + SECOND}
    if state.is_live:
        times = {}
    fired = {"fire_time": due, "scheduled_time": due}
    return an_execution(job, state=state, **{**fired, **times, **fields})


def _store(datastore: DatastoreBase, *executions: Execution) -> None:
    datastore.write(datastore.claims.insert_executions, executions)


def _all_pages(datastore: DatastoreBase, sort: str, limit: int) -> list[Job]:
    found: list[Job] = []
    cursor = None
    while True:
        request = PageRequest(limit, cursor)
        page = datastore.read(datastore.jobs.page, JobFilter(), request, sort)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("sort", ["name", "-name", "class", "created", "-updated", "-next_run"])
def test_pages_in_any_order_cover_all_jobs_once_and_in_that_order(
    datastore: DatastoreBase, sort: str
) -> None:
    for number, name in enumerate(NAMES):
        at = NOON + (number % 3) * MINUTE
        fire = None if number == 2 else at
        job_class = f"a.b.{name[:5]}"
        _insert(
            datastore,
            a_job(
                name=name,
                job_class_string=job_class,
                created_at=at,
                updated_at=at,
                next_fire=fire,
            ),
        )

    whole = _all_pages(datastore, sort, 100)
    paged = _all_pages(datastore, sort, 3)
    opposite = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    backwards = _all_pages(datastore, opposite, 3)

    assert sorted(job.name for job in whole) == sorted(NAMES)
    assert [job.id for job in paged] == [job.id for job in whole]
    assert [job.id for job in backwards] == [job.id for job in reversed(whole)]


def test_names_come_in_the_order_of_the_alphabet(datastore: DatastoreBase) -> None:
    _insert(datastore, a_job(name="beta"), a_job(name="alpha"), a_job(name="gamma"))

    names = [job.name for job in _all_pages(datastore, "name", 2)]

    assert names == ["alpha", "beta", "gamma"]


def test_a_page_before_another_is_found_in_any_order(datastore: DatastoreBase) -> None:
    _insert(datastore, *[a_job(name=name) for name in NAMES])
    page = datastore.jobs.page
    first = datastore.read(page, JobFilter(), PageRequest(3), "-name")
    second = datastore.read(page, JobFilter(), PageRequest(3, first.next_cursor), "-name")

    back = datastore.read(page, JobFilter(), PageRequest(3, second.previous_cursor), "-name")

    assert [job.id for job in back.items] == [job.id for job in first.items]


@pytest.mark.parametrize("sort", ["next_run", "-name", "class", "created"])
def test_a_cursor_of_another_order_is_refused(datastore: DatastoreBase, sort: str) -> None:
    _insert(datastore, a_job(), a_job())
    page = datastore.read(datastore.jobs.page, JobFilter(), PageRequest(1), "name")

    with pytest.raises(InvalidInput, match="cursor: is one of a list that is sorted in another"):
        datastore.read(datastore.jobs.page, JobFilter(), PageRequest(1, page.next_cursor), sort)


def test_jobs_are_found_by_status(datastore: DatastoreBase) -> None:
    good, bad, busy, paused, ended, broken = jobs = [
        a_job(name="good"),
        a_job(name="bad"),
        a_job(name="busy"),
        a_job(name="paused", is_paused=True, next_fire=None),
        a_job(name="ended", next_fire=None),
        a_job(name="broken", job_class_string="no.such.Class"),
    ]
    _insert(datastore, *jobs)
    succeeded, failed = ExecutionState.SUCCEEDED, ExecutionState.FAILED
    _store(datastore, _ran(good, 0, failed), _ran(good, 1, succeeded))
    _store(datastore, _ran(bad, 0, succeeded), _ran(bad, 1, ExecutionState.MISSED))
    _store(datastore, _ran(bad, 2, ExecutionState.SKIPPED))
    _store(datastore, _ran(bad, 3, ExecutionState.SCHEDULED))
    _store(datastore, _ran(busy, 0, failed), _ran(busy, 1, ExecutionState.RUNNING))
    which = Broken(frozenset(["no.such.Class"]), frozenset([ended.id]))

    def names(*statuses: JobStatus) -> set[str]:
        found = JobFilter(statuses=statuses, broken=which)
        page = datastore.read(datastore.jobs.page, found, PageRequest())
        return {job.name for job in page.items}

    assert names(JobStatus.ACTIVE) == {"good", "bad", "busy", "ended", "broken"}
    assert names(JobStatus.PAUSED) == {"paused"}
    assert names(JobStatus.RUNNING) == {"busy"}
    assert names(JobStatus.FAILING) == {"bad", "busy"}
    assert names(JobStatus.ENDED) == {"ended"}
    assert names(JobStatus.BROKEN) == {"ended", "broken"}
    assert names(JobStatus.PAUSED, JobStatus.RUNNING) == {"paused", "busy"}
    assert names() == {job.name for job in (good, bad, busy, paused, ended, broken)}


def _summaries(datastore: DatastoreBase, *jobs: Job) -> list[JobSummary]:
    found = datastore.read(datastore.summaries.of_jobs, [job.id for job in jobs])
    return [found[job.id] for job in jobs]


def test_a_summary_has_the_last_30_executions_the_oldest_first(datastore: DatastoreBase) -> None:
    job, other = a_job(), a_job()
    _store(datastore, *[_ran(job, n, ExecutionState.SUCCEEDED) for n in range(40)])
    _store(datastore, _ran(other, 0, ExecutionState.FAILED))

    summary, of_other = _summaries(datastore, job, other)

    due = [(execution.scheduled_time - NOON) // MINUTE for execution in summary.recent]
    assert due == list(range(10, 40))
    assert {execution.duration for execution in summary.recent} == {SECOND}
    assert len(of_other.recent) == 1


def test_executions_of_the_same_instant_are_in_the_order_of_their_ids(
    datastore: DatastoreBase,
) -> None:
    job = a_job()
    rows = [_ran(job, 0, ExecutionState.FAILED, fire_time=None, id=f"{n:032x}") for n in range(35)]
    _store(datastore, *rows)

    (summary,) = _summaries(datastore, job)

    assert [execution.id for execution in summary.recent] == [row.id for row in rows[5:]]


def test_a_summary_tells_what_the_newest_execution_said(datastore: DatastoreBase) -> None:
    job = a_job()
    words = {"error_summary": "ValueError: 7", "reason": "because"}
    _store(datastore, _ran(job, 0, ExecutionState.FAILED))
    _store(datastore, _ran(job, 1, ExecutionState.INTERRUPTED, **words))

    (summary,) = _summaries(datastore, job)

    assert summary.last is not None
    assert summary.last.state is ExecutionState.INTERRUPTED
    assert (summary.last_words.error_summary, summary.last_words.reason) == (
        "ValueError: 7",
        "because",
    )


def test_a_summary_counts_what_runs_and_all_that_ended(datastore: DatastoreBase) -> None:
    job, other = a_job(), a_job()
    live = [ExecutionState.RUNNING, ExecutionState.STOPPING, ExecutionState.SCHEDULED]
    _store(datastore, *[_ran(job, n, state) for n, state in enumerate(live)])
    succeeded, missed = ExecutionState.SUCCEEDED, ExecutionState.MISSED
    endings = [Ending(job.id, succeeded, NOON + n * 61 * MINUTE, n * SECOND) for n in range(4)]
    missing = Ending(job.id, missed, NOON, count=500)
    datastore.write(datastore.stats.add, [*endings, missing, Ending(other.id, succeeded, NOON)])

    (summary,) = _summaries(datastore, job)

    assert (summary.running, summary.queued) == (2, 1)
    assert {state: found.count for state, found in summary.ended.items()} == {
        succeeded: 4,
        missed: 500,
    }
    assert summary.usual_duration == 1.5 * SECOND


def test_failures_in_a_row_pass_over_what_was_skipped_or_has_not_ended(
    datastore: DatastoreBase,
) -> None:
    job, good = a_job(), a_job()
    states = [
        ExecutionState.FAILED,
        ExecutionState.SUCCEEDED,
        ExecutionState.TIMEOUT,
        ExecutionState.SKIPPED,
        ExecutionState.FAILED,
        ExecutionState.RUNNING,
    ]
    _store(datastore, *[_ran(job, n, state) for n, state in enumerate(states)])
    _store(datastore, *[_ran(good, n, state) for n, state in enumerate(states[:2])])

    bad_summary, good_summary = _summaries(datastore, job, good)

    assert (bad_summary.failures_in_a_row, good_summary.failures_in_a_row) == (2, 0)


def test_jobs_that_never_ran_have_an_empty_summary(datastore: DatastoreBase) -> None:
    jobs = [a_job() for _ in range(120)]

    summaries = _summaries(datastore, *jobs)

    assert summaries == [JobSummary()] * 120
    assert (summaries[0].last, summaries[0].usual_duration) == (None, None)


def test_tags_are_counted_by_name(datastore: DatastoreBase) -> None:
    _insert(datastore, a_job(tags=("db", "night")), a_job(tags=("db",)), a_job())

    assert datastore.read(datastore.jobs.tag_counts) == [("db", 2), ("night", 1)]
