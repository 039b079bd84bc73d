"""Rows of jobs as nine combinations of Python and APScheduler wrote them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.old_jobs import AuditFacts, OldJob, job_of
from tests.compat.old_databases import pickled_jobs

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
NEXT = datetime(2026, 11, 23, 7, 55, 0, 123456, tzinfo=timezone.utc)
CLASS = "simple_scheduler.jobs.sample_job.AwesomeJob"
PICKLED = pickled_jobs()
LABELS = sorted(PICKLED)


def read(label: str, job_id: str, **changes: Any) -> OldJob:
    row = {
        "id": job_id,
        "next_run_time": 1795420500.123456,
        "job_state": PICKLED[label][job_id],
        **changes,
    }
    return job_of(row, AuditFacts(), NOW)


def wrote(job_id: str) -> list[str]:
    return [label for label in LABELS if job_id in PICKLED[label]]


def cases(*job_ids: str) -> list[tuple[str, str]]:
    return [(label, job_id) for job_id in job_ids for label in wrote(job_id)]
