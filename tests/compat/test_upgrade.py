"""Databases of 0.x are upgraded in place on every kind of server, whatever stands in them."""

from __future__ import annotations

import pickle
import uuid
from datetime import timezone
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from tests.compat.old_databases import (
    OldDatabase,
    old_database,
    pickled_jobs,
    shown_by_0x,
    table_names,
)
from tests.compat.upgraded import NOON, an_entry, an_execution, entries_of, executions_of, jobs_of
from tests.databases import missing_reason


def test_the_sentence_says_what_was_done(old: OldDatabase) -> None:
    old.make().load("nextdoor")

    told = old.store.migrate()

    name = old.executions.name
    assert told.startswith(
        "Upgraded the database of ndscheduler 0.x: 12 jobs, 11 executions, 26 audit entries. "
        "1 execution had not ended and became interrupted. "
    )
    assert f"{name}_0x" in told


def test_the_old_tables_stay_as_they_were_under_other_names(old: OldDatabase) -> None:
    old.make().load("nextdoor")
    with old.store.engine.connect() as connection:
        before = {
            table.name: connection.exec_driver_sql(f"SELECT * FROM {table.name}").all()
            for table in (old.jobs, old.executions, old.audit_logs)
        }

    old.store.migrate()

    for table in (old.jobs, old.executions, old.audit_logs):
        assert [tuple(row.values()) for row in old.kept(table)] == before[table.name]


def test_an_upgraded_database_opens(old: OldDatabase) -> None:
    old.make().load("pypi030").store.migrate()

    old.store.open()

    assert len(jobs_of(old.store)) == 12


def test_every_job_that_old_programs_pickled_is_there(old: OldDatabase) -> None:
    old.make()
    for label, jobs in pickled_jobs().items():
        for job_id, state in jobs.items():
            old.add_job(f"{label}/{job_id}", state)

    told = old.store.migrate()

    jobs = jobs_of(old.store)
    paused = {job.id for job in jobs.values() if job.paused_reason}
    assert len(jobs) == sum(len(each) for each in pickled_jobs().values())
    assert f"{len(paused)} jobs could not be kept whole and became paused" in told
    assert {job_id.split("/")[1] for job_id in paused} == {
        *("sets", "custom", "deltas", "keys", "own_function", "both", "either", "half_past")
    }


def test_a_job_that_can_not_be_kept_whole_is_paused_and_told_everywhere(old: OldDatabase) -> None:
    old.make().add_job("sets", pickled_jobs()["master_aps3110"]["sets"])
    old.add_job("broken", b"\x80\x05junk")
    old.add(old.audit_logs, an_entry(job_id="broken", job_name="nightly"))

    told = old.store.migrate()

    jobs = jobs_of(old.store)
    entries = {entry.job_id: entry for entry in entries_of(old.store) if entry.user == "upgrade"}
    assert "2 jobs could not be kept whole" in told
    assert jobs["broken"].name == "nightly"
    for job in jobs.values():
        assert job.is_paused
        assert (entries[job.id].event, entries[job.id].description) == (
            AuditEvent.PAUSED,
            job.paused_reason,
        )
        assert f"Job {job.id} ({job.name}): {job.paused_reason}" in told


def test_a_jitter_that_is_dropped_pauses_nothing_and_is_told_everywhere(old: OldDatabase) -> None:
    old.make().add_job("jitter", pickled_jobs()["master_aps3110"]["jitter"])

    told = old.store.migrate()

    sentence = (
        "By the upgrade from 0.x its jitter of 10 seconds was dropped: "
        "it fires exactly when its schedule says."
    )
    (entry,) = entries_of(old.store)
    assert (entry.event, entry.user, entry.description) == (
        AuditEvent.MODIFIED,
        "upgrade",
        sentence,
    )
    assert sentence in told
    assert not jobs_of(old.store)["jitter"].is_paused


def test_nulls_where_none_should_be_are_kept_as_rows(old: OldDatabase) -> None:
    old.make().add(old.executions, {"eid": "e1"}, {"eid": "e2", "job_id": "j"})
    old.add(old.audit_logs, {}, {})
    old.add_job("j", b"")

    old.store.migrate()

    executions = executions_of(old.store)
    assert set(executions) == {"e1", "e2"}
    assert {row.state for row in executions.values()} == {ExecutionState.INTERRUPTED}
    assert executions["e1"].scheduled_time == EPOCH
    assert "which is no time" in (executions["e1"].reason or "")
    assert len(entries_of(old.store)) == 3


def test_large_results_and_many_rows_are_copied(old: OldDatabase) -> None:
    large = "é" * 1_500_000 if old.store.dialect.name != "mysql" else "é" * 30_000
    rows = [an_execution(f"e{n}", result="x" * 10) for n in range(1234)]
    old.make().add(old.executions, *rows, *(an_execution(f"l{n}", result=large) for n in range(4)))

    told = old.store.migrate()

    assert "1,238 executions" in told
    found = old.store.get_execution("l3")
    assert found is not None
    assert found["result"] == large


def test_entries_of_one_second_keep_their_order(old: OldDatabase) -> None:
    old.make().add(old.audit_logs, *(an_entry(description=str(n)) for n in range(700)))

    old.store.migrate()

    assert [entry.description for entry in entries_of(old.store)] == [
        str(n) for n in reversed(range(700))
    ]


def test_ids_of_entries_are_the_same_whenever_they_are_made(kind: str, tmp_path: Path) -> None:
    ids = []
    for prefix in ("twin_a", "twin_b"):
        with old_database(kind, f"{prefix}{uuid.uuid4().hex[:8]}", tmp_path) as old:
            old.make().load("nextdoor").store.migrate()
            ids.append([entry.id for entry in entries_of(old.store)])

    assert ids[0] == ids[1]


def test_states_of_the_fork_and_of_users_are_kept(old: OldDatabase) -> None:
    states = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 42, 1000]
    old.make().add(old.executions, *(an_execution(f"e{state}", state=state) for state in states))

    told = old.store.migrate()

    found = {row.id: int(row.state) for row in executions_of(old.store).values()}
    assert found == {f"e{state}": 8 if state <= 2 else state for state in states}
    assert "3 executions had not ended" in told


def test_nothing_upgraded_waits_to_be_run(old: OldDatabase) -> None:
    old.make().add(old.executions, *(an_execution(f"e{n}", state=n) for n in range(3)))

    old.store.migrate()

    assert old.store.read(old.store.stats.live_counts) == {}


def test_a_password_in_a_pickle_does_not_come_along(old: OldDatabase, prefix: str) -> None:
    for label, jobs in pickled_jobs().items():
        old.make().add_job(label, jobs["plain"])

    told = old.store.migrate()

    assert "s3cret" not in told
    with old.store.engine.connect() as connection:
        for name in table_names(old.store, prefix):
            if not name.endswith("_0x"):
                rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
                assert "s3cret" not in repr(rows)


def test_jobs_know_from_the_log_when_they_were_made_changed_and_paused(old: OldDatabase) -> None:
    times = [NOON.replace(hour=hour) for hour in range(5)]
    events = (AuditEvent.ADDED, AuditEvent.MODIFIED, AuditEvent.PAUSED, AuditEvent.RESUMED)
    old.make().add_job("plain", pickled_jobs()["master_aps3110"]["plain"], None)
    rows = [
        an_entry(job_id="plain", event=int(what), created_time=when, user="ann")
        for what, when in zip((*events, AuditEvent.PAUSED), times, strict=True)
    ]
    old.add(old.audit_logs, *rows)

    old.store.migrate()

    job = jobs_of(old.store)["plain"]
    aware = [when.replace(tzinfo=timezone.utc) for when in times]
    assert (job.created_at, job.updated_at) == (aware[0], aware[1])
    assert (job.is_paused, job.paused_by, job.paused_at) == (True, "ann", aware[4])


def test_a_job_that_runs_code_when_unpickled_runs_none(old: OldDatabase, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "trace",))

    old.make().add_job("trap", pickle.dumps({"name": "trap", "args": Trap(), "func": Trap()}))

    old.store.migrate()

    assert not (tmp_path / "trace").exists()
    assert jobs_of(old.store)["trap"].is_paused


@pytest.mark.mysql
def test_a_zero_date_of_mysql_is_told(prefix: str, tmp_path: Path) -> None:
    reason = missing_reason("mysql")
    if reason is not None:
        pytest.skip(reason)
    with old_database("mysql", prefix, tmp_path) as old:
        old.make()
        with old.store.engine.begin() as connection:
            connection.exec_driver_sql("SET SESSION sql_mode = ''")
            connection.exec_driver_sql(
                f"INSERT INTO {old.executions.name} (eid, state, job_id, scheduled_time)"
                " VALUES ('e1', 5, 'j', '0000-00-00 00:00:00')"
            )
            connection.exec_driver_sql("SET SESSION sql_mode = DEFAULT")

        old.store.migrate()

        (row,) = executions_of(old.store).values()
        assert row.scheduled_time == EPOCH
        assert "'0000-00-00 00:00:00'" in (row.reason or "")


def test_the_samples_are_those_that_were_recorded() -> None:
    assert len(shown_by_0x("nextdoor")["logs"]) == len(shown_by_0x("pypi030")["logs"]) == 26
