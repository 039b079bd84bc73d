"""libfaketime: processes whose wall clock is wrong, and steps, while their uptime stays true."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = (
    *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
    *Path("/usr/local/lib/faketime").glob("libfaketimeMT.so.1"),
    *Path("/usr/lib/faketime").glob("libfaketimeMT.so.1"),
)
SHIM = Path(__file__).parent / "faketime_shim"


def missing_reason() -> str | None:
    """Why clocks can not be set wrong here; None if they can."""
    return None if LIBRARIES else "libfaketime is not installed (Debian: apt-get install faketime)"


@dataclass(frozen=True)
class WrongClock:
    """A wall clock that is so many seconds off, says the file `path`."""

    path: Path

    def step(self, seconds: int) -> None:
        """Be `seconds` off from now on, for every process that has this clock."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        os.replace(fresh, self.path)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a process that has this clock."""
        paths = [str(SHIM), os.environ.get("PYTHONPATH", "")]
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            # What no step of a real clock moves must not move here either: CLOCK_MONOTONIC and
            # CLOCK_BOOTTIME, and the times of files.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        }
