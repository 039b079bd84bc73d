"""Old history goes, in small batches; what is young, unfinished or protected stays."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Table, event, func, null, select, text, type_coerce

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState
from ndscheduler.corescheduler.core.retention import (
    MAX_BATCH_ROWS,
    PAUSE_FACTOR,
    Deleted,
    RetentionPass,
    RetentionThread,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.retention import Span
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.keep_rules import INSTANCES_KEPT, KeepRules
from ndscheduler.corescheduler.models import AuditEntry, Execution
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.databases import PROVIDER_PATHS, db_config
from tests.factories import MINUTE, a_job, an_execution, an_instance

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = KeepRules(executions=30 * DAY, audit=30 * DAY)
STATES = ExecutionState


def finished(job: Any, age: timedelta, **fields: Any) -> Execution:
    """An execution of `job` that was scheduled and ended so long ago."""
    then = utc_now() - age
    values = {"state": STATES.SUCCEEDED, "fire_time": then, "scheduled_time": then}
    return an_execution(job, **{**values, "updated_time": then, **fields})


def insert(datastore: DatastoreBase, *executions: Execution) -> list[str]:
    """Add these rows; their ids."""
    datastore.write(datastore.claims.insert_executions, executions)
    return [execution.id for execution in executions]


def run(datastore: DatastoreBase, rules: KeepRules, **more: Any) -> Deleted:
    """One pass that rests for no time."""
    return RetentionPass(datastore, rules, lambda seconds: None, **more).run()


def ids(datastore: DatastoreBase) -> set[str]:
    """The ids of all executions."""
    table = datastore.tables.executions
    return set(datastore.read(lambda connection: connection.scalars(select(table.c.id)).all()))


def count(datastore: DatastoreBase, name: str) -> int:
    """How many rows a table has."""
    query = select(func.count()).select_from(getattr(datastore.tables, name))
    return int(datastore.read(lambda connection: connection.scalar(query) or 0))


def test_finished_executions_older_than_the_rule_are_deleted(datastore: DatastoreBase) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 31 * DAY + i * HOUR) for i in range(3)])
    young = insert(datastore, finished(job, 29 * DAY))

    deleted = run(datastore, MONTH)

    assert (deleted.executions, ids(datastore)) == (3, set(young))


def test_without_a_rule_everything_is_kept(datastore: DatastoreBase) -> None:
    insert(datastore, finished(a_job(), 5000 * DAY))

    assert run(datastore, KeepRules()).total() == 0


@pytest.mark.parametrize("state", [STATES.SCHEDULED, STATES.RUNNING, STATES.STOPPING])
def test_an_unfinished_execution_stays_however_old_it_is(
    datastore: DatastoreBase, state: ExecutionState
) -> None:
    live = insert(datastore, finished(a_job(), 400 * DAY, state=state))

    run(datastore, KeepRules(executions=DAY, executions_per_job=1))

    assert ids(datastore) == set(live)


def test_the_age_counts_from_the_last_change_of_a_row(datastore: DatastoreBase) -> None:
    long_run = finished(a_job(), 400 * DAY, updated_time=utc_now() - 20 * DAY)
    kept = insert(datastore, long_run)

    run(datastore, MONTH)

    assert ids(datastore) == set(kept)


def test_nothing_younger_than_a_day_is_deleted(datastore: DatastoreBase) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 25 * HOUR + i * HOUR) for i in range(3)])
    young = insert(datastore, *[finished(job, 23 * HOUR - i * HOUR) for i in range(3)])

    run(datastore, KeepRules(executions=HOUR, audit=HOUR, executions_per_job=1))

    assert ids(datastore) == set(young)


@pytest.mark.parametrize(
    ("grace", "days", "stays"),
    [(3 * DAY, 5, True), (3 * DAY, 7, False), (None, 2, False), (None, 0.9, True)],
)
def test_twice_the_grace_of_its_job_protects_an_execution(
    datastore: DatastoreBase, grace: timedelta | None, days: float, stays: bool
) -> None:
    seconds = None if grace is None else int(grace.total_seconds())
    job = a_job(misfire_grace_seconds=seconds)
    datastore.write(datastore.jobs.insert, job)
    insert(datastore, finished(job, timedelta(days=days)))

    run(datastore, KeepRules(executions=DAY))

    assert len(ids(datastore)) == stays


def test_the_default_grace_protects_the_executions_of_a_deleted_job(
    datastore: DatastoreBase,
) -> None:
    kept = insert(datastore, finished(a_job(), 5 * DAY))
    insert(datastore, finished(a_job(), 7 * DAY))

    run(datastore, KeepRules(executions=DAY, default_grace=3 * DAY))

    assert ids(datastore) == set(kept)


def test_a_fire_within_the_grace_is_still_refused_a_second_row_after_a_pass(
    datastore: DatastoreBase,
) -> None:
    job = a_job(misfire_grace_seconds=int((10 * DAY).total_seconds()))
    datastore.write(datastore.jobs.insert, job)
    oldest = finished(job, 10 * DAY)
    insert(datastore, oldest)

    run(datastore, KeepRules(executions=DAY, executions_per_job=1))

    again = an_execution(job, fire_time=oldest.fire_time)
    assert datastore.write(datastore.claims.insert_executions, [again]) == 0


def test_of_each_job_the_newest_executions_are_kept(datastore: DatastoreBase) -> None:
    busy, quiet, gone = a_job(), a_job(), a_job()
    for job in (busy, quiet):
        datastore.write(datastore.jobs.insert, job)
    insert(datastore, *[finished(busy, 10 * DAY + i * HOUR) for i in range(7)])
    insert(datastore, *[finished(gone, 10 * DAY + i * HOUR) for i in range(4)])
    kept = insert(
        datastore,
        *[finished(busy, 9 * DAY - i * HOUR) for i in range(3)],
        *[finished(gone, 9 * DAY - i * HOUR) for i in range(3)],
        *[finished(quiet, 900 * DAY - i * HOUR) for i in range(2)],
    )

    deleted = run(datastore, KeepRules(executions_per_job=3))

    assert (deleted.executions, ids(datastore)) == (11, set(kept))


def test_the_count_goes_by_schedule_when_all_rows_ended_at_once(datastore: DatastoreBase) -> None:
    job, ended = a_job(), utc_now() - 2 * DAY
    rows = [finished(job, 10 * DAY - i * HOUR, updated_time=ended) for i in range(10)]
    insert(datastore, *rows)

    run(datastore, KeepRules(executions_per_job=3))

    assert ids(datastore) == {row.id for row in rows[-3:]}


def test_every_job_is_looked_at_however_many_there_are(datastore: DatastoreBase) -> None:
    jobs = [a_job() for _ in range(50)]
    rows = [finished(job, days * DAY) for job in jobs for days in (5, 4)]
    insert(datastore, *rows)

    assert run(datastore, KeepRules(executions_per_job=1)).executions == 50


def add_output(datastore: DatastoreBase, execution_id: str, pieces: int) -> None:
    table = datastore.tables.execution_output
    rows = [
        {"execution_id": execution_id, "sequence": i, "stream": 1, "text": "x"}
        for i in range(pieces)
    ]
    values = [{**row, "written_at": utc_now()} for row in rows]
    datastore.write(lambda connection: connection.execute(table.insert(), values))


def test_output_goes_with_its_execution(datastore: DatastoreBase) -> None:
    job = a_job()
    (old,) = insert(datastore, finished(job, 40 * DAY))
    (young,) = insert(datastore, finished(job, DAY))
    add_output(datastore, old, MAX_BATCH_ROWS * 2 + 1)
    add_output(datastore, young, 3)

    deleted = run(datastore, MONTH)

    assert (deleted.output, count(datastore, "execution_output")) == (MAX_BATCH_ROWS * 2 + 1, 3)
    assert ids(datastore) == {young}


def test_statistics_are_kept_as_long_as_executions(datastore: DatastoreBase) -> None:
    now = utc_now()
    ages = [29 * DAY, 31 * DAY, 400 * DAY]
    endings = [Ending("j", STATES.SUCCEEDED, now - age) for age in ages]
    datastore.write(datastore.stats.add, endings)

    kept = run(datastore, KeepRules(audit=DAY, executions_per_job=1)).statistics
    deleted = run(datastore, MONTH).statistics

    assert (kept, deleted, count(datastore, "job_stats")) == (0, 2, 1)


def test_audit_entries_older_than_the_rule_are_deleted(datastore: DatastoreBase) -> None:
    for days in (1, 29, 31, 4000):
        entry = AuditEntry(new_id(), AuditEvent.ADDED, "j", "n", "u", utc_now() - days * DAY)
        datastore.write(datastore.audit_logs.insert, entry)

    deleted = run(datastore, MONTH)

    assert (deleted.audit, count(datastore, "audit_logs")) == (2, 2)


def announce(datastore: DatastoreBase, age: timedelta, **fields: Any) -> str:
    """An instance that started and showed its last sign of life so long ago; its id."""
    then = utc_now() - age
    instance = an_instance(started_at=then, heartbeat_at=then, **fields)
    datastore.write(datastore.instances.insert, instance)
    return instance.id


def fill_instances(datastore: DatastoreBase) -> None:
    """As many young instances as are kept whatever their age."""
    for _ in range(INSTANCES_KEPT):
        announce(datastore, HOUR)


def silent_pass(datastore: DatastoreBase) -> dict[str, datetime]:
    """The signs of life that a first pass notes."""
    first = RetentionPass(datastore, KeepRules(), lambda seconds: None)
    first.run()
    assert first.deleted.instances == 0
    return first.silent


def test_instances_silent_for_a_month_and_two_passes_are_forgotten(
    datastore: DatastoreBase,
) -> None:
    fill_instances(datastore)
    announce(datastore, 31 * DAY)
    announce(datastore, 60 * DAY, stopped_at=utc_now() - 60 * DAY)
    announce(datastore, 29 * DAY)

    deleted = run(datastore, KeepRules(), silent_before=silent_pass(datastore))

    assert (deleted.instances, count(datastore, "instances")) == (2, INSTANCES_KEPT + 1)


def test_an_instance_that_owns_an_unfinished_execution_stays(datastore: DatastoreBase) -> None:
    fill_instances(datastore)
    owner = announce(datastore, 31 * DAY)
    insert(datastore, finished(a_job(), 31 * DAY, state=STATES.RUNNING, owner=owner))

    assert run(datastore, KeepRules(), silent_before=silent_pass(datastore)).instances == 0


def test_an_instance_that_showed_a_sign_of_life_between_two_passes_stays(
    datastore: DatastoreBase,
) -> None:
    fill_instances(datastore)
    suspended = announce(datastore, 90 * DAY)
    silent = silent_pass(datastore)
    datastore.write(datastore.instances.beat, suspended, utc_now() - 31 * DAY)

    assert run(datastore, KeepRules(), silent_before=silent).instances == 0


def test_the_newest_instances_stay_however_old_they_are(datastore: DatastoreBase) -> None:
    announce(datastore, 400 * DAY)

    assert run(datastore, KeepRules(), silent_before=silent_pass(datastore)).instances == 0


def test_several_instances_at_once_delete_every_row_once(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 40 * DAY + i * HOUR) for i in range(1500)])

    with ThreadPoolExecutor(2) as pool:
        passes = pool.map(lambda store: run(store, MONTH), (datastore, other_datastore))

    assert sum(deleted.executions for deleted in passes) == 1500
    assert ids(datastore) == set()


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgres", "mysql")],
    indirect=True,
)
def test_rows_that_another_transaction_holds_are_left_to_a_later_pass(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    job = a_job()
    held, _ = insert(datastore, finished(job, 40 * DAY), finished(job, 41 * DAY))
    table = datastore.tables.executions

    with other_datastore.engine.begin() as connection:
        connection.execute(select(table.c.id).where(table.c.id == held).with_for_update())
        first = run(datastore, MONTH).executions
    second = run(datastore, MONTH).executions

    assert (first, second) == (1, 1)


@pytest.fixture
def statements(datastore: DatastoreBase) -> Iterator[list[tuple[str, Any, int]]]:
    """(SQL, parameters, rows changed) of each statement that runs meanwhile."""
    seen: list[tuple[str, Any, int]] = []

    def note(_conn: Any, cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        seen.append((sql, parameters, cursor.rowcount))

    event.listen(datastore.loop.engine, "after_cursor_execute", note)
    yield seen
    event.remove(datastore.loop.engine, "after_cursor_execute", note)


def test_no_transaction_deletes_more_than_a_thousand_rows(
    datastore: DatastoreBase, statements: list[tuple[str, Any, int]]
) -> None:
    job = a_job()
    rows = insert(datastore, *[finished(job, 40 * DAY + i * HOUR) for i in range(2500)])
    add_output(datastore, rows[0], 1200)
    deleted_in: list[int] = []

    def note_end(_connection: Any) -> None:
        rows = [n for sql, _, n in statements if sql.startswith("DELETE")]
        deleted_in.append(sum(rows))
        statements.clear()

    event.listen(datastore.loop.engine, "commit", note_end)
    run(datastore, MONTH)

    assert sum(deleted_in) == 3700
    assert max(deleted_in) <= 1000


def test_it_rests_after_every_transaction_in_proportion_to_what_it_took(
    datastore: DatastoreBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY + i * HOUR) for i in range(300)])
    ticks = iter(range(0, 100_000, 7))
    monkeypatch.setattr("ndscheduler.corescheduler.core.retention.uptime", lambda: next(ticks))
    transactions: list[str] = []
    event.listen(datastore.loop.engine, "begin", lambda _connection: transactions.append("begin"))
    rests: list[float] = []

    RetentionPass(datastore, MONTH, rests.append).run()

    # The first transaction only asks for the time.
    assert rests == [7 * PAUSE_FACTOR] * (len(transactions) - 1)
    assert len(rests) > 5


def plan_of(connection: Connection, kind: str, sql: str, parameters: Any) -> str:
    """How the database runs this statement."""
    word = {"sqlite": "EXPLAIN QUERY PLAN", "postgres": "EXPLAIN", "mysql": "EXPLAIN"}[kind]
    one = parameters[0] if isinstance(parameters, list) else parameters
    found = connection.exec_driver_sql(f"{word} {sql}", one).mappings()
    return "\n".join(str(dict(row)) for row in found)


SCANS = {
    # One row of the statistics of MySQL is ALL or index for a walk through all of a table.
    "sqlite": re.compile(r"SCAN (?!CONSTANT)(?!.*USING (COVERING )?INDEX)"),
    "postgres": re.compile(r"Seq Scan"),
    "mysql": re.compile(r"'type': '(ALL|index)'"),
}


def double(datastore: DatastoreBase, table: Table, times: int) -> None:
    """Make a table so many times twice as long, with ids of their own and no fire times."""
    instants = {"scheduled_time", "created_time", "hour"}
    for turn in range(times):
        columns: dict[str, Any] = {column.name: column for column in table.columns}
        if "fire_time" in columns:
            columns["fire_time"] = null()
        for name in {"id", "execution_id"} & set(columns):
            columns[name] = table.c[name] + str(turn)
        for name in instants & set(columns):
            columns[name] = type_coerce(table.c[name], BigInteger) - 3_600_000_000 * 2**turn
        copy = table.insert().from_select(list(columns), select(*columns.values()))
        datastore.write(lambda connection, copy=copy: connection.execute(copy))


def fill_executions(datastore: DatastoreBase) -> list[str]:
    """32,000 executions of 20 jobs; the ids of those that were there first."""
    jobs = [a_job() for _ in range(20)]
    rows = [finished(jobs[i % 20], 40 * DAY + i * MINUTE) for i in range(1000)]
    found = insert(datastore, *rows)
    double(datastore, datastore.tables.executions, 5)
    return found


def fill_history(datastore: DatastoreBase) -> list[Table]:
    """32,000 executions, and as many pieces of output, statistics, audit entries."""
    then, tables = utc_now() - 40 * DAY, datastore.tables
    output = {"sequence": 1, "stream": 1, "text": "x", "written_at": then}
    pieces = [{**output, "execution_id": name} for name in fill_executions(datastore)]
    entry = {"event": 0, "job_id": "j", "job_name": "n", "user": "u"}
    entries = [{**entry, "id": new_id(), "created_time": then - i * MINUTE} for i in range(1000)]
    hours = [then - i * 100 * HOUR for i in range(50)]
    endings = [Ending(f"job-{i}", STATES.SUCCEEDED, hour) for i in range(20) for hour in hours]

    def add_all(connection: Connection) -> None:
        connection.execute(tables.execution_output.insert(), pieces)
        connection.execute(tables.audit_logs.insert(), entries)
        datastore.stats.add(connection, endings)

    datastore.write(add_all)
    further = [tables.execution_output, tables.job_stats, tables.audit_logs]
    for table in further:
        double(datastore, table, 5)
    return [tables.executions, *further]


def test_no_statement_of_a_pass_reads_a_whole_table(
    kind: str, datastore: DatastoreBase, statements: list[tuple[str, Any, int]]
) -> None:
    tables = fill_history(datastore)
    analyze = {"sqlite": "ANALYZE", "postgres": "ANALYZE {}", "mysql": "ANALYZE TABLE {}"}[kind]
    with datastore.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(analyze.format(table.name)))
    statements.clear()
    then = utc_now() - 3650 * DAY

    for rules in (
        KeepRules(executions=30 * DAY),
        KeepRules(executions_per_job=100),
        KeepRules(audit=30 * DAY),
    ):
        with pytest.raises(TimeoutError):
            RetentionPass(datastore, rules, Patience(12)).run()
    datastore.loop.write(datastore.retention.delete_stats, Span(utc_now(), then), 100)

    texts = {sql: parameters for sql, parameters, _ in statements}
    searched = [sql for sql in texts if any(f"FROM {table.name} " in sql for table in tables)]
    assert len(searched) >= 10
    with datastore.engine.connect() as connection:
        if kind == "postgres":
            # As on a disk without moving parts: at so few narrow rows the other is near.
            connection.exec_driver_sql("SET random_page_cost = 1.1")
        for sql in searched:
            plan = plan_of(connection, kind, sql, texts[sql])
            assert not SCANS[kind].search(plan), f"{sql[:400]}\n{plan[:800]}"


def rows_looked_at(kind: str, plan: str) -> int:
    """How many index entries the database expects to read."""
    if kind == "sqlite":
        # It tells no figure, but which conditions bound the walk.
        return 0 if "scheduled_time>?" in plan else 10**9
    pattern = {"postgres": r"Index Scan.* rows=(\d+)", "mysql": r"'rows': '?(\d+)"}[kind]
    found = re.search(pattern, plan)
    assert found is not None, plan
    return int(found[1])


def test_a_window_is_not_looked_for_from_the_beginning(
    kind: str, datastore: DatastoreBase, statements: list[tuple[str, Any, int]]
) -> None:
    fill_executions(datastore)
    table = datastore.tables.executions
    newest = datastore.loop.read(datastore.retention.window, utc_now(), None, 10**6)[-200]
    if kind != "sqlite":
        with datastore.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(text(f"ANALYZE {'TABLE' * (kind == 'mysql')} {table.name}"))
    statements.clear()

    window = datastore.loop.read(datastore.retention.window, utc_now(), newest, 100)

    assert len(window) == 100
    sql, parameters, _ = statements[-1]
    with datastore.engine.connect() as connection:
        plan = plan_of(connection, kind, sql, parameters)
    assert rows_looked_at(kind, plan) < 2000, plan


class Patience:
    """Rests for no time, and has enough after so many rests."""

    def __init__(self, rests: int) -> None:
        self._left = rests

    def __call__(self, seconds: float) -> None:
        self._left -= 1
        if self._left == 0:
            raise TimeoutError


class FailingOnce:
    """Stands before a datastore whose database is away the first time it is asked."""

    def __init__(self, datastore: DatastoreBase, error: Exception) -> None:
        self._datastore = datastore
        self.errors = [error]

    def __getattr__(self, name: str) -> Any:
        if name == "loop" and self.errors:
            raise self.errors.pop()
        return getattr(self._datastore, name)


def test_the_thread_outlives_a_failure_and_says_what_it_deleted(
    datastore: DatastoreBase, caplog: pytest.LogCaptureFixture
) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY) for _ in range(3)])
    failing: Any = FailingOnce(datastore, RuntimeError("out of order"))
    thread = RetentionThread(failing, MONTH, 0.01, 60.0, 0.01)

    with caplog.at_level(logging.INFO):
        thread.start()
        wait_until(lambda: not ids(datastore), 10, "the pass after the failure")
        wait_until(lambda: "3 executions" in caplog.text, 10, "the line in the log")
        thread.stop()

    assert "out of order" in caplog.text


def test_a_scheduler_has_the_thread_while_it_runs(
    datastore: DatastoreBase, kind: str, tmp_path: Path
) -> None:
    manager = SchedulerManager(
        "ndscheduler.corescheduler.core.base.BaseScheduler",
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        datastore.table_names,
        keep=MONTH,
    )

    manager.start()
    while_running = [thread.name for thread in threading.enumerate()]
    manager.stop()
    afterwards = [thread.name for thread in threading.enumerate()]

    name = "ndscheduler-retention"
    assert (name in while_running, name in afterwards) == (True, False)


def test_a_pass_ends_when_the_scheduler_stops(datastore: DatastoreBase) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY) for _ in range(3)])
    thread = RetentionThread(datastore, MONTH, 60.0)
    thread.start()

    thread.stop()

    alive = [t.name for t in threading.enumerate() if t.name == "ndscheduler-retention"]
    assert alive == []
