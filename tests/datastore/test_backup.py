"""A backup holds everything as it was at one instant, and is put back whole or not at all."""

from __future__ import annotations

import itertools
import stat
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.errors import BackupError, SchemaMismatch
from tests.database_fixtures import KINDS
from tests.databases import drop_tables, make_datastore, missing_reason
from tests.datastore.backup_contents import any_contents, clear, contents, fill, store
from tests.datastore.backup_files import count
from tests.factories import NOON, a_job, an_execution


@pytest.mark.parametrize("name", ["b.jsonl", "b.jsonl.gz"])
def test_a_backup_of_any_database_is_restored_into_any_other_as_it_was(
    datastore: DatastoreBase, target: DatastoreBase, tmp_path: Path, name: str
) -> None:
    fill(datastore)
    file = str(tmp_path / name)

    write_backup(datastore, file)
    restored = restore_backup(target, file)

    assert contents(target) == contents(datastore)
    assert restored.rows["executions"] == count(datastore)


def test_a_copy_of_a_sqlite_database_is_restored_into_any_other(
    target: DatastoreBase, tmp_path: Path, prefix: str
) -> None:
    source = make_datastore("sqlite", prefix, tmp_path)
    source.open()
    fill(source)
    names = dict(zip(target.table_names, source.table_names.values(), strict=True))
    file = str(tmp_path / "b.db")

    write_backup(source, file)
    # A SQLite file has the names of its own tables.
    target_by_names = type(target)(target.db_config, names)
    try:
        restore_backup(target_by_names, file)
        assert contents(target_by_names) == contents(source)
    finally:
        drop_tables(target_by_names)
        target_by_names.close()
        source.close()


def test_a_copy_of_a_sqlite_database_is_a_database(tmp_path: Path, prefix: str) -> None:
    source = make_datastore("sqlite", prefix, tmp_path)
    source.open()
    fill(source)
    copy = DatastoreSqlite({"file_path": str(tmp_path / "b.db")}, source.table_names)

    write_backup(source, str(tmp_path / "b.db"))
    copy.open()

    assert contents(copy) == contents(source)
    source.close()
    copy.close()


@pytest.mark.timeout(300)
def test_moving_from_database_to_database_and_back_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    for kind in KINDS:
        if (reason := missing_reason(kind)) is not None:
            pytest.skip(reason)
    prefix, folders = f"t{uuid.uuid4().hex[:10]}", [tmp_path_factory.mktemp(k) for k in "abcd"]
    chain = [
        make_datastore(kind, prefix, folder)
        for kind, folder in zip(("sqlite", "postgres", "mysql", "sqlite"), folders, strict=True)
    ]
    for each in chain:
        each.open()

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def moved(data: st.DataObject) -> None:
        for each in chain:
            clear(each)
        rows = data.draw(any_contents(chain[0]))
        store(chain[0], rows)
        for source, following in itertools.pairwise(chain):
            file = str(folders[0] / f"{new_id()}.jsonl")
            write_backup(source, file)
            restore_backup(following, file)
        assert contents(chain[-1]) == contents(chain[0])

    try:
        moved()
    finally:
        for each in chain:
            drop_tables(each)
            each.close()


@pytest.mark.parametrize("state", [ExecutionState.RUNNING, ExecutionState.STOPPING])
def test_what_ran_becomes_interrupted_and_is_counted(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path, state: ExecutionState
) -> None:
    execution = an_execution(a_job(), state=state, owner="dead", started_time=NOON)
    datastore.write(datastore.executions.insert, execution)
    file = str(tmp_path / "b.jsonl")
    write_backup(datastore, file)

    restored = restore_backup(twin, file)

    found = twin.read(twin.executions.get, execution.id)
    assert (found.state, found.owner, found.started_time) == (
        ExecutionState.INTERRUPTED,
        "dead",
        NOON,
    )
    assert "from which the database was restored" in (found.reason or "")
    assert restored.interrupted == 1
    totals = twin.read(twin.stats.totals, NOON - timedelta(days=1))
    assert totals == {ExecutionState.INTERRUPTED: 1}
    assert twin.read(twin.stats.live_counts) == {}


def test_what_was_queued_stays_queued(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    file = str(tmp_path / "b.jsonl")
    write_backup(datastore, file)

    restore_backup(twin, file)

    (queued,) = twin.read(twin.lifecycle.queued, "threads", 10, None)
    assert queued == execution


def test_logins_are_not_restored(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    table, now = datastore.tables.sessions, utc_now()
    times = {"created_at": now, "last_seen_at": now, "expires_at": now}
    row = {"id_hash": "hash-of-a-session", "user_name": "ana", **times}
    datastore.write(lambda connection: connection.execute(table.insert(), [row]))
    file = tmp_path / "b.jsonl"
    write_backup(datastore, str(file))

    restore_backup(twin, str(file))

    assert (count(twin, "sessions"), "hash-of-a-session" in file.read_text()) == (0, False)


def test_a_database_without_tables_has_nothing_to_back_up(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    datastore = make_datastore(kind, prefix, tmp_path)
    if kind == "sqlite":
        with datastore.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA user_version = 1")

    with pytest.raises(SchemaMismatch, match="no tables yet"):
        write_backup(datastore, str(tmp_path / "b.jsonl"))

    assert not (tmp_path / "b.jsonl").exists()
    datastore.close()


def test_a_backup_is_for_its_owner_alone(datastore: DatastoreBase, tmp_path: Path) -> None:
    for name in ("b.jsonl", "b.jsonl.gz", "b"):
        write_backup(datastore, str(tmp_path / name))

        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_file_that_exists_is_overwritten_only_if_that_is_said(
    datastore: DatastoreBase, tmp_path: Path
) -> None:
    file = tmp_path / "b.jsonl"
    file.write_text("precious")

    with pytest.raises(BackupError, match="exists already"):
        write_backup(datastore, str(file))

    assert file.read_text() == "precious"
    write_backup(datastore, str(file), overwrite=True)
    assert file.read_text().startswith('{"ndscheduler_backup"')
