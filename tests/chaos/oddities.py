"""Rows that let a scheduler do what it seldom does: reap, tidy up, find a fire in its place."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.keep_rules import INSTANCES_KEPT
from ndscheduler.corescheduler.models import AuditEntry, Execution, Instance
from tests.chaos.scale import LEASE_SECONDS
from tests.chaos.schedules import NOTED, Schedule
from tests.factories import a_job, an_execution, an_instance

LONG_AGO = timedelta(days=90)
SECOND = timedelta(seconds=1)
AHEAD_SECONDS = 3


def add_oddities(datastore: DatastoreBase, notes: Path, schedule: Schedule) -> None:
    """Add one of each, by the present time; `schedule` is a job that fires every second."""

    def work(connection: Any) -> None:
        now = datastore.dialect.now(connection)
        # One that is forgotten, and one of whom there is a last sign of life.
        gone, silent = new_id(), _silent(now)
        datastore.instances.insert(connection, silent)
        stranded = [_stranded(notes, now, owner) for owner in (gone, silent.id)]
        for execution in (*stranded, _recorded_ahead(schedule, now), _old(now)):
            datastore.executions.insert(connection, execution)
        _add_old_rows(datastore, connection, now - LONG_AGO, instances=1)

    datastore.write(work)


def fill_up_instances(datastore: DatastoreBase) -> None:
    """Add as many instances as are always kept, so that the next old one need not be."""

    def work(connection: Any) -> None:
        now = datastore.dialect.now(connection)
        _add_old_rows(datastore, connection, now - LONG_AGO + SECOND, INSTANCES_KEPT)

    datastore.write(work)


def _silent(now: datetime) -> Instance:
    return an_instance(started_at=now, heartbeat_at=now, lease_seconds=LEASE_SECONDS)


def _stranded(notes: Path, now: datetime, owner: str) -> Execution:
    """What a scheduler that died has left, for the reaper."""
    job = a_job(job_class_string=NOTED, args_json=json.dumps([str(notes)]))
    return an_execution(
        job,
        fire_time=None,
        trigger_kind=TriggerKind.MANUAL,
        state=ExecutionState.RUNNING,
        owner=owner,
        hostname="gone",
        pid=1,
        scheduled_time=now,
        started_time=now,
        updated_time=now,
    )


def _recorded_ahead(schedule: Schedule, now: datetime) -> Execution:
    """The row of a fire that is due soon: the claim finds it, and leaves it as it is."""
    assert schedule.first is not None
    fire = schedule.first + SECOND * max(0, (now - schedule.first) // SECOND + AHEAD_SECONDS)
    return _ended(ExecutionState.SKIPPED, now, fire, job_id=schedule.job_id)


def _old(now: datetime) -> Execution:
    return _ended(ExecutionState.MISSED, now - LONG_AGO, None, trigger_kind=TriggerKind.MANUAL)


def _ended(state: ExecutionState, now: datetime, fire: datetime | None, **fields: Any) -> Execution:
    at = {"scheduled_time": fire or now, "updated_time": now, "finished_time": now}
    return an_execution(a_job(), state=state, fire_time=fire, reason="a test", **at, **fields)


def _add_old_rows(
    datastore: DatastoreBase, connection: Any, then: datetime, instances: int
) -> None:
    ending = Ending(new_id(), ExecutionState.MISSED, then)
    datastore.stats.add(connection, [ending])
    entry = AuditEntry(new_id(), AuditEvent.ADDED, new_id(), "old", "code", then)
    datastore.audit_logs.insert(connection, entry)
    for _ in range(instances):
        gone = an_instance(started_at=then, heartbeat_at=then, stopped_at=then)
        datastore.instances.insert(connection, gone)
