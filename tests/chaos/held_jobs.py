"""Jobs that a test holds by files: they say that they have begun, and wait to be let go."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from ndscheduler.corescheduler.job import JobBase

GATE = "gate"


class HeldJob(JobBase):
    """Leaves a file of its execution's name in `folder`, and ends once the gate is there."""

    def run(self, folder: str, size: int = 0, *args: Any, **kwargs: Any) -> str:
        """Returns `size` characters."""
        (Path(folder) / str(self.execution_id)).touch()
        while not (Path(folder) / GATE).exists():
            time.sleep(0.02)
        return "x" * size


class StubbornJob(JobBase):
    """Ends, and leaves behind a thread that keeps any process from exiting."""

    def run(self, *args: Any, **kwargs: Any) -> str:
        threading.Thread(target=threading.Event().wait, name="stubborn", daemon=False).start()
        return "done"
