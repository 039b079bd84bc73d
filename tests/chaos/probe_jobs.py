"""Jobs that write down, in one atomic append, when their code starts and ends."""

from __future__ import annotations

import os
import time
from typing import Any

from ndscheduler.corescheduler.clock import to_micros, uptime
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.runner import current_run

# Lines of one length, which divides that of a page: Linux writes page by page, so that a line on
# two of them could be read half, and could be cut by kill -9.
LINE_BYTES = 256


def note(path: str, line: str) -> None:
    """Append `line`, filled up with blanks; O_APPEND keeps the lines of several processes whole."""
    whole = f"{line:<{LINE_BYTES - 1}}\n".encode()
    assert len(whole) == LINE_BYTES, line
    descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, whole)
    finally:
        os.close(descriptor)


def fire_of_this_run() -> str:
    """The fire time of the running execution in microseconds; `-` where no trigger named one."""
    run = current_run()
    fire = None if run is None else run.execution.fire_time
    return "-" if fire is None else str(to_micros(fire))


class NotedJob(JobBase):
    """Notes S (started) and E (ended) as `notes.Note` reads them, and sleeps in between."""

    def run(self, path: str, seconds: float = 0.0, word: str = "-", **kwargs: Any) -> str:
        """Notes go to the file `path`; `word` is part of them: it tells definitions apart."""
        self._note(path, "S", word)
        time.sleep(seconds)
        self._note(path, "E", word)
        return "done"

    def _note(self, path: str, letter: str, word: str) -> None:
        # The uptime is one clock for all processes of a machine, and no step of it moves it.
        parts = (self.execution_id, self.job_id, fire_of_this_run(), os.getpid())
        note(path, f"{letter} {' '.join(map(str, parts))} {uptime():.6f} {word}")
