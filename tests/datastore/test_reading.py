"""Jobs, executions and audit entries are read back as they were written, in pages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import (
    AuditFilter,
    ExecutionFilter,
    JobFilter,
    PageRequest,
)
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import ExecutionNotFound, InvalidInput, JobNotFound
from ndscheduler.corescheduler.models import AuditEntry
from tests.factories import MINUTE, NOON, a_job, an_execution, an_instance


def test_a_job_comes_back_as_it_was_written(datastore: DatastoreBase) -> None:
    job = a_job(
        name="Ünïcöde 任务 😀 <b>",
        tags=("billing", "db"),
        description="x" * 10_000,
        start_date=NOON,
        end_date=NOON + timedelta(days=1, microseconds=1),
        misfire_grace_seconds=None,
        coalesce=False,
        is_paused=True,
        paused_by="ana",
        paused_at=NOON,
        paused_until=NOON + MINUTE,
        paused_reason="migration",
        next_fire=None,
    )

    datastore.write(datastore.jobs.insert, job)

    assert datastore.read(datastore.jobs.get, job.id) == job


def test_an_execution_comes_back_as_it_was_written(datastore: DatastoreBase) -> None:
    execution = an_execution(
        a_job(),
        state=ExecutionState.MISSED,
        count=525_600,
        first_fire_time=NOON - timedelta(days=365),
        finished_time=NOON,
        reason="nobody was there",
        result="r" * 1_000_000,
        dedup_key="k",
    )

    datastore.write(datastore.executions.insert, execution)

    assert datastore.read(datastore.executions.get, execution.id) == execution


def test_ids_that_differ_in_case_or_trailing_space_are_different(datastore: DatastoreBase) -> None:
    for job_id in ("abc", "ABC"):
        datastore.write(datastore.jobs.insert, a_job(id=job_id, name=job_id))

    assert datastore.read(datastore.jobs.get, "ABC").name == "ABC"


def test_an_unknown_id_is_said_so(datastore: DatastoreBase) -> None:
    with pytest.raises(JobNotFound, match="Job not found: nope"):
        datastore.read(datastore.jobs.get, "nope")
    with pytest.raises(ExecutionNotFound, match="Execution not found: nope"):
        datastore.read(datastore.executions.get, "nope")


def test_a_taken_job_id_is_refused_and_the_transaction_goes_on(datastore: DatastoreBase) -> None:
    job = a_job(tags=("x",))
    datastore.write(datastore.jobs.insert, job)

    with pytest.raises(InvalidInput, match="is taken"):
        datastore.write(datastore.jobs.insert, job)

    assert datastore.read(datastore.jobs.get, job.id) == job


def test_pages_of_jobs_cover_all_once_forwards_and_backwards(datastore: DatastoreBase) -> None:
    fires = [None, NOON, NOON, NOON + MINUTE, None, NOON - MINUTE, NOON]
    for fire in fires:
        datastore.write(datastore.jobs.insert, a_job(next_fire=fire))

    pages, cursor = [], None
    while True:
        page = datastore.read(
            datastore.jobs.page, JobFilter(), PageRequest(3, cursor, with_total=True)
        )
        pages.append(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    back = datastore.read(
        datastore.jobs.page, JobFilter(), PageRequest(3, pages[1].previous_cursor)
    )

    found = [job.next_fire for page in pages for job in page.items]
    assert found == [NOON - MINUTE, NOON, NOON, NOON, NOON + MINUTE, None, None]
    assert len({job.id for page in pages for job in page.items}) == len(fires)
    assert [job.id for job in back.items] == [job.id for job in pages[0].items]
    assert (pages[0].total, pages[0].previous_cursor, back.previous_cursor) == (7, None, None)


def test_jobs_are_filtered_by_word_tag_and_state(datastore: DatastoreBase) -> None:
    rows = [
        a_job(name="Backup 100%", tags=("db", "night")),
        a_job(name="Sync", tags=("db",), is_paused=True, next_fire=None),
        a_job(name="Report_x", job_class_string="a.b.Backuper"),
    ]
    for job in rows:
        datastore.write(datastore.jobs.insert, job)

    def names(**which: object) -> list[str]:
        found = datastore.read(datastore.jobs.page, JobFilter(**which), PageRequest())  # type: ignore[arg-type]
        return sorted(job.name for job in found.items)

    assert names(q="BACKUP") == ["Backup 100%", "Report_x"]
    assert names(q="0%") == ["Backup 100%"]
    assert names(q="_x") == ["Report_x"]
    assert names(tags=("db", "night")) == ["Backup 100%"]
    assert names(is_paused=True) == ["Sync"]


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24", "WzAsMV0", "WzAsICJhIiwgImIiXQ", "é"])
def test_a_cursor_of_nobodys_is_refused(datastore: DatastoreBase, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        datastore.read(datastore.jobs.page, JobFilter(), PageRequest(cursor=cursor))


def test_executions_are_filtered_and_the_newest_comes_first(datastore: DatastoreBase) -> None:
    job, other = a_job(tags=("db",)), a_job()
    datastore.write(datastore.jobs.insert, job)
    times = [NOON + n * MINUTE for n in range(5)]
    rows = [an_execution(job, fire_time=t, scheduled_time=t) for t in times]
    rows.append(an_execution(other, state=ExecutionState.SKIPPED, scheduled_time=NOON))
    datastore.write(datastore.claims.insert_executions, rows)

    def ids(**which: object) -> list[str]:
        which_ones = ExecutionFilter(**which)  # type: ignore[arg-type]
        page = datastore.read(datastore.executions.page, which_ones, PageRequest())
        return [execution.id for execution in page.items]

    assert ids(job_id=job.id) == [row.id for row in reversed(rows[:5])]
    assert ids(tag="db", time_start=times[1], time_end=times[2]) == [rows[2].id, rows[1].id]
    assert ids(states=(ExecutionState.SKIPPED,)) == [rows[5].id]


def test_audit_entries_keep_their_changes(datastore: DatastoreBase) -> None:
    entry = AuditEntry(
        id=new_id(),
        event=AuditEvent.MODIFIED,
        job_id="j",
        job_name="<b>",
        user="ana",
        created_time=NOON,
        remote="10.0.0.1",
        description="name: a => b",
        changes={"name": ["a", "b"]},
    )

    datastore.write(datastore.audit_logs.insert, entry)

    page = datastore.read(datastore.audit_logs.page, AuditFilter(user="ana"), PageRequest())
    assert page.items == [entry]


def test_statistics_add_up_over_transactions(datastore: DatastoreBase) -> None:
    second = timedelta(seconds=1)
    ok, bad = ExecutionState.SUCCEEDED, ExecutionState.FAILED
    endings = [Ending("a", ok, NOON, second), Ending("a", bad, NOON), Ending("b", ok, NOON)]

    datastore.write(datastore.stats.add, endings)
    datastore.write(datastore.stats.add, [Ending("a", ok, NOON + MINUTE, second, count=5)])

    assert datastore.read(datastore.stats.totals, NOON) == {ok: 7, bad: 1}
    assert datastore.read(datastore.stats.totals, NOON + timedelta(hours=1)) == {}


def test_instances_beat_and_stop(datastore: DatastoreBase) -> None:
    instance = an_instance()
    datastore.write(datastore.instances.insert, instance)
    datastore.write(datastore.instances.beat, instance.id, NOON + MINUTE)
    datastore.write(datastore.instances.stop, instance.id, NOON + 2 * MINUTE)

    (found,) = datastore.read(datastore.instances.list)

    assert (found.heartbeat_at, found.stopped_at) == (NOON + 2 * MINUTE, NOON + 2 * MINUTE)


def test_an_error_undoes_the_whole_transaction(datastore: DatastoreBase) -> None:
    job = a_job()

    def work(connection: object) -> None:
        datastore.jobs.insert(connection, job)  # type: ignore[arg-type]
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        datastore.write(work)

    assert datastore.read(datastore.jobs.find, job.id) is None


def test_a_row_with_a_state_of_another_program_is_read_all_the_same(
    datastore: DatastoreBase,
) -> None:
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    columns = {"state": 77, "trigger_kind": "moon phase"}
    datastore.write(datastore.executions.update_columns, execution.id, columns)

    found = datastore.read(datastore.executions.get, execution.id)

    assert (found.state, found.state.label, found.trigger_kind.value) == (
        77,
        "unknown 77",
        "moon phase",
    )


@pytest.mark.parametrize("zone", ["+00:00", "+02:00", "-08:00"])
def test_the_databases_clock_is_utc_whatever_the_zone_of_the_session(
    datastore: DatastoreBase, zone: str
) -> None:
    def work(connection: Connection) -> datetime:
        if datastore.dialect.name == "mysql":
            connection.exec_driver_sql(f"SET time_zone = '{zone}', timestamp = 1792888200.5")
        elif datastore.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL timezone = '{zone}'")
        return datastore.dialect.now(connection)

    now = datastore.read(work)

    if datastore.dialect.name == "mysql":
        assert now == datetime(2026, 10, 25, 0, 30, 0, 500_000, tzinfo=timezone.utc)
        datastore.engine.dispose()
    else:
        assert abs(now - utc_now()) < timedelta(minutes=1)
