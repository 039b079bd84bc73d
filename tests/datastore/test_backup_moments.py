"""A backup shows one instant, whatever happens meanwhile, and takes little memory."""

from __future__ import annotations

import sqlite3
import threading
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import BackupError
from ndscheduler.corescheduler.models import AuditEntry
from tests.datastore.backup_contents import clear, contents
from tests.datastore.backup_files import count, failing
from tests.factories import NOON, a_job, an_execution


def write_pairs(datastore: DatastoreBase, stop: threading.Event) -> None:
    """Add an execution and an audit entry at a time, in one transaction, until `stop`."""

    def pair(connection: Connection) -> None:
        job = a_job()
        datastore.executions.insert(connection, an_execution(job, result="x" * 1000))
        entry = AuditEntry(new_id(), AuditEvent.ADDED, job.id, "n", "u", utc_now())
        datastore.audit_logs.insert(connection, entry)

    while not stop.is_set():
        datastore.loop.write(pair)


@pytest.mark.parametrize("name", ["b.jsonl", "b.db"])
def test_a_backup_made_while_others_write_shows_one_instant(
    datastore: DatastoreBase, twin: DatastoreBase, kind: str, tmp_path: Path, name: str
) -> None:
    if kind != "sqlite" and name == "b.db":
        return
    stop = threading.Event()
    writer = threading.Thread(target=write_pairs, args=(datastore, stop))
    writer.start()
    files = [str(tmp_path / f"{i}{name}") for i in range(5)]
    try:
        for file in files:
            write_backup(datastore, file)
    finally:
        stop.set()
        writer.join(30)

    found = []
    for file in files:
        if name == "b.db":
            found.append(counts_in_sqlite(file, datastore))
        else:
            restore_backup(twin, file)
            found.append((count(twin), count(twin, "audit_logs")))
            clear(twin)
    assert all(executions == entries for executions, entries in found)
    assert found[0][0] < found[-1][0]


def counts_in_sqlite(file: str, datastore: DatastoreBase) -> tuple[int, int]:
    connection = sqlite3.connect(file)
    try:
        names = (datastore.tables.executions.name, datastore.tables.audit_logs.name)
        first, second = (
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names
        )
    finally:
        connection.close()
    return first, second


def test_a_backup_never_holds_all_rows_in_memory(datastore: DatastoreBase, tmp_path: Path) -> None:
    job, size = a_job(), 40_000
    for start in range(0, 400, 40):
        batch = [
            an_execution(job, fire_time=NOON + timedelta(seconds=start + i), result="x" * size)
            for i in range(40)
        ]
        datastore.write(datastore.claims.insert_executions, batch)

    tracemalloc.start()
    write_backup(datastore, str(tmp_path / "b.jsonl"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (tmp_path / "b.jsonl").stat().st_size > 400 * size
    assert peak < 250 * size


def test_a_restore_never_holds_all_rows_in_memory(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    job, size = a_job(), 40_000
    executions = [
        an_execution(job, fire_time=NOON + timedelta(seconds=i), result="x" * size)
        for i in range(400)
    ]
    for start in range(0, 400, 40):
        datastore.write(datastore.claims.insert_executions, executions[start : start + 40])
    write_backup(datastore, str(tmp_path / "b.jsonl"))
    twin.open()

    tracemalloc.start()
    restore_backup(twin, str(tmp_path / "b.jsonl"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count(twin) == 400
    assert peak < 250 * size


def test_nothing_is_restored_if_a_row_is_refused(
    datastore: DatastoreBase, lines: list[bytes], twin: DatastoreBase, tmp_path: Path
) -> None:
    twin.open()
    executions = twin.tables.executions.name

    def fail(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith("INSERT INTO") and executions in sql:
            raise MemoryError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(twin, "run_long", failing(twin, fail))
        with pytest.raises(MemoryError):
            restore_backup(twin, str(tmp_path / "whole.jsonl"))

    assert contents(twin) == {name: [] for name in contents(twin)}
    restore_backup(twin, str(tmp_path / "whole.jsonl"))
    assert contents(twin) == contents(datastore)


def test_what_another_program_stores_meanwhile_undoes_a_restore(
    datastore: DatastoreBase, lines: list[bytes], twin: DatastoreBase, tmp_path: Path
) -> None:
    twin.open()
    table = twin.tables.users
    times = {"created_at": NOON, "updated_at": NOON}
    row = {"id": "x", "name": "x", "role": "admin", "is_disabled": False, **times}
    stored: list[bool] = []

    def store_once(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith("INSERT INTO") and not stored:
            stored.append(True)
            twin.write(lambda connection: connection.execute(table.insert(), [row]))

    if twin.dialect.name == "sqlite":
        # There is one writer at a time.
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(twin, "run_long", failing(twin, store_once))
        with pytest.raises(BackupError, match="Another program writes"):
            restore_backup(twin, str(tmp_path / "whole.jsonl"))

    assert count(twin, "jobs") == 0


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", ["sqlite", "jsonl"])
def test_a_backup_never_takes_the_place_of_the_database_itself(
    datastore: DatastoreBase, tmp_path: Path, form: str
) -> None:
    database = Path(str(datastore.dialect.url.database))
    link = tmp_path / "link"
    link.symlink_to(database)
    before = database.stat().st_ino

    for file in (str(database), str(link), f"{database}-wal", f"{database}-journal"):
        with pytest.raises(BackupError, match="belongs to the database itself"):
            write_backup(datastore, file, form, overwrite=True)

    assert database.stat().st_ino == before


def test_nothing_is_left_where_a_backup_fails(datastore: DatastoreBase, tmp_path: Path) -> None:
    def fail(_conn: Any, cursor: Any, sql: str, *_: Any) -> None:
        if datastore.tables.audit_logs.name in sql:
            # SQLAlchemy does not, of a statement that was not begun.
            cursor.close()
            raise OSError(28, "No space left on device")

    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(datastore, "run_long", failing(datastore, fail))
        with pytest.raises(BackupError, match="No space left on device"):
            write_backup(datastore, str(folder / "b.jsonl"))

    assert list(folder.iterdir()) == []
