"""A scheduler that deletes old history all the time; others look once an hour."""

from __future__ import annotations

from datetime import timedelta

from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.core.retention import RetentionThread
from ndscheduler.corescheduler.keep_rules import KeepRules

# The second looks at each job, which takes long where there are many: the first goes on meanwhile.
RULES = (KeepRules(timedelta(days=2), timedelta(days=2)), KeepRules(executions_per_job=1))
EVERY_SECONDS = 0.3


class TidyScheduler(BaseScheduler):
    """SCHEDULER_CLASS of a server under test."""

    def start(self, paused: bool = False) -> None:
        """Start, and begin to tidy up."""
        super().start(paused)
        for rules in RULES:
            RetentionThread(self.datastore, rules, *[EVERY_SECONDS] * 3).start()


PATH = f"{__name__}.{TidyScheduler.__name__}"
