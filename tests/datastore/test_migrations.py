"""The migrations make the tables that the code works with, once, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import DatastoreUnavailable, SchemaMismatch
from tests.databases import drop_tables, make_datastore


def test_the_migrations_make_the_tables_of_the_code(datastore: DatastoreBase) -> None:
    ours = {table.name for table in datastore.tables.metadata.sorted_tables}

    with datastore.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": datastore.tables.names.version,
                "include_name": lambda name, kind, _: kind != "table" or name in ours,
                "compare_type": True,
            },
        )
        differences = compare_metadata(context, datastore.tables.metadata)

    assert differences == []


def test_a_second_upgrade_changes_nothing(datastore: DatastoreBase) -> None:
    assert datastore.migrate().startswith("Already")


def test_many_processes_that_open_an_empty_database_make_the_tables_once(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    stores = [make_datastore(kind, prefix, tmp_path) for _ in range(5)]

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda store: store.open(), stores))

    stores[0].check_schema()
    drop_tables(stores[0])
    for store in stores:
        store.close()


def test_a_database_without_tables_is_said_so(kind: str, prefix: str, tmp_path: Path) -> None:
    store = make_datastore(kind, prefix, tmp_path)

    with pytest.raises(SchemaMismatch, match="run `ndscheduler migrate`"):
        store.check_schema()

    store.close()


def test_a_newer_schema_is_refused(datastore: DatastoreBase) -> None:
    version = datastore.tables.names.version
    with datastore.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {version} SET version_num = '9999'")

    with pytest.raises(SchemaMismatch, match="newer ndscheduler"):
        datastore.open()


def test_tables_of_somebody_else_are_left_alone(kind: str, prefix: str, tmp_path: Path) -> None:
    store = make_datastore(kind, prefix, tmp_path)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {prefix}_jobs (id VARCHAR(191), job_state TEXT)")

    with pytest.raises(SchemaMismatch, match="DATABASE_TABLENAMES"):
        store.open()

    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {prefix}_jobs")
    store.close()


def test_a_refused_sqlite_file_is_not_touched(tmp_path: Path) -> None:
    store = make_datastore("sqlite", "t", tmp_path)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t_jobs (id TEXT, job_state BLOB)")
    before = (tmp_path / "datastore.db").read_bytes()

    with pytest.raises(SchemaMismatch):
        store.open()

    store.close()
    assert (tmp_path / "datastore.db").read_bytes() == before


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "datastore.db").write_text("no database at all\n" * 100)
    store = make_datastore("sqlite", "t", tmp_path)

    with pytest.raises(DatastoreUnavailable, match=r"datastore\.db .*not a database"):
        store.open()

    store.close()


def test_a_database_of_the_first_revision_is_upgraded_in_place(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    store = make_datastore(kind, prefix, tmp_path)
    store.open()
    instances, version = store.tables.instances.name, store.tables.names.version
    with store.engine.begin() as connection:
        for column in ("threads", "lease_microseconds"):
            connection.exec_driver_sql(f"ALTER TABLE {instances} DROP COLUMN {column}")
        connection.exec_driver_sql(f"UPDATE {version} SET version_num = '0001'")

    with pytest.raises(SchemaMismatch, match="older than"):
        store.check_schema()
    sentence = store.migrate()

    store.check_schema()
    assert sentence.startswith("Upgraded to revision")
    drop_tables(store)
    store.close()
