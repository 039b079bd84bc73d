"""Writing a backup: to a new file that is there whole or not at all, or to standard output."""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from ndscheduler.corescheduler.datastore.backup.json_lines import write_json_lines
from ndscheduler.corescheduler.datastore.backup.snapshot import snapshot
from ndscheduler.corescheduler.datastore.backup.sqlite_file import copy_database
from ndscheduler.corescheduler.errors import BackupError

if TYPE_CHECKING:
    from ndscheduler.corescheduler.datastore.base import DatastoreBase

STANDARD = "-"
ONLY_OWNER = 0o600
# Behind its name: the files that SQLite keeps beside a database.
SQLITE_SUFFIXES = ("-wal", "-shm", "-journal")


def write_backup(
    datastore: DatastoreBase, file: str, form: str | None = None, overwrite: bool = False
) -> None:
    """Write a backup of `datastore` to `file`, or to standard output if that is "-".

    `form` is "sqlite" or "jsonl"; None chooses by the name of the file and the kind of database.
    Raises BackupError, SchemaMismatch or DatastoreUnavailable; then there is no file.
    """
    chosen = _chosen_format(datastore, file, form)
    source = _sqlite_path(datastore)
    if source is not None and file != STANDARD:
        _refuse_itself(source, Path(file))
    if chosen == "sqlite" and source is not None:
        with _new_file(Path(file), overwrite) as path:
            copy_database(source, path)
    elif file == STANDARD:
        with _explained(file):
            _write_json_lines(datastore, sys.stdout.buffer.write)
            sys.stdout.buffer.flush()
    else:
        with _new_file(Path(file), overwrite) as path, _opened(path, file) as opened:
            _write_json_lines(datastore, opened.write)


def _chosen_format(datastore: DatastoreBase, file: str, form: str | None) -> str:
    is_sqlite = datastore.dialect.name == "sqlite"
    if form is None:
        is_text = file == STANDARD or file.endswith((".jsonl", ".gz"))
        return "sqlite" if is_sqlite and not is_text else "jsonl"
    if form == "sqlite" and not is_sqlite:
        raise BackupError("The format sqlite is for SQLite databases; use jsonl.")
    if form == "sqlite" and (file == STANDARD or file.endswith(".gz")):
        raise BackupError("The format sqlite is for files that are not compressed; use jsonl.")
    return form


def _sqlite_path(datastore: DatastoreBase) -> Path | None:
    """The file of a SQLite database, which must be there; None for other databases."""
    if datastore.dialect.name != "sqlite":
        return None
    path = Path(str(datastore.dialect.url.database))
    if not path.is_file():
        raise BackupError(f"There is no database {path}.")
    return path


def _refuse_itself(source: Path, file: Path) -> None:
    """A server that uses the database would go on with the file that was replaced."""
    database, target = source.resolve(), file.resolve()
    own = [database, *(Path(f"{database}{suffix}") for suffix in SQLITE_SUFFIXES)]
    is_same = file.exists() and os.path.samefile(source, file)
    if is_same or target in own:
        raise BackupError(f"{file} belongs to the database itself: name another file.")


def _write_json_lines(datastore: DatastoreBase, write: Callable[[bytes], object]) -> None:
    dialect = datastore.dialect

    def work(engine: Engine) -> None:
        with snapshot(engine, dialect, datastore.tables) as taken:
            write_json_lines(taken, dialect.name, write)

    datastore.run_long(work)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[BufferedIOBase]:
    """The file to write to, compressed if its `name` says so."""
    with path.open("wb") as raw:
        if not name.endswith(".gz"):
            yield raw
            return
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6) as compressed:
            yield compressed


@contextmanager
def _new_file(path: Path, overwrite: bool) -> Iterator[Path]:
    """An empty file for its owner alone, that becomes `path` at the end, whole and on the disk."""
    if os.path.lexists(path) and not path.is_file():
        raise BackupError(f"{path} is no file.")
    if path.exists() and not overwrite:
        raise BackupError(f"{path} exists already: name another file, or add --force.")
    with _explained(str(path)):
        target = path.resolve()
        with tempfile.TemporaryDirectory(
            prefix=".ndscheduler-backup-", dir=target.parent
        ) as folder:
            partial = Path(folder) / "partial"
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, ONLY_OWNER))
            yield partial
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)


def _sync(path: Path) -> None:
    """See that what was written, or the name of what was, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        shown = "standard output" if name == STANDARD else name
        raise BackupError(
            f"The backup can not be written to {shown}: {error.strerror or error}."
        ) from error
