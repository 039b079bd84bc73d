"""A server that has been at work for weeks: history, several instances, one execution running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.datastore.rows import execution_row
from ndscheduler.corescheduler.models import Instance, Job
from ndscheduler.version import __version__
from tests.api.api_server import Api, serving
from tests.factories import an_execution, an_instance
from tests.ui.believable import fill
from tests.ui.believable_accounts import fill_accounts

# The other instances are rows only: they stay alive for as long as anybody looks.
LEASE_SECONDS = 3600.0


@dataclass(frozen=True)
class Scene:
    """A server and the jobs in its database."""

    api: Api
    jobs: dict[str, str]
    """Ids by names."""

    def last_execution(self, name: str) -> str:
        """The id of the newest execution of the job `name`."""
        query = {"job_id": self.jobs[name], "limit": 1}
        newest = self.api.get("/api/v1/executions", params=query).json()["executions"]
        return str(newest[0]["execution_id"])

    def places(self) -> dict[str, str]:
        """Every page that shows something, by a name: what stands behind the #."""
        backup = self.jobs["Backup"]
        return {
            "overview": "",
            "jobs": "jobs",
            "job": f"jobs/{backup}",
            "new-job": "jobs/new",
            "edit-job": f"jobs/{backup}/edit",
            "executions": "executions",
            "execution": f"executions/{self.last_execution('Backup')}",
            "failed-execution": f"executions/{self.last_execution('Nightly report')}",
            "audit-log": "logs",
            "instances": "instances",
            "about": "about",
        }


@contextmanager
def scene(directory: Path, with_accounts: bool = False, **settings: Any) -> Iterator[Scene]:
    """A server on a filled SQLite file in `directory`; open, unless it is `with_accounts`."""
    datastore = DatastoreSqlite({"file_path": str(directory / "datastore.db")}, {})
    datastore.open()
    try:
        jobs = set_stage(datastore, utc_now())
        if with_accounts:
            fill_accounts(datastore, utc_now())
    finally:
        datastore.close()
    given = {"JOB_CLASS_PACKAGES": ["simple_scheduler.jobs"], **settings}
    with serving(directory, **given) as api:
        yield Scene(api, {job.name: job.id for job in jobs})


def set_stage(datastore: DatastoreBase, now: datetime) -> list[Job]:
    """Put jobs, history, instances and a running execution into `datastore`; the jobs."""
    jobs = fill(datastore, now)
    instances = list(_instances(now))
    running = _running(next(job for job in jobs if job.name == "Refresh search index"), now)
    rows = [execution_row(replace(running, owner=instances[0].id))]

    def insert(connection: Any) -> None:
        for instance in instances:
            datastore.instances.insert(connection, instance)
        connection.execute(datastore.tables.executions.insert(), rows)

    datastore.write(insert)
    return jobs


def _instances(now: datetime) -> Iterator[Instance]:
    shared: dict[str, Any] = {"lease_seconds": LEASE_SECONDS, "threads": 8, "version": __version__}
    begun = now - timedelta(days=9, hours=3)
    yield an_instance(hostname="sched-2", pid=911, started_at=begun, heartbeat_at=now, **shared)
    ended = now - timedelta(days=2.4)
    yield an_instance(
        hostname="sched-1",
        pid=812,
        started_at=begun,
        heartbeat_at=ended,
        stopped_at=ended,
        **shared,
    )


def _running(job: Job, now: datetime) -> Any:
    started = now - timedelta(seconds=21)
    return an_execution(
        job,
        fire_time=None,
        scheduled_time=started,
        started_time=started + timedelta(milliseconds=6),
        updated_time=started,
        state=ExecutionState.RUNNING,
        hostname="sched-2",
        pid=911,
    )
