"""How long history is kept: the rules, and what they never touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ndscheduler.corescheduler.constants import DEFAULT_JOB_MISFIRE_GRACE_SEC
from ndscheduler.corescheduler.models import MAX_GRACE_SECONDS

# Nothing younger is ever deleted, whatever the rules say.
LEAST_AGE = timedelta(days=1)
# Processes without a sign of life for so long are forgotten, save the newest: they tell why there
# is a gap in the schedule.
INSTANCE_AGE = timedelta(days=30)
INSTANCES_KEPT = 100
# Nobody keeps longer; sums with such spans stay instants.
LONGEST_DAYS = 100_000


@dataclass(frozen=True, slots=True)
class KeepRules:
    """What is kept; None keeps everything.

    `executions` and `audit` are ages; `executions_per_job` is a count of the newest.
    `default_grace` stands for the grace time of a job that was deleted.
    """

    executions: timedelta | None = None
    audit: timedelta | None = None
    executions_per_job: int | None = None
    default_grace: timedelta = timedelta(seconds=DEFAULT_JOB_MISFIRE_GRACE_SEC)

    @classmethod
    def of_settings(
        cls,
        executions_days: float | None,
        audit_days: float | None,
        executions_per_job: int | None,
        default_grace_seconds: int,
    ) -> KeepRules:
        """The rules as settings say them."""
        grace = timedelta(seconds=min(default_grace_seconds, MAX_GRACE_SECONDS))
        return cls(_span(executions_days), _span(audit_days), executions_per_job, grace)


KEEP_EVERYTHING = KeepRules()


def protected_age(grace: timedelta | None) -> timedelta:
    """How old an execution must be at least to be deleted: one day, or twice its job's grace.

    A fire within the grace may still be claimed or judged, and its row is what keeps it from
    being recorded twice. Without a limit (None) there is nothing to double: one day, since a
    claim moves the job beyond a fire in the transaction that records it.
    """
    return LEAST_AGE if grace is None else max(LEAST_AGE, 2 * grace)


def grace_of(seconds: int | None) -> timedelta | None:
    """The grace time that a job's row names; None is no limit."""
    return None if seconds is None else timedelta(seconds=min(max(seconds, 0), MAX_GRACE_SECONDS))


def _span(days: float | None) -> timedelta | None:
    return None if days is None else timedelta(days=min(days, LONGEST_DAYS))
