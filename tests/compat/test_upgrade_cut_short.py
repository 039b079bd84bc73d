"""An upgrade that is cut short anywhere is gone on with, or has touched nothing."""

from __future__ import annotations

import itertools
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import DatastoreUnavailable, SchemaMismatch
from tests.compat.old_databases import (
    OldDatabase,
    old_database,
    pickled_jobs,
    sample_file,
    table_names,
)
from tests.compat.upgraded import (
    an_entry,
    an_execution,
    entries_of,
    executions_of,
    jobs_of,
)
from tests.databases import db_config, make_datastore

IS_FULL = os.environ.get("NDSCHEDULER_CHAOS") == "full"
KILLS = 40 if IS_FULL else 4
PROCESSES = 50 if IS_FULL else 6
ROWS = 20_000 if IS_FULL else 4_000


_READS = re.compile(r"\s*(SELECT|SHOW|DESCRIBE|PRAGMA|SET|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


class CutShort(Exception):
    """What the process did next it never did."""


def migrate_up_to(store: DatastoreBase, statements: int) -> bool:
    """Let so many statements of an upgrade change something; True if it came to its end."""
    left = itertools.repeat(None, statements)

    def count(_connection: Any, _cursor: Any, statement: str, *_args: Any) -> None:
        if _READS.match(statement) is None and next(left, CutShort) is CutShort:
            raise CutShort

    # An upgrade has connections of its own, on an engine that nobody sees.
    event.listen(Engine, "before_cursor_execute", count)
    try:
        store.migrate()
    except CutShort:
        return False
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return True


def fill(old: OldDatabase) -> OldDatabase:
    """A little of everything."""
    old.make().add_job("plain", pickled_jobs()["master_aps3110"]["plain"])
    old.add(old.executions, *(an_execution(f"e{n}", state=n % 9, job_id="plain") for n in range(9)))
    return old.add(old.audit_logs, *(an_entry(description=f"e{n}", event=5) for n in range(3)))


def check(store: DatastoreBase) -> None:
    """All of `fill` is there, once."""
    assert set(jobs_of(store)) == {"plain"}
    executions = executions_of(store).values()
    assert sorted(row.id for row in executions) == [f"e{n}" for n in range(9)]
    assert [row.id for row in executions if row.trigger_kind == "manual"] == ["e2", "e1", "e0"]
    assert [row.description for row in entries_of(store)] == ["e2", "e1", "e0"]
    assert sum(store.read(store.stats.totals, _LONG_AGO).values()) == 9


@pytest.mark.timeout(900)
def test_an_upgrade_cut_short_before_any_statement_is_gone_on_with(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    # MySQL commits at every change of a table, so there every statement counts.
    step = 1 if IS_FULL else 3 if kind == "mysql" else 7
    for statements in itertools.count(0, step):
        with old_database(kind, prefix, tmp_path) as old:
            if migrate_up_to(fill(old).store, statements):
                break
            _is_refused(old.store, kind)
            old.store.migrate()

            check(old.store)
            assert _leftovers(old.store, prefix) == set()
    assert statements > 20


def test_one_cut_short_twice_is_gone_on_with(prefix: str, tmp_path: Path, kind: str) -> None:
    chance = random.Random(5)
    for _ in range(10 if IS_FULL else 3):
        with old_database(kind, prefix, tmp_path) as old:
            fill(old)
            for _ in range(4):
                migrate_up_to(old.store, chance.randrange(45))
            old.store.migrate()

            check(old.store)


def _is_refused(store: DatastoreBase, kind: str) -> None:
    """No scheduler starts on a half of it; SQLite's goes on by itself."""
    if kind == "sqlite":
        return
    with pytest.raises(SchemaMismatch, match="ndscheduler migrate"):
        store.open()


def _leftovers(store: DatastoreBase, prefix: str) -> set[str]:
    """Tables that are neither ours nor kept ones."""
    ours = {table.name for table in store.tables.metadata.sorted_tables}
    ours.add(store.tables.names.version)
    return {name for name in table_names(store, prefix) if not name.endswith("_0x")} - ours


@pytest.fixture
def large(kind: str, prefix: str, tmp_path: Path) -> Iterator[OldDatabase]:
    """A 0.x database that takes a while."""
    with old_database(kind, prefix, tmp_path) as old:
        old.make().load("nextdoor")
        rows = [an_execution(f"e{n}", result="x" * 100) for n in range(ROWS)]
        old.add(old.executions, *rows)
        old.add(old.audit_logs, *(an_entry(description=f"e{n}") for n in range(ROWS // 4)))
        yield old


@pytest.mark.timeout(600)
def test_killed_at_random_nothing_is_lost(large: OldDatabase, kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    for _ in range(KILLS):
        with _migrate(large, kind, tmp_path) as process:
            try:
                process.wait(chance.uniform(0.5, 4.0))
                break
            except subprocess.TimeoutExpired:
                process.kill()

    told = large.store.migrate()

    assert told.startswith(("Upgraded", "Already"))
    _check_large(large)


@pytest.mark.timeout(600)
def test_processes_that_start_at_once_upgrade_once_without_an_error(
    large: OldDatabase, kind: str, tmp_path: Path
) -> None:
    processes = [_migrate(large, kind, tmp_path) for _ in range(PROCESSES)]

    ended = [(*process.communicate(timeout=500), process.returncode) for process in processes]

    assert [status for _out, _errors, status in ended] == [0] * PROCESSES, ended
    assert sum(out.startswith("Upgraded the database of") for out, *_rest in ended) == 1
    _check_large(large)


def _check_large(old: OldDatabase) -> None:
    store = old.store
    with store.engine.connect() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar_one()
            for table in (store.tables.jobs, store.tables.executions, store.tables.audit_logs)
        ]
    assert counts == [12, 11 + ROWS, 26 + ROWS // 4]
    store.check_schema()


def _migrate(old: OldDatabase, kind: str, folder: Path) -> subprocess.Popen[str]:
    (folder / "settings_of_upgrade.py").write_text(
        f"DATABASE_CLASS = {kind!r}\n"
        f"DATABASE_CONFIG_DICT = {db_config(kind, folder)!r}\n"
        f"DATABASE_TABLENAMES = {old.store.table_names!r}\n"
    )
    return subprocess.Popen(
        [sys.executable, "-m", "ndscheduler", "migrate"],
        cwd=folder,
        env={"NDSCHEDULER_SETTINGS_MODULE": "settings_of_upgrade", "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_file_that_can_not_grow_keeps_the_old_tables(tmp_path: Path) -> None:
    path = sample_file("nextdoor", tmp_path)
    before = _dump(path)
    store = make_datastore("sqlite", "x", tmp_path)
    store = type(store)({"file_path": str(path)}, None)
    pages = path.stat().st_size // 4096

    def full(connection: Any) -> None:
        connection.connection.driver_connection.execute(f"PRAGMA max_page_count = {pages + 5}")

    event.listen(Engine, "engine_connect", full)
    try:
        with pytest.raises(DatastoreUnavailable, match="full"):
            store.migrate()
    finally:
        event.remove(Engine, "engine_connect", full)
        store.close()
    assert _dump(path) == before


def test_a_disk_that_fills_keeps_the_old_tables_and_the_upgrade_is_done_later(
    tmp_path: Path,
) -> None:
    path = sample_file("pypi030", tmp_path)
    before, size = _dump(path), path.stat().st_size
    script = (
        "from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite as S\n"
        f"S({{'file_path': {str(path)!r}}}, None).open()"
    )

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, size + 40_000))

    cut = subprocess.run(
        [sys.executable, "-B", "-c", script], preexec_fn=full, capture_output=True, check=False
    )

    assert b"DatastoreUnavailable" in cut.stderr
    assert _dump(path) == before
    store = type(make_datastore("sqlite", "x", tmp_path))({"file_path": str(path)}, None)
    store.open()
    assert len(jobs_of(store)) == 12
    store.close()


def test_text_that_is_no_utf8_and_nul_characters_are_kept_readable(tmp_path: Path) -> None:
    path = sample_file("nextdoor", tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE scheduler_execution SET result = CAST(x'636166e92dc3a9' AS TEXT), "
            "description = 'a' || char(0) || 'b', scheduled_time = 'yesterday' WHERE state = 4"
        )
        connection.execute("UPDATE scheduler_jobauditlog SET user = CAST(x'ff' AS TEXT)")
        connection.execute("UPDATE scheduler_jobs SET job_state = 'text' WHERE rowid = 1")
        connection.commit()
    store = type(make_datastore("sqlite", "x", tmp_path))({"file_path": str(path)}, None)

    store.open()

    (failed,) = [row for row in executions_of(store).values() if row.state == 4]
    assert failed.result == "caf\\xe9-é"
    assert failed.description == "a\N{REPLACEMENT CHARACTER}b"
    assert (
        failed.reason == "ndscheduler 0.x had stored scheduled_time 'yesterday', which is no time."
    )
    assert {entry.user for entry in entries_of(store)} == {"\\xff", "upgrade"}
    assert len(jobs_of(store)) == 12
    store.close()


def _dump(path: Path) -> list[str]:
    """The whole of a SQLite file, as any reader finds it."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
