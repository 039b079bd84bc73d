"""Results reach the database, whatever happens to some of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.finish_writer import FinishWriter
from ndscheduler.corescheduler.core.interruption import interrupt_executions
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Finish
from tests.chaos.processes import wait_until
from tests.factories import NOON, a_job, an_execution, an_instance

OWNER = an_instance()
OK = ExecutionState.SUCCEEDED


@pytest.fixture
def stored() -> list[Finish]:
    """What the writer says it has stored."""
    return []


@pytest.fixture
def writer(datastore: DatastoreBase, stored: list[Finish]) -> Iterator[FinishWriter]:
    """A writer that is not started yet, so that what is added becomes one batch."""
    made = FinishWriter(datastore, stored.extend)
    yield made
    made.close()


def finish(datastore: DatastoreBase, **result: str) -> Finish:
    """The end of a new running execution."""
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    (won,), _ = datastore.write(datastore.lifecycle.start, [execution], OWNER, NOON)
    return Finish(won, OK, NOON + timedelta(seconds=2), **result)


def test_a_batch_is_stored_and_counted(
    datastore: DatastoreBase, writer: FinishWriter, stored: list[Finish]
) -> None:
    finishes = [finish(datastore, result="1") for _ in range(5)]
    for one in finishes:
        writer.add(one)

    writer.start()

    assert writer.flush(20)
    assert stored == finishes
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 5}
    assert writer.backlog() == 0


def test_a_row_that_was_taken_away_does_not_hold_up_the_others(
    datastore: DatastoreBase, writer: FinishWriter, stored: list[Finish]
) -> None:
    taken, kept = finish(datastore), finish(datastore)
    columns = {"owner": "somebody else"}
    datastore.write(datastore.executions.update_columns, taken.execution.id, columns)
    writer.add(taken)
    writer.add(kept)

    writer.start()

    assert writer.flush(20)
    assert stored == [kept]
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 1}
    state = datastore.read(datastore.executions.state_of, taken.execution.id)
    assert state is ExecutionState.RUNNING


def test_a_value_that_the_database_can_not_hold_ends_failed_and_the_others_are_stored(
    datastore: DatastoreBase, writer: FinishWriter, stored: list[Finish]
) -> None:
    bad = replace(finish(datastore, result="1"), exit_code=2**80)
    good = finish(datastore)
    writer.add(bad)
    writer.add(good)

    writer.start()

    assert writer.flush(20)
    ended = datastore.read(datastore.executions.get, bad.execution.id)
    assert ended.state is ExecutionState.FAILED
    assert ended.error_summary is not None
    assert ended.error_summary.startswith("The database refused the result")
    assert datastore.read(datastore.executions.state_of, good.execution.id) is OK
    assert [one.state for one in stored] == [ExecutionState.FAILED, OK]


def test_an_error_that_passes_costs_no_result_and_holds_up_no_other(
    datastore: DatastoreBase, writer: FinishWriter
) -> None:
    waiting, first, second = (finish(datastore, result=text) for text in ("1", "2", "3"))
    with refusing(datastore, waiting):
        writer.add(waiting)
        writer.add(first)
        writer.start()
        wait_until(lambda: state(datastore, first) is OK, 20, "the end of the one beside it")
        writer.add(second)
        wait_until(lambda: state(datastore, second) is OK, 20, "the end of a later one")
        assert state(datastore, waiting) is ExecutionState.RUNNING

    assert writer.flush(20)
    ended = datastore.read(datastore.executions.get, waiting.execution.id)
    assert (ended.state, ended.result) == (OK, "1")


def test_a_row_is_tried_with_a_small_change_only_while_it_is_still_this_runs(
    datastore: DatastoreBase,
) -> None:
    ours, taken = finish(datastore), finish(datastore)
    datastore.write(interrupt_executions, datastore, OWNER.id, "It died.", [ours.execution.id])
    before = datastore.read(datastore.executions.get, taken.execution.id)

    assert datastore.write(datastore.lifecycle.touch, ours)
    assert not datastore.write(datastore.lifecycle.touch, taken)

    assert datastore.read(datastore.executions.get, taken.execution.id) == before


def test_a_result_that_breaks_the_connection_does_not_hold_up_the_others(
    datastore: DatastoreBase, writer: FinishWriter
) -> None:
    # More than the largest packet that a MariaDB server takes by default.
    huge = finish(datastore, result="x" * 40_000_000)
    good = finish(datastore, result="1")
    writer.add(huge)
    writer.add(good)

    writer.start()

    assert writer.flush(60)
    assert datastore.read(datastore.executions.state_of, good.execution.id) is OK
    ended = datastore.read(datastore.executions.get, huge.execution.id)
    assert ended.state is (
        ExecutionState.FAILED if datastore.dialect.name == "mysql" else ExecutionState.SUCCEEDED
    )


def test_an_end_that_is_stored_already_is_told_all_the_same(
    datastore: DatastoreBase, writer: FinishWriter, stored: list[Finish]
) -> None:
    # As after a COMMIT whose answer was lost.
    one = finish(datastore)
    datastore.write(datastore.lifecycle.finish, [one])
    writer.add(one)

    writer.start()

    assert writer.flush(20)
    assert stored == [one]


def state(datastore: DatastoreBase, finish: Finish) -> ExecutionState:
    """The state that is stored now."""
    return datastore.read(datastore.executions.state_of, finish.execution.id)


REFUSING = {
    "sqlite": [
        "CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {row} "
        "BEGIN SELECT RAISE(ABORT, 'not now'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'not now'; END $$",
        "CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({row}) "
        "EXECUTE FUNCTION {name}()",
    ],
    "mysql": [
        "CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
        "IF {row} THEN SIGNAL SQLSTATE '45000'; END IF"
    ],
}


@contextmanager
def refusing(datastore: DatastoreBase, finish: Finish) -> Iterator[None]:
    """Meanwhile the database refuses the end of this execution, for a reason of its own."""
    table = datastore.tables.executions.name
    row = f"NEW.id = '{finish.execution.id}' AND NEW.live IS NULL"
    names = {"name": f"{table}_refusing", "table": table, "row": row}
    kind = datastore.dialect.name
    with datastore.engine.begin() as connection:
        for statement in REFUSING[kind]:
            connection.exec_driver_sql(statement.format(**names))
    try:
        yield
    finally:
        with datastore.engine.begin() as connection:
            on_table = f" ON {table}" if kind == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {names['name']}{on_table}")
            if kind == "postgresql":
                connection.exec_driver_sql(f"DROP FUNCTION {names['name']}()")
