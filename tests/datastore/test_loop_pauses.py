"""How long the claim loop sleeps, which decides how soon it sees what others have queued."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ndscheduler.corescheduler.clock import SteadyClock, utc_now
from ndscheduler.corescheduler.core import claim_loop
from ndscheduler.corescheduler.core.claim_loop import (
    OTHERS_CLAIM_SECONDS,
    POLL_SECONDS,
    ClaimLoop,
)
from ndscheduler.corescheduler.core.claiming import LoopParts
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution
from tests.factories import a_job, an_execution, an_instance


class HandSetClock:
    """An uptime that stands still until the test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def uptime(monkeypatch: pytest.MonkeyPatch) -> HandSetClock:
    made = HandSetClock()
    monkeypatch.setattr(claim_loop, "uptime", made)
    return made


@pytest.fixture
def started() -> list[Execution]:
    return []


@pytest.fixture
def loop(datastore: DatastoreBase, started: list[Execution]) -> ClaimLoop:
    """A loop with free threads, that goes round when the test says so."""
    return ClaimLoop(
        datastore,
        LoopParts(
            instance=an_instance(),
            executor="threads",
            clock=SteadyClock(),
            is_okay_to_run=lambda: True,
            is_fenced=lambda: False,
            capacity=lambda: 4,
            backlog=lambda: 0,
            held_ids=list,
            submit=started.extend,
            on_ended=lambda _: None,
            resume_paused=lambda _connection, _now: 0,
        ),
    )


def test_a_loop_that_woke_early_asks_again_when_it_is_time_and_not_a_second_later(
    datastore: DatastoreBase, loop: ClaimLoop, uptime: HandSetClock
) -> None:
    later = a_job(next_fire=utc_now() + timedelta(hours=1))
    datastore.write(datastore.jobs.insert, later)

    first = loop._turn()
    # A job that fires every second wakes it a little before that second is over.
    uptime.seconds += 0.875 * POLL_SECONDS
    second = loop._turn()
    uptime.seconds += second
    third = loop._turn()

    assert (first, second, third) == (POLL_SECONDS, 0.125 * POLL_SECONDS, POLL_SECONDS)


# SQLite has no locks of rows: there the loop waits until the other claim is over.
@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgres", "mysql")],
    indirect=True,
)
def test_what_another_instance_claims_and_can_not_run_is_taken_over_at_once(
    datastore: DatastoreBase, loop: ClaimLoop, uptime: HandSetClock, started: list[Execution]
) -> None:
    job = a_job(next_fire=utc_now() - timedelta(seconds=1))
    queued = an_execution(job, fire_time=job.next_fire)
    jobs = datastore.tables.jobs
    datastore.write(datastore.jobs.insert, job)

    with datastore.engine.begin() as other:
        other.execute(jobs.select().with_for_update())
        loop._turn()
        datastore.executions.insert(other, queued)
        other.execute(jobs.update().values(next_fire=utc_now() + timedelta(hours=1)))
    uptime.seconds += OTHERS_CLAIM_SECONDS + 0.001
    loop._turn()

    assert [execution.id for execution in started] == [queued.id]
