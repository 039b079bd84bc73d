"""Who may read the files of a SQLite database."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite


@pytest.fixture(autouse=True)
def _lax_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(directory: Path) -> dict[str, int]:
    """The permissions of each file of an open database in `directory`."""
    with closing(DatastoreSqlite({"file_path": str(directory / "jobs.db")}, {})) as datastore:
        datastore.open()
        datastore.ping()
        return {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()}


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert modes(tmp_path) == {"jobs.db": 0o600, "jobs.db-wal": 0o600, "jobs.db-shm": 0o600}


def test_the_mode_of_a_database_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").touch(0o640)

    assert set(modes(tmp_path).values()) == {0o640}
