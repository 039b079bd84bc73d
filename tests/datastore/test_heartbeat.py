"""Signs of life, and what becomes of the executions of those that show none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.heartbeat import Heartbeat
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution, Instance
from tests.chaos.processes import wait_until
from tests.factories import MINUTE, NOON, a_job, an_execution, an_instance

LEASE = 0.5

Start = Callable[..., Heartbeat]


@pytest.fixture
def reaped() -> list[Execution]:
    """The executions that were interrupted."""
    return []


@pytest.fixture
def start(datastore: DatastoreBase, reaped: list[Execution]) -> Iterator[Start]:
    """Starts the heartbeat of an instance; all are stopped at the end."""
    started: list[Heartbeat] = []

    def begin(instance: Instance) -> Heartbeat:
        instance = replace(instance, lease_seconds=LEASE)
        heartbeat = Heartbeat(datastore, instance, reaped.extend)
        heartbeat.start()
        started.append(heartbeat)
        return heartbeat

    yield begin
    for heartbeat in started:
        heartbeat.stop()


def running(datastore: DatastoreBase, owner: Instance) -> Execution:
    """An execution that `owner` has started."""
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    (won,), _ = datastore.write(datastore.lifecycle.start, [execution], owner, NOON)
    return won


def state(datastore: DatastoreBase, execution: Execution) -> ExecutionState:
    """The state of an execution now."""
    return datastore.read(datastore.executions.state_of, execution.id)


def test_an_owner_without_a_sign_of_life_loses_its_executions_after_a_lease(
    datastore: DatastoreBase, start: Start, reaped: list[Execution]
) -> None:
    dead = an_instance(heartbeat_at=utc_now(), lease_seconds=LEASE)
    datastore.write(datastore.instances.insert, dead)
    execution = running(datastore, dead)

    start(an_instance())
    wait_until(lambda: reaped, 20, "the reaping")

    stored = datastore.read(datastore.executions.get, execution.id)
    assert [(e.id, e.state) for e in reaped] == [(execution.id, ExecutionState.INTERRUPTED)]
    assert stored.state is ExecutionState.INTERRUPTED
    assert stored.reason is not None
    assert f"process {dead.pid} on {dead.hostname}" in stored.reason


def test_a_live_owner_keeps_its_executions_whatever_its_wall_clock_says(
    datastore: DatastoreBase, start: Start
) -> None:
    live = an_instance(heartbeat_at=NOON)
    start(live)
    of_live = running(datastore, live)
    dead = an_instance()
    of_dead = running(datastore, dead)

    start(an_instance())
    wait_until(lambda: state(datastore, of_dead) is ExecutionState.INTERRUPTED, 20, "the reaping")

    assert state(datastore, of_live) is ExecutionState.RUNNING


def test_an_owner_that_said_goodbye_is_not_waited_for(
    datastore: DatastoreBase, start: Start, reaped: list[Execution]
) -> None:
    gone = an_instance(stopped_at=NOON)
    datastore.write(datastore.instances.insert, gone)
    running(datastore, gone)

    start(an_instance())
    wait_until(lambda: reaped, 20, "the reaping")

    assert reaped[0].reason is not None
    assert "ended at 2026-03-02" in reaped[0].reason


def test_an_instance_that_was_forgotten_announces_itself_again(
    datastore: DatastoreBase, start: Start
) -> None:
    forgotten = an_instance()
    start(forgotten)

    with datastore.engine.begin() as connection:
        connection.execute(datastore.tables.instances.delete())

    wait_until(lambda: datastore.read(datastore.instances.list), 20, "the announcement")
    (found,) = datastore.read(datastore.instances.list)
    assert (found.id, found.stopped_at) == (forgotten.id, None)


def test_an_instance_that_can_not_write_its_heartbeat_fences_itself(
    datastore: DatastoreBase, start: Start
) -> None:
    heartbeat = start(an_instance())
    assert not heartbeat.is_fenced()
    table = datastore.tables.instances.name
    with datastore.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")

    wait_until(heartbeat.is_fenced, 20, "the fence")

    with datastore.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table}_away RENAME TO {table}")
    wait_until(lambda: not heartbeat.is_fenced(), 20, "the end of the fence")


def test_a_database_that_stands_still_for_more_than_a_lease_kills_nobody(
    datastore: DatastoreBase, start: Start, reaped: list[Execution]
) -> None:
    owners = [an_instance() for _ in range(3)]
    for owner in owners:
        start(owner)
        running(datastore, owner)

    for _ in range(3):
        hold_instances(datastore, seconds=2 * LEASE)
        # All have gone on, and have looked at the others since.
        time.sleep(2 * LEASE)

    assert reaped == []


def test_an_owner_that_came_back_after_it_was_judged_keeps_its_executions(
    datastore: DatastoreBase,
) -> None:
    back = an_instance(heartbeat_at=NOON)
    datastore.write(datastore.instances.insert, back)
    silent = datastore.write(datastore.instances.is_silent_since, back.id, NOON)
    datastore.write(datastore.instances.beat, back.id, NOON + MINUTE)

    assert silent
    assert not datastore.write(datastore.instances.is_silent_since, back.id, NOON)


def hold_instances(datastore: DatastoreBase, seconds: float) -> None:
    """Let no heartbeat be written for so long."""
    table = datastore.tables.instances
    with datastore.engine.begin() as connection:
        connection.execute(table.update().values(kind=table.c.kind))
        time.sleep(seconds)
