"""The floor: the statements of a burst on the raw driver, in one loop, with nothing around them.

The tables are ndscheduler's own, with their indexes. A chunk of jobs takes three transactions:
claim (insert the executions, move the jobs on), start, finish (and count it in the statistics).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from benchmarks.filling import NOOP, add_jobs, cron_job
from benchmarks.harness import Figures
from benchmarks.places import SQLITE, Place, new_place
from ndscheduler.corescheduler.clock import new_id

CHUNK = 500
DUE = 1_800_000_000_000_000
HOUR = DUE - DUE % 3_600_000_000
OWNER = "0" * 32

INSERTED = {
    "id": "{id}",
    "job_id": "{job}",
    "job_name": "'Job'",
    "job_class_string": f"'{NOOP}'",
    "args": "'[1]'",
    "kwargs": "'{{}}'",
    "job_rev": "1",
    "fire_time": f"{DUE}",
    "count": "1",
    "trigger_kind": "'schedule'",
    "attempt": "1",
    "executor": "'threads'",
    "priority": "0",
    "state": "0",
    "live": "1",
    "start_deadline": f"{DUE} + 3600000000",
    "claimed_by": f"'{OWNER}'",
    "scheduled_time": f"{DUE}",
    "updated_time": f"{DUE}",
}
STARTED = f"state = 1, owner = '{OWNER}', hostname = 'host', pid = 1, started_time = {DUE}"
FINISHED = f"state = 5, live = NULL, finished_time = {DUE}, updated_time = {DUE}, result = 'null'"
STATS = "scheduler_execution_stats"
ADDED = (
    "ON CONFLICT (job_id, hour, state) DO UPDATE SET"
    f" count = {STATS}.count + excluded.count,"
    f" total_microseconds = {STATS}.total_microseconds + excluded.total_microseconds"
)


def measure_floor(kind: str, count: int, template: Place | None = None) -> Figures:
    """How long it takes to record `count` executions so."""
    with new_place(kind, template) as place:
        if template is None:
            add_jobs(place, (cron_job(number) for number in range(count)))
        place.settle()
        with closing(place.connect()) as connection:
            if kind == SQLITE:
                connection.execute("PRAGMA synchronous=FULL")
            query = f"SELECT id FROM scheduler_jobs ORDER BY id LIMIT {count}"
            jobs = [row[0] for row in connection.execute(query)]
            began = time.perf_counter()
            for first in range(0, count, CHUNK):
                run_chunk(connection, kind, jobs[first : first + CHUNK])
            return {"all_finished_s": time.perf_counter() - began}


def run_chunk(connection: Any, kind: str, jobs: Sequence[str]) -> None:
    """Claim, start and finish one execution of each job."""
    ids = [new_id() for _ in jobs]
    rows = [{"id": id_, "job": job} for id_, job in zip(ids, jobs, strict=True)]
    statements = sqlite_statements() if kind == SQLITE else postgres_statements()
    for transaction in statements:
        connection.execute("BEGIN IMMEDIATE" if kind == SQLITE else "BEGIN")
        for statement in transaction:
            if kind == SQLITE:
                connection.executemany(statement, rows)
            else:
                connection.execute(statement, {"ids": ids, "jobs": list(jobs)})
        connection.execute("COMMIT")


def sqlite_statements() -> list[list[str]]:
    """Per transaction its statements, each once per row."""
    values = ", ".join(INSERTED.values()).format(id=":id", job=":job")
    return [
        [
            f"INSERT INTO scheduler_execution ({', '.join(INSERTED)}) VALUES ({values})",
            f"UPDATE scheduler_jobs SET next_fire = {DUE} WHERE id = :job AND rev >= 0",
        ],
        [f"UPDATE scheduler_execution SET {STARTED} WHERE id = :id AND state = 0"],
        [
            f"UPDATE scheduler_execution SET {FINISHED} WHERE id = :id AND owner = '{OWNER}'",
            f"INSERT INTO {STATS} VALUES (:job, {HOUR}, 5, 1, 1) {ADDED}",
        ],
    ]


def postgres_statements() -> list[list[str]]:
    """Per transaction its statements, each for all rows at once."""
    values = ", ".join(INSERTED.values()).format(id="e", job="j")
    rows = "unnest(%(ids)s::text[], %(jobs)s::text[]) AS rows (e, j)"
    update = "UPDATE scheduler_execution SET"
    return [
        [
            f"INSERT INTO scheduler_execution ({', '.join(INSERTED)}) SELECT {values} FROM {rows}",
            f"UPDATE scheduler_jobs SET next_fire = {DUE} FROM {rows} WHERE id = j AND rev >= 0",
        ],
        [f"{update} {STARTED} FROM {rows} WHERE id = e AND state = 0"],
        [
            f"{update} {FINISHED} FROM {rows} WHERE id = e AND owner = '{OWNER}'",
            f"INSERT INTO {STATS} SELECT j, {HOUR}, 5, 1, 1 FROM {rows} {ADDED}",
        ],
    ]
