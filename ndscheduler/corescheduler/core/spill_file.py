"""A file of lines that one process at a time holds: locked, synced, torn at its end at most."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

DAMAGED_SUFFIX = ".damaged"
# Only the user that runs the scheduler reads what jobs returned.
FILE_MODE = 0o600
DIRECTORY_MODE = 0o700


class SpillFile:
    """An open file whose lock we hold. The lock ends with the process, however that ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        # Everything before is whole; what a failed write left behind it is written over.
        self._size = os.fstat(descriptor).st_size
        _close_in_children(self)

    @classmethod
    def create(cls, path: Path) -> SpillFile:
        """A new, empty file that we hold. Raises OSError."""
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not _is_at(path, descriptor):
                # Another process took the empty file for one of a dead process.
                raise OSError(errno.EAGAIN, "it was removed while it was made", str(path))
            _sync_directory(path.parent)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    @classmethod
    def take(cls, path: Path) -> SpillFile | None:
        """The file at `path`, ours from now on; None while another holds it, or if it is gone.

        Raises OSError where it can not be opened.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _refuse_foreign(descriptor, path)
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return None
            raise
        # Who held it may have removed it between our opening and our locking.
        if not _is_at(path, descriptor):
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    @property
    def is_empty(self) -> bool:
        """True while nothing is written in it."""
        return self._size == 0

    def append(self, lines: Sequence[bytes]) -> list[int]:
        """Write `lines` and wait for the disk; where each of them begins.

        Raises OSError; then none of them counts as written.
        """
        offsets = []
        end = self._size
        for line in lines:
            offsets.append(end)
            end += len(line)
        try:
            self._write(b"".join(lines))
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size = end
        return offsets

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset` on, or fewer at the end of the file. Raises OSError."""
        parts = []
        while length > 0 and (part := os.pread(self._descriptor, length, offset)):
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return b"".join(parts)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line and where it begins; the last may have no end. Raises OSError."""
        offset = 0
        with os.fdopen(os.dup(self._descriptor), "rb") as reader:
            reader.seek(0)
            for line in reader:
                yield offset, line
                offset += len(line)

    def remove(self) -> None:
        """Delete it and let it go. Raises OSError."""
        try:
            # Before the lock is free: nobody may find it and read it once more.
            self.path.unlink(missing_ok=True)
        finally:
            self.close()

    def set_aside(self) -> Path:
        """Give it a name under which no process looks for it, and let it go. Raises OSError."""
        aside = self.path.with_name(self.path.name + DAMAGED_SUFFIX)
        try:
            self.path.rename(aside)
        finally:
            self.close()
        return aside

    def close(self) -> None:
        """Let it go as it is: the next process may take it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _write(self, content: bytes) -> None:
        rest, offset = memoryview(content), self._size
        while rest:
            count = os.pwrite(self._descriptor, rest, offset)
            rest, offset = rest[count:], offset + count


def _is_at(path: Path, descriptor: int) -> bool:
    """True if the open file is the one that `path` names."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _refuse_foreign(descriptor: int, path: Path) -> None:
    """In a directory that others can write to, what they put there is no result of ours."""
    if os.fstat(descriptor).st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path))


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _close_in_children(file: SpillFile) -> None:
    """A job's forked child shares our lock, and would hold it after our death."""
    reference = weakref.ref(file)

    def close() -> None:
        held = reference()
        if held is not None:
            held.close()

    os.register_at_fork(after_in_child=close)
