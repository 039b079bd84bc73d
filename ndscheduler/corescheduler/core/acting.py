"""Who acts while a user's overridden hook runs.

The hooks of old carry neither the user nor the newer fields of a job; these travel beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ndscheduler.corescheduler.core.direct_run import CODE
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.definitions import UNSET, JobFields
from ndscheduler.corescheduler.errors import DatastoreUnavailable, OutcomeUnknown
from ndscheduler.corescheduler.models import Actor, Job


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts while an overridden hook runs, and the fields that its old signature lacks."""

    actor: Actor = CODE
    given: JobFields = field(default_factory=JobFields)
    expected_rev: int | None = None


_by_code = Acting()
_acting: ContextVar[Acting] = ContextVar("ndscheduler_acting", default=_by_code)


def who_acts() -> Acting:
    """Who acts now: users' code, unless REST is on its way through a hook."""
    return _acting.get()


@contextmanager
def acting(who: Acting) -> Iterator[None]:
    """Within: what hooks do is done by `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def cron_spec(cron: dict[str, Any], given: JobFields) -> dict[str, Any]:
    """The cron fields of the old signature, with those beside them that it can not carry."""
    beside = {} if given.trigger is UNSET else dict(given.trigger)
    return {**beside, **cron, "type": "cron"}


def is_cron(given: JobFields) -> bool:
    """True if these fields are those of a cron job, which the hooks of old can carry."""
    return given.trigger is UNSET or given.trigger.get("type") == "cron"


def job_after_hook(datastore: DatastoreBase, job_id: str) -> Job:
    """The job that a hook has stored. Raises OutcomeUnknown if it can not be read now."""
    try:
        return datastore.read(datastore.jobs.get, job_id)
    except DatastoreUnavailable as error:
        # What the hook did, it did.
        raise OutcomeUnknown(str(error)) from error
