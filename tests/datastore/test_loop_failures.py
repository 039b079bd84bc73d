"""The claim loop when its turns fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from ndscheduler.corescheduler.clock import SteadyClock, utc_now
from ndscheduler.corescheduler.core.claim_loop import MIN_CHUNK, ClaimLoop
from ndscheduler.corescheduler.core.claiming import LoopParts
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import DatastoreTimeout
from ndscheduler.corescheduler.models import Execution
from tests.chaos.processes import wait_until
from tests.factories import a_job, an_instance

JOBS = 100


class Troubles:
    """Raises at the first turns of a loop."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.turns = 0

    def meet(self, connection: Connection, now: datetime) -> int:
        """Where the loop resumes paused jobs, in the middle of a claim."""
        self.turns += 1
        if self.errors:
            raise self.errors.pop()
        return 0


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


class Started:
    """What a loop started, and how many executions at a time."""

    def __init__(self) -> None:
        self.executions: list[Execution] = []
        self.batches: list[int] = []

    def submit(self, executions: Sequence[Execution]) -> None:
        """Where the loop hands them to the executor."""
        if executions:
            self.executions.extend(executions)
            self.batches.append(len(executions))


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def loop(datastore: DatastoreBase, troubles: Troubles, started: Started) -> Iterator[ClaimLoop]:
    """A loop of its own, not started yet, that starts executions for nobody."""

    parts = LoopParts(
        instance=an_instance(),
        executor="threads",
        clock=SteadyClock(),
        is_okay_to_run=lambda: True,
        is_fenced=lambda: False,
        capacity=lambda: 1000,
        backlog=lambda: 0,
        held_ids=lambda: [execution.id for execution in started.executions],
        submit=started.submit,
        on_ended=lambda _: None,
        resume_paused=troubles.meet,
    )
    made = ClaimLoop(datastore, parts)
    yield made
    made.stop(10)


def add_due_jobs(datastore: DatastoreBase) -> None:
    due = utc_now() - timedelta(seconds=1)
    trigger = f'{{"type": "date", "run_date": "{due.isoformat()}"}}'

    def insert(connection: Connection) -> None:
        for _ in range(JOBS):
            datastore.jobs.insert(connection, a_job(trigger_json=trigger, next_fire=due))

    datastore.loop.write(insert)


def test_a_loop_whose_turns_fail_comes_round_says_so_and_starts_everything_later(
    datastore: DatastoreBase, loop: ClaimLoop, troubles: Troubles, started: Started
) -> None:
    troubles.errors = [ValueError("odd"), DatastoreTimeout("slow"), KeyError("odd")]
    add_due_jobs(datastore)

    loop.start()
    wait_until(lambda: loop.is_failing, 10, "a failed turn")
    wait_until(lambda: len(started.executions) == JOBS, 30, "the start of all")

    wait_until(lambda: not loop.is_failing, 10, "a turn that works")
    assert loop.failures == 3
    assert loop.is_alive
    assert loop.seconds_since_round() < 5
    assert len({execution.job_id for execution in started.executions}) == JOBS


def test_after_failures_less_is_done_at_a_time_and_then_more_again(
    datastore: DatastoreBase, loop: ClaimLoop, troubles: Troubles, started: Started
) -> None:
    troubles.errors = [DatastoreTimeout("slow") for _ in range(4)]
    add_due_jobs(datastore)

    loop.start()
    wait_until(lambda: len(started.executions) == JOBS, 30, "the start of all")

    assert started.batches[0] == MIN_CHUNK
    assert max(started.batches) > MIN_CHUNK
