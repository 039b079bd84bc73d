"""Many processes that start at once, on an empty and on an old database: they migrate it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.history import settle
from tests.chaos.notes import Notes
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import databases, is_full, report, scaled
from tests.chaos.schedules import noted_jobs
from tests.chaos.servers import PrivateMariaDb, PrivatePostgres, PrivateServer
from tests.compat.old_databases import OldDatabase, drop_everything
from tests.databases import PROVIDERS, db_config, table_names

PROCESSES = scaled(50, 3)
START_SECONDS = scaled(600, 90)
SAMPLE = "nextdoor"
COMPLAINTS = (" ERROR ", " CRITICAL ", "Traceback")
# The jobs of the sample are not to fire meanwhile.
CLOSED = {"SCHEDULER_CLASS": "tests.compat.closed_gate.ClosedScheduler"}


class RoomyPostgres(PrivatePostgres):
    """One that takes the connections of many processes."""

    def command(self) -> list[str]:
        return [*super().command(), "-c", "max_connections=1000"]


class RoomyMariaDb(PrivateMariaDb):
    """One that takes the connections of many processes."""

    def command(self) -> list[str]:
        return [*super().command(), "--max-connections=1000"]


ROOMY: dict[str, type[PrivateServer]] = {"postgres": RoomyPostgres, "mysql": RoomyMariaDb}


@pytest.fixture
def config(kind: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A database for so many processes."""
    if kind == "sqlite" or not is_full():
        yield db_config(kind, tmp_path)
        return
    server = ROOMY[kind]()
    try:
        server.prepare()
        server.start()
        yield server.db_config
    finally:
        server.close()


@pytest.fixture
def store(kind: str, prefix: str, config: dict[str, Any]) -> Iterator[DatastoreBase]:
    """A datastore without tables, not open."""
    made = PROVIDERS[kind](config, table_names(prefix))
    yield made
    drop_everything(made, prefix)
    made.close()


@databases("postgres")
def test_many_processes_start_at_once_on_an_empty_database(
    kind: str, store: DatastoreBase, tmp_path: Path
) -> None:
    notes = Notes(tmp_path / "notes")
    with Cluster(kind, store, tmp_path, PROCESSES) as cluster:
        start_all(cluster)
        alive = [each for each in instances(cluster) if each["is_alive"]]
        schedules = noted_jobs(store, notes.path, 10)
        wait_until(lambda: len(notes.executions("E")) > 30, 60, "some runs")
        history = settle(store, notes, schedules, 30)

        check(history)
        report("starts on an empty database", kind, processes=PROCESSES, alive=len(alive))
        assert len(alive) == PROCESSES
        assert complaints(cluster.servers) == []
        assert count(store, store.tables.instances) == PROCESSES


@databases("sqlite", "mysql")
def test_many_processes_start_at_once_on_an_old_database(
    kind: str, store: DatastoreBase, tmp_path: Path
) -> None:
    old = OldDatabase(store, with_fractions=True).make().load(SAMPLE)
    before = {table.name: count(store, table) for table in old.metadata.sorted_tables}
    with Cluster(kind, store, tmp_path, PROCESSES, CLOSED) as cluster:
        if kind != "sqlite":
            assert sorted(migrate_all(cluster.servers)) == [False] * (PROCESSES - 1) + [True]
            cluster.servers = cluster.servers[:3]
        start_all(cluster)

        after = {name: count(store, store.tables.metadata.tables[name]) for name in before}
        report("starts on an old database", kind, processes=PROCESSES, rows=sum(after.values()))
        assert after == before
        assert complaints(cluster.servers) == []
        kept = {table.name: len(old.kept(table)) for table in old.metadata.sorted_tables}
        assert kept == before


def start_all(cluster: Cluster) -> None:
    """Start all servers at the same moment, and wait until all answer."""
    for server in cluster.servers:
        server.launch()
    for server in cluster.servers:
        server.wait_ready(START_SECONDS)


def migrate_all(servers: list[Server]) -> list[bool]:
    """Run `ndscheduler migrate` in many processes at once: which of them had something to do."""
    for server in servers:
        server.launch("migrate")
    statuses = [server.wait(START_SECONDS) for server in servers]
    assert statuses == [0] * len(servers), complaints(servers)
    told = ["Already at revision" not in server.log.read_text() for server in servers]
    for server in servers:
        server.log.unlink()
    return told


def instances(cluster: Cluster) -> list[dict[str, Any]]:
    """What GET /instances says."""
    found: list[dict[str, Any]] = cluster.call("GET", "/instances")["instances"]
    return found


def complaints(servers: list[Server]) -> list[str]:
    """The lines of logs that tell of something wrong."""
    return [
        f"{server.log.name}: {line}"
        for server in servers
        for line in server.log.read_text().splitlines()
        if any(word in line for word in COMPLAINTS)
    ]


def count(store: DatastoreBase, table: Table) -> int:
    """How many rows `table` has."""
    query = select(func.count()).select_from(table)
    return store.read(lambda connection: connection.execute(query).scalar_one())
