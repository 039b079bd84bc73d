"""Backups of other releases are restored or refused, never half understood."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.backup import restore_backup, write_backup
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import BackupError
from tests.datastore.backup_contents import contents
from tests.datastore.backup_files import count, tables_in
from tests.factories import an_instance


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


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        lambda values: [values[0], {"table": "jobs"}, *values[2:]],
        lambda values: [values[0], {"table": 5, "columns": ["id"]}, *values[2:]],
        lambda values: [values[0], {"table": "jobs", "columns": [["id"]]}, *values[2:]],
        # What stands behind such a line must not be left out in silence.
        lambda values: [*values[:-3], {"more": 1}, *values[-3:]],
        lambda values: [values[0], {"more": 1}, *values[1:]],
    ],
)
def test_a_file_whose_checksum_fits_but_not_its_form_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path, change: Any
) -> None:
    file = tmp_path / "strange.jsonl"
    rewritten(lines, file, change)

    with pytest.raises(BackupError, match="is damaged"):
        restore_backup(twin, str(file))

    assert count(twin, "jobs") == 0


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_number_that_no_database_holds_is_refused(
    twin: DatastoreBase, lines: list[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "large.jsonl"
    rewritten(lines, file, with_large_number)

    with pytest.raises(BackupError, match="The database refuses the backup"):
        restore_backup(twin, str(file))


def with_large_number(values: list[Any]) -> list[Any]:
    """The lines with one instant that takes more than 64 bits."""
    at = next(i for i, value in enumerate(values) if isinstance(value, list))
    columns = values[at - 1]["columns"]
    row = [2**63 if name == "next_fire" else v for name, v in zip(columns, values[at], strict=True)]
    return [*values[:at], row, *values[at + 1 :]]


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
