"""Arguments of 0.x that look like a secret are none, also when their job runs."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from apscheduler.triggers.cron import CronTrigger

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.compat.old_databases import OldDatabase
from tests.databases import PROVIDER_PATHS, db_config
from tests.datastore.scheduling import ANA, SCHEDULER, finished

LITERAL = {"$secret": "KEY"}


class Taker(JobBase):
    """Remembers what it was given."""

    given: list[Any] = []

    def run(self, *args: Any, **kwargs: Any) -> Any:
        self.given.append((args, kwargs))


def test_an_upgraded_job_gets_what_it_always_got(
    old: OldDatabase, kind: str, tmp_path: Path
) -> None:
    Taker.given.clear()
    leading = (f"{__name__}.Taker", "old", "a.Datastore", {"user": "u"}, {"jobs_tablename": "j"})
    state = {
        "version": 1,
        "id": "old",
        "func": "ndscheduler.corescheduler.core.base:BaseScheduler.run_job",
        "trigger": CronTrigger(hour=3, timezone="UTC"),
        "executor": "default",
        "args": (*leading, LITERAL, (LITERAL,)),
        "kwargs": {"k": [LITERAL]},
        "name": "old",
        "misfire_grace_time": 3600,
        "coalesce": True,
        "max_instances": 3,
        "next_run_time": None,
    }
    old.make().add_job("old", pickle.dumps(state))
    old.store.migrate()
    (tmp_path / "secrets").touch(0o600)
    (tmp_path / "secrets").write_text("KEY: the secret\n")
    manager = SchedulerManager(
        SCHEDULER,
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        old.store.table_names,
        secrets_file=str(tmp_path / "secrets"),
    )
    manager.start()
    try:
        execution = finished(manager, manager.actions.run("old", ANA))
    finally:
        manager.stop()

    assert execution.state is ExecutionState.SUCCEEDED, execution.result
    assert Taker.given == [((LITERAL, (LITERAL,)), {"k": [LITERAL]})]
