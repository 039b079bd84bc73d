"""APScheduler with SQLAlchemyJobStore: jobs with differing cron lines, all due at one instant."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import create_engine, text

from benchmarks.cron_lines import cron_fields
from benchmarks.peers.common import LEAD_SECONDS, THREADS, options, print_figures, wait_for_all

started: list[float] = []
ended: list[float] = []


def noop(number: int) -> None:
    """Note when it was called."""
    started.append(time.time())


def main() -> None:
    """Fill the store, run the scheduler, print the figures."""
    asked = options()
    store = job_store(asked)
    due = math.ceil(time.time() + LEAD_SECONDS + asked["count"] / 1_000)
    fill(store, asked["count"], datetime.fromtimestamp(due, timezone.utc))
    if time.time() > due - 1:
        raise SystemExit("Filling took too long.")
    scheduler = new_scheduler(store)
    scheduler.add_listener(lambda event: ended.append(time.time()), EVENT_JOB_EXECUTED)
    scheduler.start()
    wait_for_all(ended, asked["count"])
    scheduler.shutdown()
    print_figures(due, started, ended, asked["count"])


def job_store(asked: dict[str, Any]) -> SQLAlchemyJobStore:
    """The store on a database, with its tables."""
    url = asked["url"].replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    if asked.get("wal"):
        # The mode stays with the file; synchronous is FULL by default.
        with engine.connect() as connection:
            connection.execute(text("PRAGMA journal_mode=WAL"))
    store = SQLAlchemyJobStore(engine=engine)
    store.jobs_t.create(engine, checkfirst=True)
    return store


def new_scheduler(store: SQLAlchemyJobStore) -> BackgroundScheduler:
    """A scheduler as its manual shows it."""
    return BackgroundScheduler(
        jobstores={"default": store},
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": 3600, "coalesce": True, "max_instances": 3},
        timezone=timezone.utc,
    )


def fill(store: SQLAlchemyJobStore, count: int, due: datetime) -> None:
    """Jobs that are due at `due`, in one transaction: adding them one by one takes minutes."""

    def cron(number: int) -> CronTrigger:
        return CronTrigger(**cron_fields(number), timezone=timezone.utc)

    fill_with(store, count, cron, lambda number: due)


def fill_with(
    store: SQLAlchemyJobStore,
    count: int,
    trigger_of: Callable[[int], Any],
    fire_of: Callable[[int], datetime],
    call: Callable[[int], Any] = noop,
) -> None:
    """Jobs with the triggers and the next fire times that the functions give for their numbers."""
    memory = BackgroundScheduler(timezone=timezone.utc)
    memory.start(paused=True)
    rows = []
    for number in range(count):
        job = memory.add_job(
            call,
            trigger_of(number),
            args=[number],
            misfire_grace_time=3600,
            coalesce=True,
            max_instances=3,
            next_run_time=fire_of(number),
        )
        state = pickle.dumps(job.__getstate__(), pickle.HIGHEST_PROTOCOL)
        fire = job.next_run_time.timestamp()
        rows.append({"id": job.id, "next_run_time": fire, "job_state": state})
    memory.shutdown()
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), rows)


if __name__ == "__main__":
    main()
