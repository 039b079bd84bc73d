"""A stop comes to its end with the database away, asked for twice, or by a job; nothing is left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.processes import wait_until
from tests.datastore.leaving import (
    INTERRUPTED,
    OK,
    RUNNING,
    Make,
    StoppingJob,
    in_thread,
    is_closing,
    run,
    run_gated,
    state,
)
from tests.outages import Outage


def test_a_stop_while_the_database_is_away_ends_and_the_next_start_stores_the_result(
    datastore: DatastoreBase,
    make: Make,
    outage: Outage,
    gate: threading.Event,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    manager = make(drain_timeout_seconds=3)
    manager.start()
    execution_id = run_gated(manager, request)
    outage.begin()
    gate.set()
    began = time.monotonic()

    manager.stop()
    seconds = time.monotonic() - began
    kept = list((tmp_path / "spill").iterdir())
    outage.end()
    before = state(datastore, execution_id)
    # An instance that has left with results to be stored has its whole lease for that.
    make().start()

    assert seconds < 3 + 12
    assert len(kept) == 1
    assert before is RUNNING
    # The one that left may be in the middle of a call yet, and hold the file until it ends.
    wait_until(lambda: state(datastore, execution_id) is OK, 20, "the result")
    wait_until(lambda: not list((tmp_path / "spill").iterdir()), 20, "the end of the file")


def test_a_result_that_is_written_down_is_not_queued_again_nor_interrupted(
    datastore: DatastoreBase,
    make: Make,
    outage: Outage,
    gate: threading.Event,
    request: pytest.FixtureRequest,
) -> None:
    manager = make(drain_timeout_seconds=0.1)
    manager.start()
    engine = manager.sched.engine
    assert engine is not None
    execution_id = run_gated(manager, request)
    outage.begin()
    gate.set()
    wait_until(lambda: not engine.running(), 10, "its end")

    # It leaves while the database is away, and signs off when it is back, all at once.
    stop = in_thread(manager.stop)
    wait_until(lambda: is_closing(manager), 10, "the beginning of the stop")
    outage.end()
    stop.join(30)

    wait_until(lambda: state(datastore, execution_id) is not RUNNING, 30, "an end")
    assert state(datastore, execution_id) is OK


def test_two_threads_may_stop_it_and_both_wait_for_the_end(
    datastore: DatastoreBase, make: Make, gate: threading.Event, request: pytest.FixtureRequest
) -> None:
    manager = make()
    manager.start()
    execution_id = run_gated(manager, request)

    stops = [in_thread(manager.stop) for _ in range(2)]
    wait_until(lambda: is_closing(manager), 10, "the beginning of the stop")
    alive = [stop.is_alive() for stop in stops]
    gate.set()
    for stop in stops:
        stop.join(20)

    assert alive == [True, True]
    assert state(datastore, execution_id) is OK


def test_a_job_may_stop_its_own_scheduler(datastore: DatastoreBase, make: Make) -> None:
    manager = make(drain_timeout_seconds=0.5)
    manager.start()

    execution_id = run(manager, StoppingJob)

    wait_until(lambda: state(datastore, execution_id) is INTERRUPTED, 20, "the stop")


def test_a_stop_leaves_no_thread_behind(make: Make) -> None:
    before = set(threading.enumerate())
    manager = make()
    manager.start()

    manager.stop()

    def left() -> list[str]:
        return [t.name for t in set(threading.enumerate()) - before if "ndscheduler" in t.name]

    wait_until(lambda: not left(), 10, "the end of the threads")


def test_a_start_that_fails_leaves_no_thread_behind(
    make: Make, outage: Outage, datastore: DatastoreBase
) -> None:
    before = set(threading.enumerate())
    manager = make()
    datastore.write(lambda c: datastore.tables.instances.drop(c))

    with pytest.raises(Exception, match="instances"):
        manager.sched.start()

    def left() -> list[str]:
        ours = {t.name for t in set(threading.enumerate()) - before if "ndscheduler" in t.name}
        # The datastore is open, and has a watchdog.
        return sorted(ours - {"ndscheduler-deadline"})

    wait_until(lambda: not left(), 10, "the end of the threads")
