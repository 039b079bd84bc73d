"""Jobs that write down, in one atomic append, when their code starts and ends."""

from __future__ import annotations

import os
import time
from typing import Any

from ndscheduler.corescheduler.job import JobBase


def note(path: str, line: str) -> None:
    """Append `line`; O_APPEND keeps the lines of several processes whole."""
    descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


class NotedJob(JobBase):
    """Notes S (started) and E (ended), with its execution's id, and sleeps in between."""

    def run(self, path: str, seconds: float = 0.0, *args: Any, **kwargs: Any) -> str:
        """Notes go to the file `path`."""
        note(path, f"S {self.execution_id} {self.job_id} {os.getpid()}")
        time.sleep(seconds)
        note(path, f"E {self.execution_id} {self.job_id} {os.getpid()}")
        return "done"
