"""Backups as JSON Lines, the format for every database.

::

    {"ndscheduler_backup": 1, "version": "1.0.0", "revision": "0002", ...}
    {"table": "jobs", "columns": ["id", "name", ...]}
    ["0198...", "Backup", ...]
    ...
    {"rows": {"jobs": 12, ...}, "sha256": "..."}

The last line counts the rows of each table; its checksum is over all bytes before it. So a file
that was cut short or changed is told before a row of it is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from io import BufferedIOBase
from typing import Any

import orjson

from ndscheduler.corescheduler.datastore.backup.contents import Backup, TableRows
from ndscheduler.corescheduler.errors import BackupError
from ndscheduler.version import __version__

FORMAT = 1
MARK = "ndscheduler_backup"


def write_json_lines(backup: Backup, database: str, write_bytes: Callable[[bytes], object]) -> None:
    """Write all of `backup`, which comes from a database of the kind `database`."""
    digest = hashlib.sha256()

    def write(value: Any) -> None:
        line = _line(value)
        digest.update(line)
        write_bytes(line)

    head = {"version": __version__, "revision": backup.revision}
    write({MARK: FORMAT, **head, "created_at": backup.created_at, "database": database})
    counts: dict[str, int] = {}
    for table in backup.tables():
        write({"table": table.name, "columns": table.columns})
        counts[table.name] = 0
        for row in table.rows:
            write(list(row))
            counts[table.name] += 1
    write_bytes(_line({"rows": counts, "sha256": digest.hexdigest()}))


class JsonLinesBackup:
    """A backup in a file that can be rewound. Raises BackupError unless it is whole."""

    def __init__(self, file: BufferedIOBase, name: str) -> None:
        self._file = file
        self._name = name
        head = self._object(file.readline())
        if MARK not in head:
            raise BackupError(f"{name} is no backup of ndscheduler.")
        if head[MARK] != FORMAT:
            raise BackupError(
                f"{name} was made by a newer ndscheduler ({head.get('version')}): "
                f"its format is {head[MARK]}, this release reads {FORMAT}."
            )
        self._counts = self._verified()
        self.revision = str(head.get("revision"))
        self.created_at: str | None = head.get("created_at")

    def tables(self) -> Iterator[TableRows]:
        """All tables with their rows."""
        self._file.seek(0)
        self._file.readline()
        line = self._file.readline()
        left = dict(self._counts)
        while left:
            name, columns = self._head(line)
            rows = _Rows(self._file, len(columns), self._damaged)
            yield TableRows(name, columns, iter(rows))
            if rows.count != left.pop(name, None):
                raise self._damaged()
            line = rows.line_after
        if "sha256" not in self._object(line):
            raise self._damaged()

    def _head(self, line: bytes) -> tuple[str, tuple[str, ...]]:
        """The name and the columns of the table that begins with `line`."""
        head = self._object(line)
        name, columns = head.get("table"), head.get("columns")
        if not isinstance(name, str) or not isinstance(columns, list):
            raise self._damaged()
        if not all(isinstance(column, str) for column in columns):
            raise self._damaged()
        return name, tuple(columns)

    def _verified(self) -> dict[str, int]:
        """How many rows each table has, once the whole file has been read and checked."""
        self._file.seek(0)
        digest, last = hashlib.sha256(), b""
        for line in self._file:
            digest.update(last)
            last = line
        end = self._object(last)
        if "sha256" not in end or not last.endswith(b"\n"):
            raise BackupError(f"{self._name} is cut short: its end is missing.")
        if end["sha256"] != digest.hexdigest() or not isinstance(end.get("rows"), dict):
            raise self._damaged()
        return dict(end["rows"])

    def _object(self, line: bytes) -> dict[str, Any]:
        """The object that a line holds; empty where it holds none."""
        value = _loaded(line)
        return value if isinstance(value, dict) else {}

    def _damaged(self) -> BackupError:
        return BackupError(f"{self._name} is damaged: its checksum or its counts do not fit.")


class _Rows:
    """The rows up to the next line that is no row, which it keeps."""

    def __init__(self, file: BufferedIOBase, width: int, damaged: Any) -> None:
        self._file = file
        self._width = width
        self._damaged = damaged
        self.count = 0
        self.line_after = b""

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for line in self._file:
            if not line.startswith(b"["):
                self.line_after = line
                return
            row = _loaded(line)
            if not isinstance(row, list) or len(row) != self._width:
                raise self._damaged()
            self.count += 1
            yield row


def _line(value: Any) -> bytes:
    try:
        return orjson.dumps(value) + b"\n"
    except TypeError as error:
        raise BackupError(f"A row holds a value that JSON can not hold: {error}.") from error


def _loaded(line: bytes) -> Any:
    """The value that a line holds; None where it holds none."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
