"""SQLite on a small filesystem that is full for a while, and processes that are killed on it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.api_watch import Answer, ApiWatch, ask
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.history import settle
from tests.chaos.notes import Notes
from tests.chaos.outage import assert_answers_in_time
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import SHORT_LEASE, report, scaled, seeded
from tests.chaos.schedules import NOTED, noted_jobs
from tests.chaos.small_disk import SmallDisk, make_small_disk
from tests.databases import make_datastore

RECOVERY_SECONDS = 5.0
FULL_SECONDS = scaled(30.0, 5.0)
KILLS = scaled(200, 4)
MEGABYTES = 48
NEVER = {"type": "date", "run_date": "2000-01-01T00:00:00Z"}


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """An empty disk."""
    made = make_small_disk(MEGABYTES)
    yield made
    made.close()


@pytest.fixture
def small_datastore(disk: SmallDisk) -> Iterator[DatastoreBase]:
    """An open SQLite database on `disk`."""
    opened = make_datastore("sqlite", "small", disk.folder)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def cluster(small_datastore: DatastoreBase, tmp_path: Path) -> Iterator[Cluster]:
    """Two servers on that database, that run."""
    with Cluster("sqlite", small_datastore, tmp_path, 2, SHORT_LEASE) as made:
        made.start()
        yield made
        print(made.logs())


def assert_sound(datastore: DatastoreBase) -> None:
    """SQLite itself finds no fault with the file."""
    connection = sqlite3.connect(datastore.db_config["file_path"], timeout=20)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def make_ready(server: Server) -> None:
    """Wait until `server` answers; one that was to start while the disk was full starts again."""
    try:
        server.wait_ready()
    except AssertionError:
        if server.is_running:
            raise
        server.start()


def fill_wholly(disk: SmallDisk, cluster: Cluster) -> list[Answer]:
    """Fill the disk, and the room in SQLite's own files; the refusals of ever smaller writes."""
    disk.fill(cluster.servers)
    refusals = []
    for size in (200_000, 20_000, 0):
        answer = wait_until(lambda s=size: refused_write(cluster, s), 30, "a refused write")
        refusals.append(answer)
    return refusals


def refused_write(cluster: Cluster, size: int) -> Answer | None:
    """The refusal to store a job of `size` bytes; None if it was stored."""
    body = {
        "name": "padding",
        "job_class_string": NOTED,
        "kwargs": {"padding": "x" * size},
        "trigger": NEVER,
    }
    answer = ask(cluster.servers[0].port, "POST", "/api/v1/jobs", json.dumps(body))
    assert answer.status in (201, 503), str(answer)
    return None if answer.status == 201 else answer


@pytest.mark.timeout(300)
def test_nothing_is_lost_and_firing_goes_on_when_a_full_disk_has_space_again(
    cluster: Cluster, small_datastore: DatastoreBase, disk: SmallDisk, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    schedules = noted_jobs(small_datastore, notes.path, 5)
    by_hand = noted_jobs(
        small_datastore, notes.path, 1, trigger_json=json.dumps(NEVER), next_fire=None
    )
    wait_until(lambda: notes.executions("S"), 10, "a start")
    with ApiWatch(cluster.servers, by_hand[0].job_id) as watch:
        refusals = fill_wholly(disk, cluster)
        time.sleep(FULL_SECONDS)
        assert all(server.is_running for server in cluster.servers)
        disk.free(cluster.servers)
        back = uptime()
        wait_until(lambda: notes.all()[-1].at > back, 10, "a start")
        first = min(note.at for note in notes.all() if note.at > back) - back
        time.sleep(2)

    history = settle(small_datastore, notes, [*schedules, *by_hand], 30)
    answers = [*refusals, *watch.answers]
    report(
        "disk full",
        type(disk).__name__,
        first_start=round(first, 2),
        refused=sum(answer.status == 503 for answer in answers),
        slowest_answer=round(max(answer.seconds for answer in answers), 2),
    )
    assert_sound(small_datastore)
    check(history)
    assert set(watch.executions()) <= set(history.rows_by_id)
    assert first <= RECOVERY_SECONDS
    assert all(answer.is_refusal for answer in answers if answer.status != 200)
    assert_answers_in_time(answers)


@pytest.mark.timeout(3600)
def test_the_database_stays_sound_when_processes_are_killed_on_a_disk_that_fills(
    cluster: Cluster, small_datastore: DatastoreBase, disk: SmallDisk, tmp_path: Path
) -> None:
    chance = seeded("full disk")
    notes = Notes(tmp_path / "notes")
    schedules = noted_jobs(small_datastore, notes.path, 5, 0.2)
    for number in range(KILLS):
        victim = cluster.servers[number % len(cluster.servers)]
        make_ready(victim)
        time.sleep(chance.uniform(0.0, 0.5))
        is_full = chance.random() < 0.5
        if is_full:
            disk.fill(cluster.servers)
            time.sleep(chance.uniform(0.0, 1.0))
        victim.kill()
        # This too must make do with what space there is.
        assert_sound(small_datastore)
        disk.free(cluster.servers)
        victim.launch()

    for server in cluster.servers:
        make_ready(server)
    history = settle(small_datastore, notes, schedules, 30)
    report("kills on a full disk", type(disk).__name__, kills=KILLS, rows=len(history.rows))
    assert_sound(small_datastore)
    check(history)
