"""Procrastinate on PostgreSQL: jobs scheduled for one instant, run by eight at once; rows stay."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from datetime import datetime, timezone
from typing import Any

from procrastinate import App, PsycopgConnector

from benchmarks.peers.common import LEAD_SECONDS, MOST_SECONDS, THREADS, options, print_figures

EVENTS = """
SELECT type::text AS type, extract(epoch FROM at)::float8 AS at FROM procrastinate_events
WHERE type IN ('started', 'succeeded')
"""
LEFT = "SELECT count(*) AS count FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
# By default jobs that become due are looked for every 5 seconds.
POLL_SECONDS = 0.1


async def main() -> None:
    """Defer the jobs, run the worker, print the figures."""
    logging.disable(logging.INFO)
    asked = options()
    app = App(connector=PsycopgConnector(conninfo=asked["url"], max_size=THREADS + 2))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        task = app.task(name="noop")(noop)
        due = math.ceil(time.time() + LEAD_SECONDS + asked["count"] / 1_000)
        await defer(task, asked["count"], datetime.fromtimestamp(due, timezone.utc))
        if time.time() > due - 1:
            raise SystemExit("Filling took too long.")
        rows = await run(app)
    times = {
        name: [r["at"] for r in rows if r["type"] == name] for name in ("started", "succeeded")
    }
    print_figures(due, times["started"], times["succeeded"], asked["count"])


async def noop(number: int) -> None:
    """Do nothing."""


async def defer(task: Any, count: int, due: datetime) -> None:
    """Schedule `count` jobs for `due`."""
    deferrer = task.configure(schedule_at=due)
    for first in range(0, count, 1000):
        numbers = range(first, min(count, first + 1000))
        await deferrer.batch_defer_async(*[{"number": number} for number in numbers])


async def run(app: App) -> Any:
    """Work until nothing is left; the events."""
    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=THREADS,
            fetch_job_polling_interval=POLL_SECONDS,
            install_signal_handlers=False,
        )
    )
    deadline = time.monotonic() + MOST_SECONDS
    while (await app.connector.execute_query_one_async(LEFT))["count"] > 0:
        if time.monotonic() > deadline:
            raise SystemExit(f"Jobs are left after {MOST_SECONDS} s.")
        await asyncio.sleep(0.25)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    return await app.connector.execute_query_all_async(EVENTS)


if __name__ == "__main__":
    asyncio.run(main())
