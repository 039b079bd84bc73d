"""Opening a backup, whatever its format: that is told by its first bytes, not by its name."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ndscheduler.corescheduler.datastore.backup.contents import Backup
from ndscheduler.corescheduler.datastore.backup.json_lines import JsonLinesBackup
from ndscheduler.corescheduler.datastore.backup.sqlite_file import MAGIC, open_sqlite_backup
from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.errors import BackupError

STANDARD = "-"
GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_backup(file: str, names: TableNames) -> Iterator[Backup]:
    """The backup in `file`, or in standard input if that is "-", checked from end to end.

    `names` are the names of the tables in a backup that is a SQLite database.
    Raises BackupError if it can not be read, is damaged or is no backup.
    """
    name = "Standard input" if file == STANDARD else file
    with _explained(name), _on_disk(file) as path, path.open("rb") as raw:
        start = raw.read(len(MAGIC))
        raw.seek(0)
        if start == MAGIC:
            with open_sqlite_backup(path, name, names) as backup:
                yield backup
        elif start.startswith(GZIP_MAGIC):
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield JsonLinesBackup(unpacked, name)
        else:
            yield JsonLinesBackup(raw, name)


@contextmanager
def _on_disk(file: str) -> Iterator[Path]:
    """The file, which is read twice: once to see that it is whole."""
    if file != STANDARD:
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(prefix="ndscheduler-restore-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupError(f"{name} is cut short or damaged: {error}.") from error
    except OSError as error:
        raise BackupError(f"{name} can not be read: {error.strerror or error}.") from error
