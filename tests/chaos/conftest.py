"""What the chaos tests are told, databases that they may kill, and servers with held jobs."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.holding import Holding
from tests.chaos.processes import Server
from tests.chaos.scale import scaled
from tests.chaos.servers import PrivateMariaDb, PrivatePostgres, PrivateServer
from tests.databases import PROVIDERS, table_names
from tests.outages import Outage

# Of one test: chance, and a busy machine, make some of them slow.
TIMEOUT_SECONDS = scaled(3600, 300)

# How the harness is told what to do. No test of ndscheduler sees such variables, but these do.
GIVEN = {name: value for name, value in os.environ.items() if name.startswith("NDSCHEDULER_CHAOS")}

SERVERS: dict[str, type[PrivateServer]] = {"postgres": PrivatePostgres, "mysql": PrivateMariaDb}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder the time that faults take."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture(autouse=True)
def _as_the_harness_was_told(_settings_of_its_own: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scale, the seed and the file for figures are those of the command."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(kind, marks=getattr(pytest.mark, kind))
        for kind in scaled(tuple(SERVERS), ("postgres",))
    ],
)
def private_server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    """A database server that runs; skipped, with the reason, where it is not installed."""
    reason = SERVERS[request.param].missing_reason()
    if reason is not None:
        pytest.skip(reason)
    server = SERVERS[request.param]()
    try:
        server.prepare()
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def private_datastore(private_server: PrivateServer) -> Iterator[DatastoreBase]:
    """An open datastore with empty tables on `private_server`."""
    names = table_names(f"t{uuid.uuid4().hex[:10]}")
    opened = PROVIDERS[private_server.kind](private_server.db_config, names)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def holding(kind: str, datastore: DatastoreBase, tmp_path: Path) -> Iterator[Holding]:
    """Jobs that are held until the test lets them go."""
    with Outage(kind, tmp_path) as outage:
        made = Holding(kind, datastore, tmp_path, outage)
        yield made
        made.open_gate()


@pytest.fixture
def server(holding: Holding) -> Iterator[Server]:
    """A server, started."""
    made = holding.server()
    made.start()
    yield made
    made.stop()
