"""Databases of 0.x are upgraded in place on every kind of server, whatever stands in them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Index, Integer, Text, event, inspect, select

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.datastore.paging import (
    AuditFilter,
    ExecutionFilter,
    JobFilter,
    PageRequest,
)
from ndscheduler.corescheduler.errors import ConfigError, DatastoreUnavailable, SchemaMismatch
from ndscheduler.corescheduler.models import AuditEntry, Execution, Job
from tests.compat.old_databases import (
    OldDatabase,
    drop_everything,
    old_database,
    pickled_jobs,
    shown_by_0x,
    table_names,
)
from tests.databases import PROVIDERS, db_config, make_datastore, missing_reason

NOON = datetime(2026, 11, 23, 12, 0)
ALL = PageRequest(limit=1000)


@pytest.fixture
def old(kind: str, prefix: str, tmp_path: Path) -> Iterator[OldDatabase]:
    """A 0.x database without tables yet."""
    with old_database(kind, prefix, tmp_path) as made:
        yield made


def jobs_of(store: DatastoreBase) -> dict[str, Job]:
    return {job.id: job for job in store.read(store.jobs.page, JobFilter(), ALL).items}


def executions_of(store: DatastoreBase) -> dict[str, Execution]:
    found = store.read(store.executions.page, ExecutionFilter(), ALL).items
    return {execution.id: execution for execution in found}


def entries_of(store: DatastoreBase) -> list[AuditEntry]:
    """The newest first."""
    return store.read(store.audit_logs.page, AuditFilter(), ALL).items


def an_execution(eid: Any, **fields: Any) -> dict[str, Any]:
    row = {"eid": eid, "state": 5, "job_id": "j", "scheduled_time": NOON, "updated_time": NOON}
    return {**row, **fields}


def an_entry(**fields: Any) -> dict[str, Any]:
    row = {"job_id": "j", "job_name": "n", "event": 0, "user": "", "created_time": NOON}
    return {**row, **fields}


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


def test_a_second_run_changes_nothing(old: OldDatabase) -> None:
    old.make().load("nextdoor").store.migrate()
    before = (jobs_of(old.store), executions_of(old.store), entries_of(old.store))

    told = old.store.migrate()

    assert told.startswith("Already")
    assert (jobs_of(old.store), executions_of(old.store), entries_of(old.store)) == before


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


@pytest.mark.parametrize("only", ["jobs", "executions", "audit_logs"])
def test_one_of_the_tables_is_enough(old: OldDatabase, only: str) -> None:
    old.make(getattr(old, only))
    rows = {"executions": [an_execution("e1")], "audit_logs": [an_entry()], "jobs": []}
    old.add(getattr(old, only), *rows[only])

    old.store.migrate()

    assert len(executions_of(old.store)) == len(rows[only]) * (only == "executions")
    assert len(entries_of(old.store)) == len(rows[only]) * (only == "audit_logs")
    old.store.check_schema()


def test_empty_tables_are_upgraded(old: OldDatabase) -> None:
    told = old.make().store.migrate()

    assert "0 jobs, 0 executions, 0 audit entries" in told
    old.store.check_schema()


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


def test_columns_of_users_own_stay_in_the_old_table(kind: str, prefix: str, tmp_path: Path) -> None:
    with old_database(kind, prefix, tmp_path) as old:
        old.executions.append_column(Column("team", Text))
        old.jobs.append_column(Column("serial", Integer))
        old.make().add(old.executions, an_execution("e1", team="blue"))

        old.store.migrate()

        assert set(executions_of(old.store)) == {"e1"}
        assert [row["team"] for row in old.kept(old.executions)] == ["blue"]


def test_indexes_of_users_may_bear_names_of_ours(kind: str, prefix: str, tmp_path: Path) -> None:
    with old_database(kind, prefix, tmp_path) as old:
        names = old.store.tables.names
        Index(names.derived("scheduled"), old.executions.c.scheduled_time)
        Index(names.derived("live"), old.executions.c.state, unique=False)
        Index(names.derived("next_fire", of=names.jobs), old.jobs.c.next_run_time)
        old.make().add(old.executions, an_execution("e1"))

        old.store.migrate()

        # Connections of before do not know the new names on SQLite.
        old.store.engine.dispose()
        with old.store.engine.connect() as connection:
            kept = inspect(connection).get_indexes(f"{old.executions.name}_0x")
        assert {tuple(index["column_names"]) for index in kept} == {("scheduled_time",), ("state",)}
        assert set(executions_of(old.store)) == {"e1"}


def test_names_at_their_longest_are_upgraded(kind: str, tmp_path: Path) -> None:
    longest = {"sqlite": 63, "postgres": 63, "mysql": 64}[kind]
    prefix = f"u{uuid.uuid4().hex[:8]}"
    names = {
        key: f"{prefix}_{key}".ljust(longest, "x")
        for key in ("jobs_tablename", "executions_tablename", "auditlogs_tablename")
    }
    store = PROVIDERS[kind](db_config(kind, tmp_path), names)
    old = OldDatabase(store)
    try:
        for table in (old.jobs, old.executions, old.audit_logs):
            table.indexes.clear()
        old.make().load("nextdoor").store.migrate()

        assert len(executions_of(store)) == 11
        kept = table_names(store, prefix)
        assert len([name for name in kept if name.endswith("_0x")]) == 3
    finally:
        drop_everything(store, prefix)
        store.close()


def test_a_name_that_postgresql_would_cut_is_refused(tmp_path: Path) -> None:
    reason = missing_reason("postgres")
    if reason is not None:
        pytest.skip(reason)
    names = {"jobs_tablename": "j" * 64}
    store = PROVIDERS["postgres"](db_config("postgres", tmp_path), names)

    with pytest.raises(ConfigError, match="longer than the 63 characters"):
        store.open()

    store.close()


def test_a_kept_name_that_is_taken_is_passed_over(old: OldDatabase) -> None:
    taken = f"{old.executions.name}_0x"
    with old.store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {taken} (a INTEGER)")

    told = old.make().load("nextdoor").store.migrate()

    assert f"{taken}_2" in told
    with old.store.engine.connect() as connection:
        columns = inspect(connection).get_columns(taken)
    assert [column["name"] for column in columns] == ["a"]


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


def test_tables_of_a_third_program_are_refused_untouched(old: OldDatabase, prefix: str) -> None:
    old.make(old.executions, old.audit_logs)
    with old.store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {old.jobs.name} (id INTEGER, job TEXT)")
    before = table_names(old.store, prefix)

    for attempt in (old.store.open, old.store.migrate):
        with pytest.raises(SchemaMismatch, match="other programs under our names"):
            attempt()

    assert table_names(old.store, prefix) == before


def test_tables_of_old_and_new_programs_side_by_side_are_refused(
    old: OldDatabase, prefix: str
) -> None:
    old.make().load("nextdoor").store.migrate()
    with old.store.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {old.jobs.name}")
        columns = "id VARCHAR(191), next_run_time FLOAT, job_state TEXT"
        connection.exec_driver_sql(f"CREATE TABLE {old.jobs.name} ({columns})")
    before = table_names(old.store, prefix)

    for attempt in (old.store.open, old.store.migrate, old.store.check_schema):
        with pytest.raises(SchemaMismatch, match="but the other tables are of this release"):
            attempt()

    assert table_names(old.store, prefix) == before


def test_tables_of_ours_that_were_never_used_do_not_matter(old: OldDatabase) -> None:
    version = old.store.tables.names.version
    with old.store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {version} (version_num VARCHAR(32))")
        old.store.tables.job_tags.create(connection)
    old.make().load("nextdoor")

    old.store.migrate()

    assert len(jobs_of(old.store)) == 12


def test_tables_of_ours_with_rows_beside_old_ones_are_refused(old: OldDatabase) -> None:
    version = old.store.tables.names.version
    tags = old.store.tables.job_tags
    with old.store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {version} (version_num VARCHAR(32))")
        tags.create(connection)
        connection.execute(tags.insert(), [{"job_id": "j", "tag": "t"}])
    old.make().load("nextdoor")

    with pytest.raises(SchemaMismatch, match="but the other tables are of this release"):
        old.store.migrate()

    with old.store.engine.connect() as connection:
        assert len(connection.execute(select(tags)).all()) == 1


def test_only_sqlite_is_upgraded_without_being_asked(old: OldDatabase, kind: str) -> None:
    old.make().load("nextdoor")

    if kind == "sqlite":
        old.store.open()
        assert len(jobs_of(old.store)) == 12
        return
    with pytest.raises(SchemaMismatch, match="run `ndscheduler migrate`"):
        old.store.open()
    with old.store.engine.connect() as connection:
        assert len(connection.execute(select(old.jobs)).all()) == 12


def test_several_at_once_upgrade_once(
    old: OldDatabase, kind: str, prefix: str, tmp_path: Path
) -> None:
    old.make().load("nextdoor")
    stores = [make_datastore(kind, prefix, tmp_path) for _ in range(5)]

    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(lambda store: store.migrate(), stores))

    for store in stores:
        store.close()
    assert sorted(text.split()[0] for text in told) == ["Already"] * 4 + ["Upgraded"]
    assert len(executions_of(old.store)) == 11


@contextmanager
def after_statement(words: str, act: Callable[[], None]) -> Iterator[None]:
    """Meanwhile `act()` once, after the first statement of any engine that has `words` in it."""
    left = [act]

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if words in statement and left:
            left.pop()()

    # An upgrade has connections of its own, on an engine that nobody sees.
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", after)
    assert not left


def test_who_waits_too_long_is_told_so(
    old: OldDatabase, kind: str, prefix: str, tmp_path: Path
) -> None:
    old.make().load("nextdoor")
    other = make_datastore(kind, prefix, tmp_path)

    def meanwhile() -> None:
        with pytest.raises(SchemaMismatch, match="Another ndscheduler is upgrading the database"):
            migrations.upgrade(other.engine, other.dialect, other.tables, wait_seconds=0.3)

    with after_statement(f"INSERT INTO {old.audit_logs.name}", meanwhile):
        old.store.migrate()

    other.close()
    assert len(jobs_of(old.store)) == 12


# MySQL can not undo what an upgrade does to tables: see test_upgrade_cut_short.
@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    with old_database(kind, prefix, tmp_path) as old:
        old.make().load("nextdoor")
        before = table_names(old.store, prefix)

        with (
            pytest.raises(RuntimeError, match="cut short"),
            after_statement(f"INSERT INTO {old.store.tables.job_stats.name}", _fail),
        ):
            old.store.migrate()

        assert table_names(old.store, prefix) == before
        with old.store.engine.connect() as connection:
            assert len(connection.execute(select(old.executions)).all()) == 11


def _fail() -> None:
    raise RuntimeError("cut short")


def test_a_command_upgrades_and_says_so(old: OldDatabase, kind: str, tmp_path: Path) -> None:
    old.make().load("nextdoor")
    settings = tmp_path / "settings_of_upgrade.py"
    settings.write_text(
        f"DATABASE_CLASS = {kind!r}\n"
        f"DATABASE_CONFIG_DICT = {db_config(kind, tmp_path)!r}\n"
        f"DATABASE_TABLENAMES = {old.store.table_names!r}\n"
        "HTTP_PORT = 0\n"
    )

    if kind != "sqlite":
        served = _ndscheduler("serve", tmp_path)
        assert (served.returncode, served.stdout) == (2, "")
        assert "This database was written by ndscheduler 0.x" in served.stderr
        assert "`ndscheduler migrate`" in served.stderr
    migrated, again = _ndscheduler("migrate", tmp_path), _ndscheduler("migrate", tmp_path)

    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert migrated.stdout.startswith("Upgraded the database of ndscheduler 0.x: 12 jobs")
    assert again.stdout.startswith("Already at revision")


def _ndscheduler(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"NDSCHEDULER_SETTINGS_MODULE": "settings_of_upgrade", "PATH": ""}
    return subprocess.run(
        [sys.executable, "-m", "ndscheduler", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


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


def test_a_database_that_is_away_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "datastore.db").write_text("no database at all\n" * 100)
    store = make_datastore("sqlite", "t", tmp_path)

    with pytest.raises(DatastoreUnavailable):
        store.migrate()

    store.close()
