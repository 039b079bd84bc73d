"""One claim: what is due becomes execution rows, and the jobs move on, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ndscheduler.corescheduler.claim_plan import plan_claim
from ndscheduler.corescheduler.clock import SteadyClock
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Execution, Instance

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoopParts:
    """What the loop works with; each is one question or one act of the world around it."""

    instance: Instance
    executor: str
    clock: SteadyClock
    is_okay_to_run: Callable[[], bool]
    is_fenced: Callable[[], bool]
    capacity: Callable[[], int]
    backlog: Callable[[], int]
    held_ids: Callable[[], list[str]]
    submit: Callable[[Sequence[Execution]], None]
    on_ended: Callable[[Sequence[Execution]], None]
    resume_paused: Callable[[Connection, datetime], int]


def claim_due(
    connection: Connection, datastore: DatastoreBase, parts: LoopParts, limit: int
) -> tuple[int, list[Execution]]:
    """Claim at most `limit` due jobs; how many there were, and the rows that were inserted."""
    claims = datastore.claims
    now = synced_now(connection, datastore, parts.clock)
    resumed = parts.resume_paused(connection, now)
    jobs = claims.due_jobs(connection, now, limit)
    if not jobs:
        return resumed, []
    live = claims.live_counts(connection, [job.id for job in jobs])
    plans = [plan_claim(job, now, live.get(job.id, 0), parts.instance.id) for job in jobs]
    executions = [execution for plan in plans for execution in plan.executions]
    if claims.insert_executions(connection, executions) != len(executions):
        executions = _inserted_now(connection, datastore, executions)
    datastore.stats.add(connection, endings_of(executions, now))
    claims.advance(connection, [(plan.job, plan.next_fire) for plan in plans])
    return len(jobs), executions


def synced_now(connection: Connection, datastore: DatastoreBase, clock: SteadyClock) -> datetime:
    """The database's time, by which the clock of the runs is set as well."""
    now = datastore.dialect.now(connection)
    clock.sync(now)
    return now


def endings_of(executions: Sequence[Execution], now: datetime) -> list[Ending]:
    """What the statistics count of `executions` that no code is started for."""
    return [
        Ending(execution.job_id, execution.state, now, count=execution.count)
        for execution in executions
        if not execution.state.is_live
    ]


def _inserted_now(
    connection: Connection, datastore: DatastoreBase, executions: list[Execution]
) -> list[Execution]:
    """Those that this claim inserted; the fire times of the others were recorded before."""
    ours = datastore.claims.ids_among(connection, [execution.id for execution in executions])
    for execution in executions:
        if execution.id not in ours:
            fire, job_id = execution.fire_time, execution.job_id
            logger.warning("The fire time %s of job %s was recorded already.", fire, job_id)
    return [execution for execution in executions if execution.id in ours]
