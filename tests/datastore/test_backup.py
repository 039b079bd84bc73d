"""A backup holds everything as it was at one instant, and is put back whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import sqlite3
import stat
import threading
import tracemalloc
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import BackupError, SchemaMismatch
from ndscheduler.corescheduler.models import AuditEntry
from tests.database_fixtures import KINDS
from tests.databases import drop_tables, make_datastore, missing_reason
from tests.datastore.backup_contents import any_contents, clear, contents, fill, store
from tests.factories import NOON, a_job, an_execution, an_instance

STATES = ExecutionState


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatastoreBase]:
    """A database of each kind without tables, by other names than those of `datastore`."""
    reason = missing_reason(request.param)
    if reason is not None:
        pytest.skip(reason)
    yield from empty(request.param, tmp_path)


@pytest.fixture
def twin(kind: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    """A database of the same kind as `datastore`, without tables."""
    yield from empty(kind, tmp_path)


def empty(kind: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    folder = tmp_path / "target"
    folder.mkdir()
    opened = make_datastore(kind, f"t{uuid.uuid4().hex[:10]}", folder)
    yield opened
    drop_tables(opened)
    opened.close()


def count(datastore: DatastoreBase, name: str = "executions") -> int:
    """How many rows a table has."""
    query = select(func.count()).select_from(getattr(datastore.tables, name))
    return int(datastore.read(lambda connection: connection.scalar(query) or 0))


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


@pytest.mark.parametrize("state", [STATES.RUNNING, STATES.STOPPING])
def test_what_ran_becomes_interrupted_and_is_counted(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path, state: ExecutionState
) -> None:
    execution = an_execution(a_job(), state=state, owner="dead", started_time=NOON)
    datastore.write(datastore.executions.insert, execution)
    file = str(tmp_path / "b.jsonl")
    write_backup(datastore, file)

    restored = restore_backup(twin, file)

    found = twin.read(twin.executions.get, execution.id)
    assert (found.state, found.owner, found.started_time) == (STATES.INTERRUPTED, "dead", NOON)
    assert "from which the database was restored" in (found.reason or "")
    assert restored.interrupted == 1
    totals = twin.read(twin.stats.totals, NOON - timedelta(days=1))
    assert totals == {STATES.INTERRUPTED: 1}
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


@pytest.fixture
def lines(datastore: DatastoreBase, tmp_path: Path) -> list[bytes]:
    """The lines of a backup of a filled database."""
    datastore.write(datastore.jobs.insert, a_job(tags=("a",)))
    datastore.write(datastore.executions.insert, an_execution(a_job(), state=STATES.FAILED))
    write_backup(datastore, str(tmp_path / "whole.jsonl"))
    return (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)


def tables_in(datastore: DatastoreBase) -> list[str]:
    """The tables of this installation that there are."""
    ours = {table.name for table in datastore.tables.metadata.sorted_tables}
    with datastore.engine.connect() as connection:
        names = connection.dialect.get_table_names(connection)
    return sorted(ours & set(names))


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_file_that_is_cut_short_anywhere_is_refused_before_a_table_is_made(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    whole = b"".join(lines)
    file = tmp_path / "cut.jsonl"

    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"cut short|no backup"):
            restore_backup(twin, str(file))

    assert tables_in(twin) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_compressed_file_that_is_cut_short_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    whole = gzip.compress(b"".join(lines))
    file = tmp_path / "cut.jsonl.gz"

    for length in (5, 30, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"cut short|no backup"):
            restore_backup(twin, str(file))

    assert tables_in(twin) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_file_that_was_changed_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "changed.jsonl"
    file.write_bytes(b"".join(lines).replace(b"Backup", b"backup"))

    with pytest.raises(BackupError, match="damaged"):
        restore_backup(twin, str(file))

    assert tables_in(twin) == []


@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"{}", b"[1]\n", b"PK\x03\x04", b"\x1f\x8b", b"SQLite format 3\x00", b"\xff" * 99],
)
def test_a_file_that_is_no_backup_is_refused_in_one_sentence(tmp_path: Path, text: bytes) -> None:
    datastore = make_datastore("sqlite", "t", tmp_path)
    file = tmp_path / "b"
    file.write_bytes(text)

    with pytest.raises(BackupError) as refused:
        restore_backup(datastore, str(file))

    assert str(refused.value).count("\n") == 0
    datastore.close()


def test_a_sqlite_database_of_another_program_is_refused(tmp_path: Path) -> None:
    datastore = make_datastore("sqlite", "t", tmp_path)
    connection = sqlite3.connect(tmp_path / "b.db")
    connection.execute("CREATE TABLE scheduler_execution (id TEXT)")
    connection.close()

    with pytest.raises(BackupError, match="no tables of ndscheduler"):
        restore_backup(datastore, str(tmp_path / "b.db"))

    datastore.close()


def test_a_damaged_sqlite_database_is_refused(tmp_path: Path, prefix: str) -> None:
    source = make_datastore("sqlite", prefix, tmp_path)
    source.open()
    fill(source)
    file = tmp_path / "b.db"
    write_backup(source, str(file))
    middle = file.stat().st_size // 2
    with file.open("r+b") as opened:
        opened.truncate(middle)
    target = DatastoreSqlite({"file_path": str(tmp_path / "new.db")}, source.table_names)

    with pytest.raises(BackupError):
        restore_backup(target, str(file))

    assert not (tmp_path / "new.db").exists()
    source.close()
    target.close()


def test_a_damaged_database_is_not_backed_up(tmp_path: Path, prefix: str) -> None:
    source = make_datastore("sqlite", prefix, tmp_path)
    source.open()
    fill(source)
    source.close()
    with (tmp_path / "datastore.db").open("r+b") as opened:
        opened.seek(3 * 4096)
        opened.write(b"\xff" * 4096)

    with pytest.raises(BackupError):
        write_backup(source, str(tmp_path / "b.db"))

    assert not (tmp_path / "b.db").exists()
    source.close()


def test_a_database_with_rows_is_refused_by_the_name_of_the_table(
    datastore: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    name = datastore.tables.jobs.name

    with pytest.raises(BackupError, match=f"The table {name} has 1 rows"):
        restore_backup(datastore, str(tmp_path / "whole.jsonl"))


def test_a_database_that_a_scheduler_uses_is_refused(
    datastore: DatastoreBase, lines: list[bytes], twin: DatastoreBase, tmp_path: Path
) -> None:
    twin.open()
    now = utc_now() + timedelta(seconds=5)
    twin.write(twin.instances.insert, an_instance(heartbeat_at=now))

    with pytest.raises(BackupError, match="process 4711 on host-1"):
        restore_backup(twin, str(tmp_path / "whole.jsonl"))

    assert count(twin, "jobs") == 0


def test_rows_of_schedulers_that_ended_are_in_nobodys_way(
    datastore: DatastoreBase, lines: list[bytes], twin: DatastoreBase, tmp_path: Path
) -> None:
    twin.open()
    stopped = an_instance(heartbeat_at=utc_now(), stopped_at=utc_now())
    twin.write(twin.instances.insert, stopped)

    restore_backup(twin, str(tmp_path / "whole.jsonl"))

    assert (count(twin, "jobs"), count(twin, "instances")) == (1, 1)


def test_a_scheduler_that_lived_when_the_backup_was_made_is_in_nobodys_way(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    datastore.write(datastore.instances.insert, an_instance(heartbeat_at=utc_now()))
    file = str(tmp_path / "b.jsonl")
    write_backup(datastore, file)

    restore_backup(twin, file)

    assert contents(twin) == contents(datastore)


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


def failing(datastore: DatastoreBase, hook: Any) -> Any:
    """`run_long`, with `hook` called before every statement."""
    run_long = datastore.run_long

    def run(work: Any, *args: Any, **kwargs: Any) -> Any:
        def with_hook(engine: Any) -> Any:
            event.listen(engine, "before_cursor_execute", hook)
            return work(engine, *args, **kwargs)

        return run_long(with_hook)

    return run


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


def rewritten(lines: list[bytes], file: Path, change: Any) -> None:
    """Write a backup whose lines `change` has changed, with a checksum that fits."""
    values = [json.loads(line) for line in lines[:-1]]
    body = b"".join(json.dumps(value).encode() + b"\n" for value in change(values))
    end = {**json.loads(lines[-1]), "sha256": hashlib.sha256(body).hexdigest()}
    file.write_bytes(body + json.dumps(end).encode() + b"\n")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("head", "said"),
    [
        ({"revision": "9999"}, "newer ndscheduler"),
        ({"ndscheduler_backup": 2, "version": "7.0"}, r"newer ndscheduler \(7.0\)"),
    ],
)
def test_a_backup_of_a_newer_release_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path, head: dict[str, Any], said: str
) -> None:
    file = tmp_path / "newer.jsonl"
    rewritten(lines, file, lambda values: [{**values[0], **head}, *values[1:]])

    with pytest.raises(BackupError, match=said):
        restore_backup(twin, str(file))

    assert tables_in(twin) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_column_that_this_release_does_not_know_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "newer.jsonl"
    rewritten(lines, file, lambda values: with_column(values, "jobs", "mood"))

    with pytest.raises(BackupError, match="column 'mood' of jobs"):
        restore_backup(twin, str(file))

    assert count(twin, "jobs") == 0


def with_column(values: list[Any], table: str, column: str) -> list[Any]:
    """The lines with one more column of one table, of the value 1."""
    inside, changed = False, []
    for value in values:
        if isinstance(value, dict):
            inside = value.get("table") == table
            changed.append({**value, "columns": [*value["columns"], column]} if inside else value)
        else:
            changed.append([*value, 1] if inside else value)
    return changed


def without_columns(values: list[Any], table: str, columns: set[str]) -> list[Any]:
    """The lines without some columns of one table."""
    kept: list[int] = []
    inside, changed = False, []
    for value in values:
        if isinstance(value, dict):
            inside = value.get("table") == table
            names = value.get("columns", [])
            kept = [i for i, name in enumerate(names) if name not in columns]
            changed.append({**value, "columns": [names[i] for i in kept]} if inside else value)
        else:
            changed.append([value[i] for i in kept] if inside else value)
    return changed


def test_a_backup_of_the_first_revision_is_restored(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    datastore.write(datastore.instances.insert, an_instance(lease_seconds=30, threads=4))
    write_backup(datastore, str(tmp_path / "whole.jsonl"))
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    file = tmp_path / "older.jsonl"
    added = {"lease_microseconds", "threads"}
    rewritten(
        lines,
        file,
        lambda values: without_columns(
            [{**values[0], "revision": "0001"}, *values[1:]], "instances", added
        ),
    )

    restore_backup(twin, str(file))

    (found,) = contents(twin)["instances"]
    assert {name: found[name] for name in added} == dict.fromkeys(added)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_backup_that_lacks_what_a_row_must_have_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "older.jsonl"
    rewritten(lines, file, lambda values: without_columns(values, "jobs", {"trigger"}))

    with pytest.raises(BackupError, match="lacks 'trigger' of jobs"):
        restore_backup(twin, str(file))

    assert count(twin, "jobs") == 0


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


def test_nothing_is_left_where_a_backup_fails(datastore: DatastoreBase, tmp_path: Path) -> None:
    def fail(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if datastore.tables.audit_logs.name in sql:
            raise OSError(28, "No space left on device")

    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(datastore, "run_long", failing(datastore, fail))
        with pytest.raises(BackupError, match="No space left on device"):
            write_backup(datastore, str(folder / "b.jsonl"))

    assert list(folder.iterdir()) == []
