"""kill -9 at random: every fire is recorded once, no code is started twice, nothing stays stuck."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.figures import figures_of
from tests.chaos.history import History, live_rows, settle
from tests.chaos.notes import Notes
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import (
    LEASE_SECONDS,
    REAP_SECONDS,
    SHORT_LEASE,
    is_full,
    report,
    scaled,
    seeded,
    within,
)
from tests.chaos.schedules import noted_jobs

JOBS = 10
KILLS = scaled(200, 3)
# A killed process's rows are those of a dead instance after a lease and two looks of the reaper;
# the harness looks from outside, so it sees that a little later.
STUCK_SECONDS = LEASE_SECONDS + 2 * REAP_SECONDS
SLACK_SECONDS = within(1.0)


def test_kill_9_at_random_loses_nothing_and_starts_nothing_twice(
    kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    with Cluster(kind, datastore, tmp_path, settings=SHORT_LEASE) as cluster:
        cluster.start()
        schedules = noted_jobs(datastore, notes.path, JOBS, seconds=0.7)
        # A few kills may be over before the first second is: then there would be nothing to lose.
        wait_until(lambda: len(notes.all()) >= JOBS, 60, "the first fire of each job")

        killed = kill_at_random(cluster, seeded(f"kills {kind}"))
        cluster.wait_ready()
        stuck_seconds = seconds_until_released(datastore, killed)
        history = settle(datastore, notes, schedules, 30)

        check(history)
        figures = figures_of(history)
        report("kill -9", kind, kills=KILLS, stuck_seconds=stuck_seconds, **figures)
        assert interrupted_pids(history) <= killed, "a live instance was taken for dead"
        assert figures["interrupted"] >= KILLS // 5, "too few kills hit a run: little was tried"
        assert figures["fires"] >= (800 if is_full() else JOBS)


def kill_at_random(cluster: Cluster, chance: Random) -> set[int]:
    """Kill and restart servers; the ids of the killed processes.

    Mostly one that serves, while another does; some while they start, and some all at once.
    """
    killed = set()
    for _ in range(KILLS):
        if chance.random() > 0.15:
            serving = wait_until(lambda: two_that_serve(cluster), 120, "the start of two servers")
            time.sleep(chance.uniform(0.0, 1.0))
            victims = [chance.choice(serving)]
        else:
            victims = cluster.servers if chance.random() < 0.3 else [cluster.any(chance)]
        for victim in victims:
            killed.add(victim.pid)
            victim.kill()
        for victim in victims:
            victim.launch()
    return killed


def two_that_serve(cluster: Cluster) -> list[Server]:
    """The servers that serve, if they are two or more."""
    serving = [server for server in cluster.servers if server.is_serving()]
    return serving if len(serving) > 1 else []


def seconds_until_released(datastore: DatastoreBase, killed: set[int]) -> float:
    """How long, with live instances there, executions of killed processes count as running."""
    began = time.monotonic()

    def released() -> bool:
        running = [row for row in live_rows(datastore) if row.state is ExecutionState.RUNNING]
        return not any(row.pid in killed for row in running)

    wait_until(released, STUCK_SECONDS + SLACK_SECONDS, "the end of all dead executions")
    return round(time.monotonic() - began, 2)


def interrupted_pids(history: History) -> set[int | None]:
    """The processes whose executions were interrupted."""
    return {row.pid for row in history.rows if row.state is ExecutionState.INTERRUPTED}
