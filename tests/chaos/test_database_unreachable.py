"""The network fails: what is sent to the database vanishes, or the answer to COMMIT is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.outage import (
    FIRST_START_SECONDS,
    OutageRun,
    assert_answers_in_time,
    assert_nothing_lost,
    judge,
)
from tests.chaos.processes import wait_until
from tests.chaos.proxy import Proxy
from tests.chaos.scale import databases, report, scaled, seeded
from tests.databases import db_config

SERVERS = ("postgres", "mysql")
AWAY_SECONDS = scaled(30.0, 7.0)
CUTTING_SECONDS = scaled(30.0, 4.0)
TURN_SECONDS = (0.01, 0.1)


@pytest.fixture
def proxy(kind: str, tmp_path: Path) -> Iterator[Proxy]:
    """What stands between the servers under test and their database."""
    config = db_config(kind, tmp_path)
    with Proxy(config["hostname"], config["port"]) as made:
        yield made


@pytest.fixture
def run(kind: str, datastore: DatastoreBase, proxy: Proxy, tmp_path: Path) -> Iterator[OutageRun]:
    """A cluster that reaches its database through `proxy`; the test itself has a way of its own."""
    through = {**datastore.db_config, "hostname": "127.0.0.1", "port": proxy.port}
    with OutageRun(kind, datastore, tmp_path, {"DATABASE_CONFIG_DICT": through}) as made:
        made.let_fire(2)
        yield made


@databases("postgres", full=SERVERS)
@pytest.mark.timeout(300)
def test_nothing_is_lost_and_firing_goes_on_at_once_when_the_network_swallowed_all(
    run: OutageRun, proxy: Proxy
) -> None:
    proxy.mode = "drop"
    gone = uptime()
    run.stay_away(AWAY_SECONDS)
    proxy.mode = "pass"
    back = uptime()
    run.let_fire(3)

    judge(run, "network swallows all", gone, back)


@databases("mysql", full=SERVERS)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["cut_on_commit", *scaled(("cut_before_commit",), ())])
def test_nothing_is_lost_or_done_twice_when_commits_are_not_answered(
    run: OutageRun, proxy: Proxy, mode: str
) -> None:
    chance = seeded(mode)
    ends = uptime() + CUTTING_SECONDS
    while uptime() < ends:
        # Were every COMMIT cut, that of a mere look would be, and nothing would be claimed at all.
        for now in (mode, "pass"):
            proxy.mode = now
            time.sleep(chance.uniform(*TURN_SECONDS))
    back = uptime()
    wait_until(lambda: run.starts()[-1].at > back, 10, "a start")
    first = run.seconds_to_first_start(back)
    run.let_fire(2)
    history = run.end()
    slowest = max(answer.seconds for answer in run.watch.answers)
    report(mode, run.kind, cut=proxy.commits_cut, first_start=first, slowest_answer=slowest)

    assert proxy.commits_cut > CUTTING_SECONDS
    assert_nothing_lost(run, history)
    assert first <= FIRST_START_SECONDS
    assert_answers_in_time(run.watch.answers)
