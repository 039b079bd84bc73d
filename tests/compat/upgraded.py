"""Rows as 0.x wrote them, and what an upgraded database holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import (
    AuditFilter,
    ExecutionFilter,
    JobFilter,
    PageRequest,
)
from ndscheduler.corescheduler.models import AuditEntry, Execution, Job

NOON = datetime(2026, 11, 23, 12, 0)
ALL = PageRequest(limit=1000)


def jobs_of(store: DatastoreBase) -> dict[str, Job]:
    return {job.id: job for job in store.read(store.jobs.page, JobFilter(), ALL).items}


def executions_of(store: DatastoreBase) -> dict[str, Execution]:
    found = store.read(store.executions.page, ExecutionFilter(), ALL).items
    return {execution.id: execution for execution in found}


def entries_of(store: DatastoreBase) -> list[AuditEntry]:
    """The newest first."""
    return store.read(store.audit_logs.page, AuditFilter(), ALL).items


def an_execution(eid: Any, **fields: Any) -> dict[str, Any]:
    row = {"eid": eid, "state": 5, "job_id": "j", "scheduled_time": NOON, "updated_time": NOON}
    return {**row, **fields}


def an_entry(**fields: Any) -> dict[str, Any]:
    row = {"job_id": "j", "job_name": "n", "event": 0, "user": "", "created_time": NOON}
    return {**row, **fields}
