"""Which tables are upgraded, under which names, and which are none of ours."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from sqlalchemy import Column, Index, Integer, Text, inspect, select

from ndscheduler.corescheduler.errors import ConfigError, SchemaMismatch
from tests.compat.old_databases import (
    OldDatabase,
    drop_everything,
    old_database,
    table_names,
)
from tests.compat.upgraded import an_entry, an_execution, entries_of, executions_of, jobs_of
from tests.databases import PROVIDERS, db_config, missing_reason


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
