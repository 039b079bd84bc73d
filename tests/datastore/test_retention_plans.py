"""No statement of retention reads what it does not delete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import BigInteger, Table, null, select, text, type_coerce

from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.core.retention import (
    RetentionPass,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.retention import Span
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.keep_rules import KeepRules
from tests.datastore.history_rows import DAY, HOUR, STATES, finished, insert
from tests.factories import MINUTE, a_job


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
