"""`ndscheduler backup` and `restore` as a user runs them: killed, out of room, through a pipe."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.processes import wait_until
from tests.databases import drop_tables, make_datastore
from tests.datastore.backup_contents import contents, fill
from tests.factories import NOON, a_job, an_execution

ROWS = 6000


def program(
    datastore: DatastoreBase, kind: str, *argv: str, **more: Any
) -> subprocess.Popen[bytes]:
    """`ndscheduler` with the settings of `datastore`."""
    settings = {
        "DATABASE_CLASS": kind,
        "DATABASE_CONFIG_DICT": datastore.db_config,
        "DATABASE_TABLENAMES": datastore.table_names,
    }
    shown = {f"NDSCHEDULER_{name}": json.dumps(value) for name, value in settings.items()}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-m", "ndscheduler", *argv],
        env={**os.environ, **shown},
        **{**pipes, **more},
    )


def run(datastore: DatastoreBase, kind: str, *argv: str, **more: Any) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of the program."""
    process = program(datastore, kind, *argv, **more)
    out, err = process.communicate(timeout=60)
    return process.returncode, (out or b"").decode(), (err or b"").decode()


@pytest.fixture
def twin(kind: str, datastore: DatastoreBase, tmp_path: Path) -> Iterator[DatastoreBase]:
    """Another database of the same kind, with empty tables."""
    folder = tmp_path / "twin"
    folder.mkdir()
    opened = make_datastore(kind, f"t{uuid.uuid4().hex[:10]}", folder)
    opened.open()
    yield opened
    drop_tables(opened)
    opened.close()


@pytest.fixture
def long_history(datastore: DatastoreBase) -> DatastoreBase:
    """So many executions that to copy them takes a moment."""
    job = a_job()
    for start in range(0, ROWS, 500):
        batch = [
            an_execution(
                job,
                state=ExecutionState.SUCCEEDED,
                fire_time=NOON + timedelta(seconds=start + i),
                result="x" * 500,
            )
            for i in range(500)
        ]
        datastore.write(datastore.claims.insert_executions, batch)
    return datastore


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, if it has not ended by itself."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def test_a_backup_goes_through_a_pipe_into_another_database(
    kind: str, datastore: DatastoreBase, twin: DatastoreBase
) -> None:
    fill(datastore)

    writer = program(datastore, kind, "backup", "-")
    status, out, err = run(twin, kind, "restore", "-", stdin=writer.stdout)
    writer.communicate(timeout=30)

    assert (writer.returncode, status, err) == (0, 0, "")
    assert out.startswith("Restored 2 jobs, ")
    assert contents(twin) == contents(datastore)


def test_a_backup_that_is_killed_leaves_no_file(
    kind: str, long_history: DatastoreBase, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    names = ["b.jsonl", "b.jsonl.gz", *(["b.db"] if kind == "sqlite" else [])]

    for name in names:
        process = program(long_history, kind, "backup", str(folder / name))
        wait_until(lambda: is_begun(folder), 30, "the start of the backup")
        os.kill(process.pid, signal.SIGSTOP)
        has_ended = (folder / name).exists()
        kill(process)
        assert has_ended or not (folder / name).exists()
        if has_ended:
            assert sound(folder / name, kind, long_history, tmp_path)


def is_begun(folder: Path) -> bool:
    """True once something of a backup has been written beside its file, or the file is there."""
    partial = [path for path in folder.glob(".ndscheduler-backup-*/*") if path.stat().st_size]
    return bool(partial) or any(path.is_file() for path in folder.iterdir())


def sound(file: Path, kind: str, datastore: DatastoreBase, folder: Path) -> bool:
    """True if `file` can be restored, whole."""
    copy = make_datastore("sqlite", "c", folder / uuid.uuid4().hex)
    Path(copy.db_config["file_path"]).parent.mkdir()
    renamed = type(copy)(copy.db_config, datastore.table_names)
    rows = restore_backup(renamed, str(file)).rows["executions"]
    renamed.close()
    copy.close()
    return rows == ROWS


def test_a_backup_that_is_killed_while_it_replaces_one_leaves_the_old_one(
    kind: str, long_history: DatastoreBase, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "b.jsonl"
    file.write_text("the old one")

    process = program(long_history, kind, "backup", str(file), "--force")
    wait_until(lambda: list(folder.glob(".ndscheduler-backup-*/*")), 30, "the start")
    kill(process)

    assert file.read_text() == "the old one" or sound(file, kind, long_history, tmp_path)


def rows_under_way(kind: str, datastore: DatastoreBase) -> bool:
    """True if executions have been inserted, by a transaction that need not have ended."""
    table = datastore.tables.executions
    if kind == "sqlite":
        log = Path(datastore.db_config["file_path"] + "-wal")
        return log.exists() and log.stat().st_size > 500_000
    if kind == "mysql":
        options = {"isolation_level": "READ UNCOMMITTED"}
        with datastore.engine.connect().execution_options(**options) as connection:
            return bool(connection.scalar(select(func.count()).select_from(table)))
    query = text("SELECT pg_relation_size(:name)")
    return bool(datastore.read(lambda c: c.scalar(query, {"name": table.name})))


def test_a_restore_that_is_killed_leaves_nothing(
    kind: str, long_history: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    file = str(tmp_path / "b.jsonl")
    write_backup(long_history, file)

    process = program(twin, kind, "restore", file)
    wait_until(lambda: rows_under_way(kind, twin), 30, "the first rows")
    kill(process)

    assert contents(twin)["executions"] == []
    wait_until(lambda: restored(twin, file), 30, "a restore after the killed one")
    assert contents(twin) == contents(long_history)


def restored(datastore: DatastoreBase, file: str) -> bool:
    restore_backup(datastore, file)
    return True


def small_files() -> None:
    """No file grows beyond 200 KB, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


@pytest.mark.parametrize("name", ["b.jsonl", "b.db"])
def test_a_full_disk_is_one_sentence_and_leaves_no_file(
    kind: str, long_history: DatastoreBase, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    status, out, err = run(long_history, kind, "backup", str(folder / name), preexec_fn=small_files)

    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert "can not be" in err
    assert list(folder.iterdir()) == []


def test_standard_output_that_is_full_is_one_sentence(kind: str, datastore: DatastoreBase) -> None:
    fill(datastore)

    with open("/dev/full", "wb") as full:
        status, _, err = run(datastore, kind, "backup", "-", stdout=full)

    assert (status, err) == (
        2,
        "The backup can not be written to standard output: No space left on device.\n",
    )


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("backup", "no-such-folder/b.jsonl"), "No such file or directory"),
        (("backup", "."), ". is no file."),
        (("backup", "-", "--format", "sqlite"), "use jsonl"),
        (("restore", "no-such-file"), "No such file or directory"),
        (("restore", "."), "Is a directory"),
        (("restore", os.devnull), "is no backup of ndscheduler"),
    ],
)
def test_what_can_not_be_done_is_one_sentence_with_status_2(
    tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    datastore = make_datastore("sqlite", "t", tmp_path)
    datastore.open()
    datastore.close()

    status, out, err = run(datastore, "sqlite", *argv, cwd=tmp_path)

    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_missing_sqlite_file_is_not_made_by_a_backup_of_it(tmp_path: Path) -> None:
    datastore = make_datastore("sqlite", "t", tmp_path)

    for name in ("b.db", "b.jsonl"):
        status, _, err = run(datastore, "sqlite", "backup", str(tmp_path / name))
        assert (status, "There is no database" in err) == (2, True)

    assert list(tmp_path.glob("*.*")) == []
