"""Old history goes, in small batches; what is young, unfinished or protected stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.core.retention import (
    MAX_BATCH_ROWS,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.keep_rules import KeepRules
from ndscheduler.corescheduler.models import AuditEntry
from tests.datastore.history_rows import (
    DAY,
    HOUR,
    MONTH,
    STATES,
    add_output,
    count,
    finished,
    ids,
    insert,
    run,
)
from tests.factories import a_job, an_execution


def test_finished_executions_older_than_the_rule_are_deleted(datastore: DatastoreBase) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 31 * DAY + i * HOUR) for i in range(3)])
    young = insert(datastore, finished(job, 29 * DAY))

    deleted = run(datastore, MONTH)

    assert (deleted.executions, ids(datastore)) == (3, set(young))


def test_without_a_rule_everything_is_kept(datastore: DatastoreBase) -> None:
    insert(datastore, finished(a_job(), 5000 * DAY))

    assert run(datastore, KeepRules()).total() == 0


@pytest.mark.parametrize("state", [STATES.SCHEDULED, STATES.RUNNING, STATES.STOPPING])
def test_an_unfinished_execution_stays_however_old_it_is(
    datastore: DatastoreBase, state: ExecutionState
) -> None:
    live = insert(datastore, finished(a_job(), 400 * DAY, state=state))

    run(datastore, KeepRules(executions=DAY, executions_per_job=1))

    assert ids(datastore) == set(live)


def test_the_age_counts_from_the_last_change_of_a_row(datastore: DatastoreBase) -> None:
    long_run = finished(a_job(), 400 * DAY, updated_time=utc_now() - 20 * DAY)
    kept = insert(datastore, long_run)

    run(datastore, MONTH)

    assert ids(datastore) == set(kept)


def test_nothing_younger_than_a_day_is_deleted(datastore: DatastoreBase) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 25 * HOUR + i * HOUR) for i in range(3)])
    young = insert(datastore, *[finished(job, 23 * HOUR - i * HOUR) for i in range(3)])

    run(datastore, KeepRules(executions=HOUR, audit=HOUR, executions_per_job=1))

    assert ids(datastore) == set(young)


@pytest.mark.parametrize(
    ("grace", "days", "stays"),
    [(3 * DAY, 5, True), (3 * DAY, 7, False), (None, 2, False), (None, 0.9, True)],
)
def test_twice_the_grace_of_its_job_protects_an_execution(
    datastore: DatastoreBase, grace: timedelta | None, days: float, stays: bool
) -> None:
    seconds = None if grace is None else int(grace.total_seconds())
    job = a_job(misfire_grace_seconds=seconds)
    datastore.write(datastore.jobs.insert, job)
    insert(datastore, finished(job, timedelta(days=days)))

    run(datastore, KeepRules(executions=DAY))

    assert len(ids(datastore)) == stays


def test_the_default_grace_protects_the_executions_of_a_deleted_job(
    datastore: DatastoreBase,
) -> None:
    kept = insert(datastore, finished(a_job(), 5 * DAY))
    insert(datastore, finished(a_job(), 7 * DAY))

    run(datastore, KeepRules(executions=DAY, default_grace=3 * DAY))

    assert ids(datastore) == set(kept)


def test_a_fire_within_the_grace_is_still_refused_a_second_row_after_a_pass(
    datastore: DatastoreBase,
) -> None:
    job = a_job(misfire_grace_seconds=int((10 * DAY).total_seconds()))
    datastore.write(datastore.jobs.insert, job)
    oldest = finished(job, 10 * DAY)
    insert(datastore, oldest)

    run(datastore, KeepRules(executions=DAY, executions_per_job=1))

    again = an_execution(job, fire_time=oldest.fire_time)
    assert datastore.write(datastore.claims.insert_executions, [again]) == 0


def test_of_each_job_the_newest_executions_are_kept(datastore: DatastoreBase) -> None:
    busy, quiet, gone = a_job(), a_job(), a_job()
    for job in (busy, quiet):
        datastore.write(datastore.jobs.insert, job)
    insert(datastore, *[finished(busy, 10 * DAY + i * HOUR) for i in range(7)])
    insert(datastore, *[finished(gone, 10 * DAY + i * HOUR) for i in range(4)])
    kept = insert(
        datastore,
        *[finished(busy, 9 * DAY - i * HOUR) for i in range(3)],
        *[finished(gone, 9 * DAY - i * HOUR) for i in range(3)],
        *[finished(quiet, 900 * DAY - i * HOUR) for i in range(2)],
    )

    deleted = run(datastore, KeepRules(executions_per_job=3))

    assert (deleted.executions, ids(datastore)) == (11, set(kept))


def test_the_count_goes_by_schedule_when_all_rows_ended_at_once(datastore: DatastoreBase) -> None:
    job, ended = a_job(), utc_now() - 2 * DAY
    rows = [finished(job, 10 * DAY - i * HOUR, updated_time=ended) for i in range(10)]
    insert(datastore, *rows)

    run(datastore, KeepRules(executions_per_job=3))

    assert ids(datastore) == {row.id for row in rows[-3:]}


def test_every_job_is_looked_at_however_many_there_are(datastore: DatastoreBase) -> None:
    jobs = [a_job() for _ in range(50)]
    rows = [finished(job, days * DAY) for job in jobs for days in (5, 4)]
    insert(datastore, *rows)

    assert run(datastore, KeepRules(executions_per_job=1)).executions == 50


def test_output_goes_with_its_execution(datastore: DatastoreBase) -> None:
    job = a_job()
    (old,) = insert(datastore, finished(job, 40 * DAY))
    (young,) = insert(datastore, finished(job, DAY))
    add_output(datastore, old, MAX_BATCH_ROWS * 2 + 1)
    add_output(datastore, young, 3)

    deleted = run(datastore, MONTH)

    assert (deleted.output, count(datastore, "execution_output")) == (MAX_BATCH_ROWS * 2 + 1, 3)
    assert ids(datastore) == {young}


def test_statistics_are_kept_as_long_as_executions(datastore: DatastoreBase) -> None:
    now = utc_now()
    ages = [29 * DAY, 31 * DAY, 400 * DAY]
    endings = [Ending("j", STATES.SUCCEEDED, now - age) for age in ages]
    datastore.write(datastore.stats.add, endings)

    kept = run(datastore, KeepRules(audit=DAY, executions_per_job=1)).statistics
    deleted = run(datastore, MONTH).statistics

    assert (kept, deleted, count(datastore, "job_stats")) == (0, 2, 1)


def test_audit_entries_older_than_the_rule_are_deleted(datastore: DatastoreBase) -> None:
    for days in (1, 29, 31, 4000):
        entry = AuditEntry(new_id(), AuditEvent.ADDED, "j", "n", "u", utc_now() - days * DAY)
        datastore.write(datastore.audit_logs.insert, entry)

    deleted = run(datastore, MONTH)

    assert (deleted.audit, count(datastore, "audit_logs")) == (2, 2)
