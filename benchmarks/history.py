"""Rows that were there before, by the million: executions, audit entries and jobs, made by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Table

from benchmarks.filling import FAR, ID_PREFIX, NOOP, add_jobs, cron_job
from benchmarks.places import SQLITE, Place, new_place
from ndscheduler.corescheduler.clock import MICROSECOND, to_micros

DAY = 24 * 3600 * 1_000_000
HISTORY_DAYS = 20
HOUR = 3600 * 1_000_000


@contextmanager
def filled(kind: str, jobs: int, executions: int, audit_entries: int = 0) -> Iterator[Place]:
    """A new database with so many rows of each; jobs have differing cron lines."""
    with new_place(kind) as place:
        add_jobs(place, (cron_job(number) for number in range(jobs)))
        if executions:
            add_executions(place, executions, jobs)
        if audit_entries:
            add_audit_entries(place, audit_entries, jobs)
        place.settle()
        yield place


def add_executions(place: Place, count: int, jobs: int) -> None:
    """`count` executions, the newest a minute ago, in turn of the first `jobs` jobs.

    One in 50 failed, one in 100 was missed, one in 20 was asked for by hand, on three hosts.
    """
    end = to_micros(datetime.now(timezone.utc)) - 60_000_000
    step = HISTORY_DAYS * DAY // count
    at = f"({end} - ({count} - 1 - i) * {step})"
    by_hand = "i % 20 = 7"
    columns = {
        "id": _id(place, f"{at} / 1000"),
        "job_id": _id(place, None, f"i % {jobs}"),
        "job_name": f"'Job ' || (i % {jobs})",
        "job_class_string": f"'{NOOP}'",
        "args": "'[' || i || ']'",
        "kwargs": "'{}'",
        "job_rev": "1",
        "fire_time": f"CASE WHEN {by_hand} THEN NULL ELSE {at} END",
        "first_fire_time": f"CASE WHEN {by_hand} THEN NULL ELSE {at} END",
        "count": "1",
        "trigger_kind": f"CASE WHEN {by_hand} THEN 'manual' ELSE 'schedule' END",
        "requested_by": f"CASE WHEN {by_hand} THEN 'anna' ELSE NULL END",
        "attempt": "1",
        "executor": "'threads'",
        "priority": "0",
        "state": "CASE WHEN i % 50 = 3 THEN 4 WHEN i % 100 = 5 THEN 9 ELSE 5 END",
        "hostname": "'sched-' || (i % 3)",
        "pid": "4711",
        "scheduled_time": at,
        "started_time": f"{at} + 4000",
        "finished_time": f"{at} + 1004000",
        "updated_time": f"{at} + 1004000",
        "result": "'{\"number\": ' || i || '}'",
    }
    with place.datastore() as store:
        tables = store.tables
    _generate(place, tables.executions, columns, count)
    _count_them(place, tables.executions, tables.job_stats)


def add_audit_entries(place: Place, count: int, jobs: int) -> None:
    """`count` audit entries of the first `jobs` jobs, by five users."""
    end = to_micros(datetime.now(timezone.utc)) - 60_000_000
    at = f"({end} - ({count} - 1 - i) * {HISTORY_DAYS * DAY // count})"
    columns = {
        "id": _id(place, f"{at} / 1000"),
        "event": "1",
        "job_id": _id(place, None, f"i % {jobs}"),
        "job_name": f"'Job ' || (i % {jobs})",
        "user": "'user-' || (i % 5)",
        "created_time": at,
        "description": "'changed the minute from 0 to 1'",
        "changes": """'{"minute": ["0", "1"]}'""",
    }
    with place.datastore() as store:
        table = store.tables.audit_logs
    _generate(place, table, columns, count)


def add_tags(place: Place, jobs: int) -> None:
    """One of ten tags for each of the first `jobs` jobs."""
    with place.datastore() as store:
        table = store.tables.job_tags
    _generate(place, table, {"job_id": _id(place, None), "tag": "'team-' || (i % 10)"}, jobs)


def add_many_jobs(place: Place, first: int, count: int) -> None:
    """`count` jobs from the number `first` on, which are due in the far future."""
    now = to_micros(datetime.now(timezone.utc))
    number = f"({first} + i)"
    fields = f"""'{{"type": "cron", "minute": "' || ({number} % 60) || '", "hour": "' ||
        ({number} % 23) || '-23", "day": "*/' || ({number} % 11 + 1) || '"}}'"""
    columns = {
        "id": _id(place, None, number),
        "name": f"'Job ' || {number}",
        "job_class_string": f"'{NOOP}'",
        "args": f"'[' || {number} || ']'",
        "kwargs": "'{}'",
        "trigger": fields,
        "timezone": "'UTC'",
        "misfire_grace_seconds": "3600",
        "coalesce": "1" if place.kind == SQLITE else "true",
        "max_instances": "3",
        "overlap": "'skip'",
        "executor": "'threads'",
        "priority": "0",
        "options": "'{}'",
        "next_fire": f"{now + FAR // MICROSECOND} + {number} * 1000",
        "rev": "1",
        "state": "'active'",
        "created_at": str(now),
        "updated_at": str(now),
    }
    with place.datastore() as store:
        table = store.tables.jobs
    _generate(place, table, columns, count)


def _generate(place: Place, table: Table, columns: dict[str, str], count: int) -> None:
    """Insert `count` rows: each column is an SQL expression of the number i, from 0 on."""
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    numbers = (
        f"WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers"
        f" WHERE i + 1 < {count})"
        if place.kind == SQLITE
        else f"WITH numbers (i) AS (SELECT generate_series(0::bigint, {count} - 1))"
    )
    _execute(place, f'{numbers} INSERT INTO "{table.name}" ({names}) SELECT {values} FROM numbers')


def _count_them(place: Place, executions: Table, stats: Table) -> None:
    """The statistics that the finish writer would have kept."""
    hour = f"finished_time - finished_time % {HOUR}"
    _execute(
        place,
        f'INSERT INTO "{stats.name}" (job_id, hour, state, count, total_microseconds)'
        f" SELECT job_id, {hour}, state, count(*), sum(finished_time - started_time)"
        f' FROM "{executions.name}" GROUP BY job_id, {hour}, state',
    )


def _execute(place: Place, statement: str) -> None:
    with closing(place.connect()) as connection:
        cursor: Any = connection.cursor()
        cursor.execute(statement)


def _id(place: Place, milliseconds: str | None, number: str = "i") -> str:
    """SQL for a time-ordered id of 32 hex digits; that of a job without `milliseconds`."""
    if place.kind == SQLITE:
        tail = f"printf('%019x', {number})"
        head = f"printf('%012x', {milliseconds}) || '7'"
    else:
        tail = f"lpad(to_hex({number}), 19, '0')"
        head = f"lpad(to_hex({milliseconds}), 12, '0') || '7'"
    return f"'{ID_PREFIX}' || {tail}" if milliseconds is None else f"{head} || {tail}"
