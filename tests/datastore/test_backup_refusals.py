"""What is no whole backup, or finds a database in use, is refused before anything is changed."""

from __future__ import annotations

import gzip
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.errors import BackupError
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role
from tests.databases import make_datastore
from tests.datastore.backup_contents import contents, fill
from tests.datastore.backup_files import count, tables_in
from tests.factories import an_instance


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


def test_a_database_in_which_a_first_start_has_made_its_account_is_refused(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    file = str(tmp_path / "whole.jsonl")
    fill(datastore)
    write_backup(datastore, file)
    twin.open()
    Accounts(twin).add("admin", "$2b$12$" + "." * 53, Role.ADMIN, Actor("system"))
    before = contents(twin)

    with pytest.raises(BackupError) as refusal:
        restore_backup(twin, file)

    table = twin.tables.users.name
    assert str(refusal.value).startswith(f"The table {table} has 1 rows: a backup is restored")
    assert "makes the account admin at its first start" in str(refusal.value)
    assert contents(twin) == before


def test_accounts_are_restored_and_logins_are_not(
    datastore: DatastoreBase, twin: DatastoreBase, tmp_path: Path
) -> None:
    file = str(tmp_path / "whole.jsonl")
    hashed = "$2b$12$" + "." * 53
    boss = Accounts(datastore).add("boss", hashed, Role.ADMIN, Actor("system"))
    Logins(datastore).open(boss, "h", timedelta(days=1), Actor("boss"))
    write_backup(datastore, file)

    restore_backup(twin, file)

    assert Accounts(twin).get("boss") == boss
    assert Logins(datastore).find("h", timedelta(days=1)) is not None
    assert Logins(twin).find("h", timedelta(days=1)) is None
