"""A driver that fails at connect, before COMMIT and after it: each fire is still done, once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos import faulty
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.history import settle
from tests.chaos.notes import Notes
from tests.chaos.scale import report, scaled, seeded
from tests.chaos.schedules import Schedule, noted_jobs

PROBABILITY = 0.2
JOBS = scaled(100, 10)
FIRES = 5
EVERY_SECONDS = scaled(10, 1)
# "All done in 5 minutes".
MOST_SECONDS = 300.0


class FaultyCluster:
    """Two servers whose driver fails at random."""

    def __init__(self, kind: str, datastore: DatastoreBase, folder: Path) -> None:
        self._control, self._count = folder / "probability", folder / "faults"
        self.cluster = Cluster(kind, datastore, folder, 2)
        chance = seeded("faulty driver")
        for server in self.cluster.servers:
            paths = {"control": str(self._control), "count": str(self._count)}
            faults = {"seed": str(chance.random()), **paths}
            server.db_config = {**server.db_config, "faults": faults}
            server.settings["DATABASE_CLASS"] = faulty.PATHS[kind]

    def fail(self, probability: float) -> None:
        """From now on each fault happens with `probability`."""
        fresh = self._control.with_suffix(".new")
        fresh.write_text(str(probability))
        fresh.replace(self._control)

    def faults(self) -> Counter[str]:
        """How many faults of each kind there were."""
        return Counter(self._count.read_text().split())


@pytest.fixture
def cluster(kind: str, datastore: DatastoreBase, tmp_path: Path) -> Iterator[FaultyCluster]:
    """Servers that run, and do not fail yet."""
    made = FaultyCluster(kind, datastore, tmp_path)
    with made.cluster:
        made.cluster.start()
        yield made
        print(made.cluster.logs())


def add_jobs(datastore: DatastoreBase, notes: Notes) -> list[Schedule]:
    """JOBS jobs that fire FIRES times each, a tenth of them at each tenth of EVERY_SECONDS."""
    begin = datastore.read(datastore.dialect.now) + timedelta(seconds=1)
    schedules = []
    for part in range(10):
        first = begin + timedelta(seconds=EVERY_SECONDS * part / 10)
        trigger = {"type": "interval", "seconds": EVERY_SECONDS, "anchor": first.isoformat()}
        schedules += noted_jobs(
            datastore,
            notes.path,
            JOBS // 10,
            trigger_json=json.dumps(trigger),
            next_fire=first,
            end_date=first + timedelta(seconds=EVERY_SECONDS * (FIRES - 1)),
            coalesce=False,
        )
    return schedules


def count_ended(datastore: DatastoreBase) -> int:
    """How many executions have ended."""
    ended = datastore.tables.executions.c.live.is_(None)
    return datastore.read(lambda c: c.execute(select(func.count()).where(ended)).scalar_one())


@pytest.mark.timeout(MOST_SECONDS + 120)
def test_every_fire_is_done_once_by_a_driver_that_fails_at_connect_and_around_commit(
    cluster: FaultyCluster, kind: str, datastore: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    cluster.fail(PROBABILITY)
    began = uptime()
    schedules = add_jobs(datastore, notes)

    while count_ended(datastore) < JOBS * FIRES and uptime() < began + MOST_SECONDS:
        time.sleep(0.1)

    seconds = uptime() - began
    faults = cluster.faults()
    report("faulty driver", kind, fires=JOBS * FIRES, seconds=round(seconds, 1), **faults)
    # Every row succeeded; a run that was taken for failed would be listed.
    check(settle(datastore, notes, schedules, 1))
    assert len(notes.executions("S")) == JOBS * FIRES
    # A connection to a file breaks for no reason, so there is hardly a second one to open.
    kinds = ("before", "after") if kind == "sqlite" else ("connect", "before", "after")
    assert min(faults[name] for name in kinds) >= scaled(20, 3), faults
