"""An upgrade is asked for, runs once, waits for others, and fails without a trace."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.errors import DatastoreUnavailable, SchemaMismatch
from tests.compat.old_databases import (
    OldDatabase,
    old_database,
    table_names,
)
from tests.compat.upgraded import entries_of, executions_of, jobs_of
from tests.databases import db_config, make_datastore


def test_a_second_run_changes_nothing(old: OldDatabase) -> None:
    old.make().load("nextdoor").store.migrate()
    before = (jobs_of(old.store), executions_of(old.store), entries_of(old.store))

    told = old.store.migrate()

    assert told.startswith("Already")
    assert (jobs_of(old.store), executions_of(old.store), entries_of(old.store)) == before


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


def test_a_database_that_is_away_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "datastore.db").write_text("no database at all\n" * 100)
    store = make_datastore("sqlite", "t", tmp_path)

    with pytest.raises(DatastoreUnavailable):
        store.migrate()

    store.close()
