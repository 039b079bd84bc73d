"""How a scheduler leaves: what has begun ends and is stored, all else is free for others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Actor, Finish
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.databases import PROVIDER_PATHS
from tests.factories import a_job, an_execution
from tests.outages import Outage

ANA = Actor("ana")
SCHEDULER = "ndscheduler.corescheduler.core.base.BaseScheduler"
OK = ExecutionState.SUCCEEDED
RUNNING = ExecutionState.RUNNING
QUEUED = ExecutionState.SCHEDULED
INTERRUPTED = ExecutionState.INTERRUPTED

Make = Callable[..., SchedulerManager]


class GatedJob(JobBase):
    """Runs until its gate is opened."""

    gates: ClassVar[dict[str, threading.Event]] = {}
    begun: ClassVar[set[str]] = set()

    def run(self, name: str, *args: Any, **kwargs: Any) -> str:
        self.begun.add(self.execution_id)
        assert self.gates[name].wait(60)
        return name


class StoppingJob(JobBase):
    """Stops the scheduler that runs it."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        SchedulerManager.get_instance().stop()


@pytest.fixture
def gate(request: pytest.FixtureRequest) -> Iterator[threading.Event]:
    """What the jobs of this test wait for; open at the end."""
    name = request.node.name
    GatedJob.gates[name] = threading.Event()
    yield GatedJob.gates[name]
    GatedJob.gates[name].set()


@pytest.fixture
def outage(kind: str, tmp_path: Path) -> Iterator[Outage]:
    """What stands between the schedulers and the database."""
    with Outage(kind, tmp_path) as made:
        yield made


class Observer:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.finishes: list[Finish] = []

    def execution_finished(self, finish: Finish) -> None:
        self.finishes.append(finish)


@pytest.fixture
def observer() -> Observer:
    """Who is told of the ends of executions."""
    return Observer()


@pytest.fixture
def make(
    datastore: DatastoreBase,
    kind: str,
    outage: Outage,
    tmp_path: Path,
    observer: Observer,
    gate: threading.Event,
) -> Iterator[Make]:
    """Makes schedulers on the tables of `datastore`, which are not started."""
    made: list[SchedulerManager] = []

    def manager(scheduler: str = SCHEDULER, **options: Any) -> SchedulerManager:
        settings = {"drain_timeout_seconds": 20, "lease_seconds": 3, **options}
        one = SchedulerManager(
            scheduler,
            PROVIDER_PATHS[kind],
            outage.db_config,
            datastore.table_names,
            observers=[observer],
            spill_dir=str(tmp_path / "spill"),
            **settings,
        )
        made.append(one)
        return one

    yield manager
    outage.end()
    gate.set()
    for one in made:
        one.stop()


def run(manager: SchedulerManager, job_class: type[JobBase], *args: Any, **fields: Any) -> str:
    """The id of one execution by hand of a new job."""
    given = JobFields(
        name="n",
        job_class_string=f"{job_class.__module__}.{job_class.__name__}",
        trigger={"type": "cron", "month": "1"},
        pub_args=args,
        **fields,
    )
    return manager.actions.run(manager.actions.add(given, ANA).id, ANA)


def run_gated(manager: SchedulerManager, request: pytest.FixtureRequest, **fields: Any) -> str:
    """The id of a running execution that ends when the gate is opened."""
    execution_id = run(manager, GatedJob, request.node.name, **fields)
    wait_until(lambda: execution_id in GatedJob.begun, 20, "the run")
    return execution_id


def state(datastore: DatastoreBase, execution_id: str) -> ExecutionState:
    """The state of an execution."""
    return datastore.read(datastore.executions.state_of, execution_id)


def queued(datastore: DatastoreBase) -> str:
    """The id of a queued execution."""
    job = a_job(next_fire=None)
    execution = an_execution(job, fire_time=None)
    datastore.write(datastore.jobs.insert, job)
    datastore.write(datastore.executions.insert, execution)
    return execution.id


def in_thread(act: Callable[[], None]) -> threading.Thread:
    """`act`, under way."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def is_closing(manager: SchedulerManager) -> bool:
    """True once the stop of `manager` has begun."""
    return not manager.sched.running


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
    assert state(datastore, execution_id) is OK
    assert list((tmp_path / "spill").iterdir()) == []


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
