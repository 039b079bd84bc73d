"""A small filesystem that a test can fill, or what comes nearest where nothing may be mounted."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from tests.chaos.processes import Server

MEGABYTE = 1024 * 1024


class SmallDisk(ABC):
    """A folder whose files can not grow while it is full."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ndscheduler-disk-"))

    @abstractmethod
    def fill(self, servers: Iterable[Server]) -> None:
        """Leave no space for what `servers` write."""

    @abstractmethod
    def free(self, servers: Iterable[Server]) -> None:
        """Give the space back."""

    def close(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)


class MountedDisk(SmallDisk):
    """A filesystem in memory, of so many megabytes; only root may mount one."""

    def __init__(self, megabytes: int) -> None:
        super().__init__()
        options = f"size={megabytes}m,mode=700"
        command = ["mount", "-t", "tmpfs", "-o", options, "ndscheduler", str(self.folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=30)
        except (OSError, subprocess.SubprocessError):
            super().close()
            raise

    def fill(self, servers: Iterable[Server]) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (MEGABYTE, 4096, 1):
                try:
                    while ballast.write(bytes(size)):
                        continue
                except OSError:
                    continue

    def free(self, servers: Iterable[Server]) -> None:
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True, timeout=30)
        super().close()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


class LimitedFiles(SmallDisk):
    """A folder of the machine's own disk, and processes whose files may not grow.

    For containers in which nothing may be mounted. Programs see EFBIG where a full disk says
    ENOSPC; for SQLite the one is an I/O error, the other "disk is full".
    """

    def fill(self, servers: Iterable[Server]) -> None:
        largest = max(os.stat(file).st_size for file in self.folder.iterdir())
        self._limit(servers, largest)

    def free(self, servers: Iterable[Server]) -> None:
        self._limit(servers, resource.RLIM_INFINITY)

    def _limit(self, servers: Iterable[Server], limit: int) -> None:
        for server in servers:
            if server.is_running:
                hard = resource.RLIM_INFINITY
                resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit, hard))


def make_small_disk(megabytes: int) -> SmallDisk:
    """A filesystem of so many megabytes; where none may be mounted, a folder with limits."""
    try:
        return MountedDisk(megabytes)
    except (OSError, subprocess.SubprocessError):
        return LimitedFiles()
