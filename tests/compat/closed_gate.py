"""A scheduler that claims nothing, so that a test sees what the database holds."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler.core.base import BaseScheduler


class ClosedScheduler(BaseScheduler):
    """Its gate is closed."""

    @classmethod
    def is_okay_to_run(cls, datastore: Any) -> bool:
        return False
