"""The database server goes away and comes back, again and again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.outage import (
    FIRST_START_SECONDS,
    OutageRun,
    assert_answers_in_time,
    assert_nothing_lost,
)
from tests.chaos.processes import wait_until
from tests.chaos.scale import report, scaled, seeded
from tests.chaos.servers import PrivateServer

FLAPS = scaled(20, 2)
AWAY_SECONDS = (0.1, 3.0)
BACK_SECONDS = (0.0, 2.0)


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_each_return_is_seen_at_once_when_the_database_flaps(
    private_server: PrivateServer, private_datastore: DatastoreBase, tmp_path: Path
) -> None:
    chance = seeded("flaps")
    late: list[float] = []
    with OutageRun(private_server.kind, private_datastore, tmp_path) as run:
        run.let_fire(2)
        for number in range(FLAPS):
            # Every other time it stands still, else it dies.
            go, come = (
                (private_server.kill, private_server.start),
                (private_server.suspend, private_server.resume),
            )[number % 2]
            go()
            time.sleep(chance.uniform(*AWAY_SECONDS))
            back = come()
            wait_until(lambda: run.starts()[-1].at > back, 10, "a start")  # noqa: B023
            late.append(run.seconds_to_first_start(back))
            time.sleep(chance.uniform(*BACK_SECONDS))
        run.let_fire(2)
        history = run.end()
        slowest = max(answer.seconds for answer in run.watch.answers)
        report("flaps", run.kind, flaps=FLAPS, first_start=max(late), slowest_answer=slowest)

        assert_nothing_lost(run, history)
    assert max(late) <= FIRST_START_SECONDS
    assert_answers_in_time(run.watch.answers)
