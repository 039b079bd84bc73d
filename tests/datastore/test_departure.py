"""How a scheduler leaves: what has begun ends and is stored, all else is free for others."""

from __future__ import annotations

import threading
import time

import pytest

from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.processes import wait_until
from tests.datastore.leaving import (
    INTERRUPTED,
    OK,
    QUEUED,
    RUNNING,
    GatedJob,
    Make,
    Observer,
    in_thread,
    is_closing,
    queued,
    run,
    run_gated,
    state,
)
from tests.outages import Outage


def test_what_runs_may_end_while_what_is_queued_is_taken_over_by_another(
    datastore: DatastoreBase, make: Make, gate: threading.Event, request: pytest.FixtureRequest
) -> None:
    leaving, other = make(thread_pool_size=1), make()
    leaving.start()
    running = run_gated(leaving, request)
    queued = run(leaving, GatedJob, request.node.name)
    stop = in_thread(leaving.stop)
    wait_until(lambda: is_closing(leaving), 10, "the beginning of the stop")

    other.start()

    wait_until(lambda: state(datastore, queued) is RUNNING, 10, "the taking over")
    # Longer than a lease: what drains must show signs of life.
    time.sleep(4)
    assert state(datastore, running) is RUNNING
    gate.set()
    stop.join(20)
    wait_until(lambda: state(datastore, queued) is OK, 20, "the end")
    assert state(datastore, running) is OK


def test_what_is_marked_running_and_waits_for_a_thread_is_free_at_once(
    datastore: DatastoreBase, make: Make, gate: threading.Event, request: pytest.FixtureRequest
) -> None:
    leaving = make(thread_pool_size=1)
    leaving.start()
    gate.set()
    # Short runs open the window, so that long ones behind them are marked running as well.
    short = [run(leaving, GatedJob, request.node.name) for _ in range(30)]
    wait_until(lambda: all(state(datastore, i) is OK for i in short), 20, "the short ones")
    gate.clear()
    ids = [run(leaving, GatedJob, request.node.name) for _ in range(5)]
    wait_until(lambda: [state(datastore, i) for i in ids].count(RUNNING) >= 2, 20, "the window")

    stop = in_thread(leaving.stop)

    wait_until(lambda: [state(datastore, i) for i in ids].count(QUEUED) == 4, 10, "their freedom")
    gate.set()
    stop.join(20)
    assert sorted(state(datastore, i) for i in ids) == sorted([OK] + [QUEUED] * 4)


def test_a_start_that_is_under_way_runs_nothing_any_more(
    datastore: DatastoreBase, make: Make, outage: Outage, gate: threading.Event
) -> None:
    manager = make()
    manager.sched.start(paused=True)
    ids = [queued(datastore) for _ in range(3)]
    # On servers it hangs in the start, or before it; on SQLite it waits for its turn to write.
    outage.begin("hang")
    manager.sched.resume()
    time.sleep(1)

    stop = in_thread(manager.stop)
    wait_until(lambda: is_closing(manager), 10, "the beginning of the stop")
    time.sleep(0.5)
    outage.end()
    stop.join(30)

    assert [state(datastore, execution_id) for execution_id in ids] == [QUEUED] * 3


class SlowGate(BaseScheduler):
    """Thinks for long whether it may claim."""

    entered = threading.Event()
    leave = threading.Event()

    @classmethod
    def is_okay_to_run(cls, datastore: DatastoreBase) -> bool:
        cls.entered.set()
        return cls.leave.wait(20)


def test_nothing_is_started_after_the_stop_though_the_loop_was_in_mid_turn(
    datastore: DatastoreBase, make: Make
) -> None:
    SlowGate.entered.clear()
    SlowGate.leave.clear()
    manager = make(f"{SlowGate.__module__}.SlowGate")
    execution_id = queued(datastore)
    manager.start()
    SlowGate.entered.wait(20)

    stop = in_thread(manager.stop)
    wait_until(lambda: is_closing(manager), 10, "the beginning of the stop")
    SlowGate.leave.set()
    stop.join(30)

    assert state(datastore, execution_id) is QUEUED


def test_what_does_not_end_in_time_is_interrupted_and_told(
    datastore: DatastoreBase, make: Make, observer: Observer, request: pytest.FixtureRequest
) -> None:
    manager = make(drain_timeout_seconds=0.3)
    manager.start()
    execution_id = run_gated(manager, request)

    manager.stop()

    row = datastore.read(datastore.executions.get, execution_id)
    assert row.state is INTERRUPTED
    assert row.reason == "Its scheduler was stopped; it did not end within 0.3 seconds."
    assert [(f.execution.id, f.state) for f in observer.finishes] == [(execution_id, INTERRUPTED)]
    (instance,) = datastore.read(datastore.instances.list)
    assert instance.stopped_at is not None


def test_a_stop_at_once_interrupts_what_runs_and_keeps_what_has_ended(
    datastore: DatastoreBase, make: Make, gate: threading.Event, request: pytest.FixtureRequest
) -> None:
    manager = make(thread_pool_size=1)
    manager.start()
    running = run_gated(manager, request)
    queued = run(manager, GatedJob, request.node.name)
    began = time.monotonic()

    manager.stop_at_once("Somebody was in a hurry.")
    seconds = time.monotonic() - began

    row = datastore.read(datastore.executions.get, running)
    assert (row.state, row.reason) == (INTERRUPTED, "Somebody was in a hurry.")
    assert state(datastore, queued) is QUEUED
    assert seconds < 2
