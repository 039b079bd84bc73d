"""Results that the database does not take now, in files that outlive the process.

Each process has a file of its own: a head, then one finish per line. It is gone when all that is in
it has been stored. A file whose lock is free was left by a process that died or was stopped; the
first to lock it stores what is in it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.core.spill_codec import (
    FORMAT,
    decode_finish,
    decode_head,
    encode_finish,
    encode_line,
)
from ndscheduler.corescheduler.core.spill_file import SpillFile
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Finish

logger = logging.getLogger(__name__)

PREFIX = "ndscheduler-spill"
SUFFIX = ".jsonl"
DEFAULT_PORTS: dict[str, int] = {"postgresql": 5432, "mysql": 3306}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finish is written down."""

    file: SpillFile
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Installation:
    """Which tables results belong to; no user, no password."""

    database: str
    table: str

    @property
    def key(self) -> str:
        """What file names carry: short, and different for every installation."""
        return hashlib.sha256(json.dumps([self.database, self.table]).encode()).hexdigest()[:16]


def installation_of(datastore: DatastoreBase) -> Installation:
    """Whose results `datastore` takes."""
    url = datastore.dialect.url
    if datastore.dialect.name == "sqlite":
        database = f"sqlite:{_sqlite_file(datastore)}"
    else:
        kind = datastore.dialect.name
        port = url.port or DEFAULT_PORTS[kind]
        database = f"{kind}://{url.host or 'localhost'}:{port}/{url.database}"
    return Installation(database, datastore.table_names["executions_tablename"])


def default_directory(datastore: DatastoreBase) -> Path:
    """Beside the SQLite file; for a server, where this user's programs keep their state."""
    if datastore.dialect.name == "sqlite":
        return _sqlite_file(datastore).parent
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(os.path.expanduser(state)) / "ndscheduler"


def spill_for(datastore: DatastoreBase, directory: str | None, instance_id: str) -> Spill:
    """The spill of instance `instance_id`; `directory` is the setting SPILL_DIR."""
    chosen = Path(directory).expanduser() if directory else default_directory(datastore)
    return Spill(chosen.absolute(), installation_of(datastore), instance_id)


class Spill:
    """The file of this process, made when it is needed first, and those taken over from dead ones.

    Safe to use from several threads.
    """

    def __init__(self, directory: Path, installation: Installation, instance_id: str) -> None:
        self.directory = directory
        self._installation = installation
        self._instance_id = instance_id
        self._lock = threading.Lock()
        self._own: SpillFile | None = None
        # How many finishes of a file are not stored yet.
        self._open: dict[SpillFile, int] = {}
        self._damaged: set[SpillFile] = set()
        self._complained: set[str] = set()
        self._closed = False

    @property
    def path(self) -> Path:
        """The file of this process."""
        return self.directory / f"{self._stem}-{self._instance_id}{SUFFIX}"

    def keep(self, finishes: Sequence[Finish]) -> list[Place]:
        """Write `finishes` down, safe from the death of the process. Raises OSError: none is."""
        with self._lock:
            own = self._own_file()
            head = [self._head()] if own.is_empty else []
            lines = [encode_finish(finish) for finish in finishes]
            offsets = own.append(head + lines)[len(head) :]
            self._open[own] += len(lines)
            return [Place(own, at, len(line)) for at, line in zip(offsets, lines, strict=True)]

    def load(self, place: Place) -> Finish:
        """The finish at `place`. Raises OSError or ValueError; its file will be kept."""
        try:
            return decode_finish(place.file.read(place.offset, place.length))
        except (OSError, ValueError):
            with self._lock:
                self._damaged.add(place.file)
            raise

    def done(self, places: Sequence[Place]) -> None:
        """What is at `places` is stored; a file with nothing else in it goes."""
        with self._lock:
            for file, count in Counter(place.file for place in places).items():
                # After `close` the files are another's to remove.
                if file in self._open:
                    self._open[file] -= count
                    if self._open[file] == 0:
                        self._finish(file)

    def adopt(self) -> list[tuple[str, Place]]:
        """Take over the files of dead processes: ids of executions, and where their ends are."""
        found: list[tuple[str, Place]] = []
        with self._lock:
            for path in [] if self._closed else self._candidates():
                taken = self._unless_unreadable(path, lambda p=path: SpillFile.take(p))  # type: ignore[misc]
                if taken is not None:
                    found += self._adopted(taken)
        return found

    def close(self) -> None:
        """Let all files go; what is not stored waits in them for the next process."""
        with self._lock:
            self._closed = True
            for file, count in list(self._open.items()):
                if count == 0:
                    self._finish(file)
                file.close()
            self._open.clear()
            self._own = None

    @property
    def _stem(self) -> str:
        return f"{PREFIX}-{self._installation.key}"

    def _own_file(self) -> SpillFile:
        if self._own is None:
            self._own = SpillFile.create(self.path)
            self._open[self._own] = 0
        return self._own

    def _head(self) -> bytes:
        return encode_line(
            {
                "format": FORMAT,
                "database": self._installation.database,
                "table": self._installation.table,
                "instance": self._instance_id,
                "hostname": socket.gethostname(),
                "pid": os.getpid(),
                "made_at": utc_now().isoformat(),
            }
        )

    def _candidates(self) -> list[Path]:
        """Files of this installation that are not ours already."""
        try:
            names = [entry.name for entry in os.scandir(self.directory)]
        except FileNotFoundError:
            return []
        except OSError as error:
            self._complain(str(self.directory), error)
            return []
        held = {file.path.name for file in self._open}
        mine = f"{self._stem}-"
        fit = [n for n in names if n.startswith(mine) and n.endswith(SUFFIX) and n not in held]
        return [self.directory / name for name in sorted(fit)]

    def _adopted(self, file: SpillFile) -> list[tuple[str, Place]]:
        """What is in `file`, which is ours now; a file of nothing goes."""
        entries = self._unless_unreadable(file.path, lambda: self._entries(file))
        if entries is None:
            file.close()
            return []
        self._open[file] = len(entries)
        if entries:
            logger.warning("%d results that %s holds are stored now.", len(entries), file.path)
        else:
            self._finish(file)
        return entries

    def _entries(self, file: SpillFile) -> list[tuple[str, Place]] | None:
        """Raises OSError. None for a file of another format."""
        entries = []
        for offset, line in file.lines():
            if offset == 0 and line.endswith(b"\n"):
                if decode_head(line) is None:
                    logger.error("%s is of a format that is not known here; left alone.", file.path)
                    self._complained.add(file.path.name)
                    return None
                continue
            try:
                entries.append((_execution_id(line), Place(file, offset, len(line))))
            except ValueError as error:
                logger.error("A result in %s at byte %d is damaged: %s", file.path, offset, error)
                self._damaged.add(file)
        return entries

    def _finish(self, file: SpillFile) -> None:
        del self._open[file]
        if file is self._own:
            self._own = None
        try:
            if file in self._damaged:
                self._damaged.discard(file)
                logger.error("What can not be read is kept in %s.", file.set_aside())
            else:
                file.remove()
        except OSError as error:
            self._complain(file.path.name, error)

    def _unless_unreadable(self, path: Path, act: Callable[[], T | None]) -> T | None:
        if path.name in self._complained:
            return None
        try:
            return act()
        except OSError as error:
            self._complain(path.name, error)
            return None

    def _complain(self, name: str, error: OSError) -> None:
        """Say once what is wrong with a file: it is looked at every few seconds."""
        if name not in self._complained:
            self._complained.add(name)
            logger.error("Results in %s can not be read or removed: %s", name, error)


def _execution_id(line: bytes) -> str:
    if not line.endswith(b"\n"):
        raise ValueError("the process died while it wrote this line")
    return decode_finish(line).execution.id


def _sqlite_file(datastore: DatastoreBase) -> Path:
    name = str(datastore.dialect.url.database).removeprefix("file:").partition("?")[0]
    return Path(name).resolve()
