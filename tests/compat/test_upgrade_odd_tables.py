"""Old tables that are not quite as 0.x made them: in case, in kind, in what hangs on them."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from ndscheduler.corescheduler.datastore.legacy.history import History
from ndscheduler.corescheduler.datastore.legacy.old_audit import COLUMNS as OLD_AUDIT_COLUMNS
from ndscheduler.corescheduler.datastore.legacy.old_audit import audit_row_of
from ndscheduler.corescheduler.datastore.legacy.writer import Writer
from ndscheduler.corescheduler.datastore.paging import ExecutionFilter, PageRequest
from ndscheduler.corescheduler.errors import SchemaMismatch
from tests.compat.old_databases import old_database, sample_file
from tests.databases import PROVIDERS, missing_reason

ALL = PageRequest(limit=2000)
# How many executions the sample has.
EXECUTIONS = 11
BLANK_ENTRY = dict.fromkeys(OLD_AUDIT_COLUMNS)
COLUMNS = (
    "eid VARCHAR(191) PRIMARY KEY NOT NULL, hostname TEXT, pid INTEGER, state INTEGER, "
    "scheduled_time DATETIME, updated_time DATETIME, description TEXT, result TEXT, "
    "job_id TEXT, task_id TEXT"
)


def executions_after_upgrade(folder: Path, *statements: str) -> int:
    """How many executions the SQLite sample has once it is changed by `statements` and opened."""
    path = sample_file("nextdoor", folder)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    store = PROVIDERS["sqlite"]({"file_path": str(path)}, None)
    try:
        store.open()
        found = store.read(store.executions.page, ExecutionFilter(), ALL)
        return len(found.items)
    finally:
        store.close()


@pytest.mark.parametrize(
    "statements",
    [
        # Found by SQLite under either name: it was taken for no old table, and dropped.
        (
            "ALTER TABLE scheduler_execution RENAME TO x",
            "ALTER TABLE x RENAME TO Scheduler_Execution",
        ),
        (
            "ALTER TABLE scheduler_execution RENAME TO x",
            f"CREATE TABLE scheduler_execution ({COLUMNS}) WITHOUT ROWID",
            "INSERT INTO scheduler_execution SELECT * FROM x",
        ),
        ("CREATE VIEW broken AS SELECT * FROM nowhere",),
        ("CREATE VIEW last_runs AS SELECT eid, state FROM scheduler_execution",),
        (
            "CREATE TABLE child (eid TEXT REFERENCES scheduler_execution (eid) ON DELETE CASCADE)",
            "INSERT INTO child SELECT eid FROM scheduler_execution",
        ),
    ],
    ids=["other case", "no rowid", "broken view", "view", "foreign key"],
)
def test_every_execution_is_upgraded(statements: tuple[str, ...], tmp_path: Path) -> None:
    assert executions_after_upgrade(tmp_path, *statements) == EXECUTIONS


def test_a_view_in_the_place_of_a_table_is_refused(kind: str, prefix: str, tmp_path: Path) -> None:
    with old_database(kind, prefix, tmp_path) as old:
        old.make()
        name = old.jobs.name
        with old.store.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE {name}")
            connection.exec_driver_sql(f"CREATE VIEW {name} AS SELECT 1 AS id")

        try:
            with pytest.raises(SchemaMismatch, match="other programs under our names"):
                old.store.migrate()
        finally:
            with old.store.engine.begin() as connection:
                connection.exec_driver_sql(f"DROP VIEW {name}")


def test_rows_of_one_id_are_all_kept(tmp_path: Path) -> None:
    made = (
        "ALTER TABLE scheduler_execution RENAME TO x",
        "CREATE TABLE scheduler_execution AS SELECT * FROM x",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
        "INSERT INTO scheduler_execution SELECT 'same', hostname, pid, state, scheduled_time, "
        "updated_time, description, result, job_id, task_id FROM n JOIN (SELECT * FROM x LIMIT 4)",
    )

    assert executions_after_upgrade(tmp_path, *made) == EXECUTIONS + 1200


def test_a_full_disk_is_told_and_not_what_came_of_it(tmp_path: Path) -> None:
    store = PROVIDERS["sqlite"]({"file_path": str(tmp_path / "full.db")}, None)
    store.open()
    table = store.tables.audit_logs
    row = audit_row_of(BLANK_ENTRY, 1) | {"description": "x" * 1_000_000}

    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
        writer = Writer(connection, store.dialect, table, lambda: None)
        writer.add(row)
        with pytest.raises(OperationalError, match="is full"):
            writer.flush()

    store.close()


def test_times_that_only_postgresql_has_are_told(prefix: str, tmp_path: Path) -> None:
    reason = missing_reason("postgres")
    if reason is not None:
        pytest.skip(reason)
    with old_database("postgres", prefix, tmp_path) as old:
        old.make()
        with old.store.engine.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO {old.executions.name} (eid, state, job_id, scheduled_time, "
                "updated_time) VALUES ('e', 5, 'j', 'infinity', '0044-03-15 BC')"
            )

        old.store.migrate()

        (row,) = old.store.read(old.store.executions.page, ExecutionFilter(), ALL).items
        assert row.state == 5
        assert "scheduled_time 'infinity' and updated_time '0044-03-15 00:00:00 BC'" in (
            row.reason or ""
        )


def test_a_job_with_a_long_log_takes_little_memory(kind: str, prefix: str, tmp_path: Path) -> None:
    with old_database(kind, prefix, tmp_path) as old:
        old.store.open()
        entry = {"job_id": "j", "job_name": "n", "event": 2, "description": "x" * 20_000}
        rows = [audit_row_of(BLANK_ENTRY | entry, number) for number in range(1000)]
        with old.store.engine.begin() as connection:
            connection.execute(old.store.tables.audit_logs.insert(), rows)

            tracemalloc.start()
            found = History(connection, old.store.tables).snapshots(["j"])
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

    assert found["j"].name == "n"
    assert peak < 8_000_000
