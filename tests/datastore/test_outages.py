"""Databases that refuse, stand still, forget connections or lose the answer to a COMMIT."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.budgets import Budget
from ndscheduler.corescheduler.datastore.mysql_dialect import session_settings
from ndscheduler.corescheduler.datastore.resolver import Resolver, addresses_of
from ndscheduler.corescheduler.datastore.transactor import Connection, Transactor
from ndscheduler.corescheduler.errors import (
    DatastoreTimeout,
    DatastoreUnavailable,
    OutcomeUnknown,
)
from ndscheduler.corescheduler.models import Job
from tests.chaos.proxy import Proxy
from tests.databases import PROVIDERS, db_config, table_names
from tests.factories import a_job

on_servers = pytest.mark.parametrize(
    "kind",
    [
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ],
    indirect=True,
)
SHORT = Budget("short", deadline_seconds=1, connect_seconds=2, lock_seconds=1, patience_seconds=2)


@pytest.fixture
def proxy(kind: str, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy before the database server."""
    config = db_config(kind, tmp_path)
    with Proxy(str(config["hostname"]), int(config["port"])) as proxy:
        yield proxy


@pytest.fixture
def far(proxy: Proxy, kind: str, prefix: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    """A datastore that is reached through the proxy; its tables are those of `datastore`."""
    config = {**db_config(kind, tmp_path), "hostname": "127.0.0.1", "port": proxy.port}
    opened = PROVIDERS[kind](config, table_names(prefix))
    yield opened
    proxy.mode = "pass"
    opened.close()


@pytest.fixture
def hurried(far: DatastoreBase) -> Iterator[Transactor]:
    """Calls through the proxy that are given up after a second."""
    made = Transactor(far.dialect, far.watchdog, SHORT, 3)
    yield made
    made.dispose()


def one(connection: Connection) -> int:
    return int(connection.execute(text("SELECT 1")).scalar_one())


@on_servers
def test_a_statement_that_hangs_is_given_up_at_its_deadline(
    hurried: Transactor, proxy: Proxy
) -> None:
    def hang(connection: Connection) -> None:
        one(connection)
        proxy.mode = "hang"
        one(connection)

    began = time.monotonic()
    with pytest.raises(DatastoreTimeout, match="did not answer for"):
        hurried.read(hang)

    assert time.monotonic() - began < 2
    proxy.mode = "pass"
    assert hurried.read(one) == 1


@on_servers
def test_a_connection_that_hangs_when_it_is_made_is_given_up(
    hurried: Transactor, proxy: Proxy
) -> None:
    proxy.mode = "hang"

    began = time.monotonic()
    with pytest.raises(DatastoreTimeout):
        hurried.read(one)

    assert time.monotonic() - began < 3.5
    proxy.mode = "pass"
    assert hurried.read(one) == 1


@on_servers
def test_a_pooled_connection_that_hangs_is_given_up(hurried: Transactor, proxy: Proxy) -> None:
    hurried.read(one)
    proxy.mode = "hang"

    began = time.monotonic()
    with pytest.raises(DatastoreUnavailable):
        hurried.read(one)

    assert time.monotonic() - began < 3.5
    proxy.mode = "pass"
    assert hurried.read(one) == 1


@on_servers
def test_a_commit_that_hangs_is_given_up_and_its_outcome_is_not_known(
    hurried: Transactor, proxy: Proxy
) -> None:
    def hang(connection: Connection) -> None:
        one(connection)
        proxy.mode = "hang"

    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        hurried.write(hang)

    assert time.monotonic() - began < 2


@on_servers
@pytest.mark.parametrize(("mode", "rows"), [("cut_on_commit", 1), ("cut_before_commit", 0)])
def test_a_commit_whose_answer_is_lost_is_not_tried_again(
    datastore: DatastoreBase, far: DatastoreBase, proxy: Proxy, mode: str, rows: int
) -> None:
    job = a_job()
    tries: list[Job] = []

    def insert(connection: Connection) -> None:
        tries.append(job)
        far.jobs.insert(connection, job)
        proxy.mode = mode

    with pytest.raises(OutcomeUnknown):
        far.write(insert)

    assert len(tries) == 1
    assert len(datastore.read(datastore.jobs.by_ids, [job.id])) == rows


@on_servers
def test_a_write_that_is_cut_before_its_commit_did_not_take_effect(
    far: DatastoreBase, proxy: Proxy
) -> None:
    def cut(connection: Connection) -> None:
        one(connection)
        proxy.cut()
        one(connection)

    with pytest.raises(DatastoreUnavailable) as caught:
        far.write(cut)

    assert not isinstance(caught.value, OutcomeUnknown)


@on_servers
def test_forgotten_connections_are_replaced_at_once(hurried: Transactor, proxy: Proxy) -> None:
    together = threading.Barrier(3)

    def meet(connection: Connection) -> None:
        one(connection)
        together.wait(10)

    threads = [threading.Thread(target=hurried.read, args=(meet,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    proxy.mode = "drop"
    proxy.mode = "pass"

    generous = Budget("generous", 10, 2, 1, 1)
    hurried._budget = generous
    began = time.monotonic()
    for _ in range(4):
        assert hurried.read(one) == 1

    # One ping of a second tells all three.
    assert time.monotonic() - began < 2.5


@on_servers
def test_a_resolver_that_answers_nothing_is_given_up_and_asked_by_one_thread(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    hangs = threading.Event()
    asked: list[str] = []

    def ask(host: str) -> list[str]:
        asked.append(host)
        assert hangs.wait(60)
        return addresses_of(host)

    config = {**db_config(kind, tmp_path), "hostname": "localhost"}
    with closing(PROVIDERS[kind](config, table_names(prefix))) as named:
        named.dialect.resolver = Resolver(ask)
        hurried = Transactor(named.dialect, named.watchdog, SHORT, 3)
        for _ in range(2):
            with pytest.raises(DatastoreTimeout):
                hurried.read(one)
        assert asked == ["localhost"]
        hangs.set()

        assert hurried.read(one) == 1
        hurried.dispose()


@on_servers
def test_refused_connections_are_told_at_once(far: DatastoreBase, proxy: Proxy) -> None:
    far.read(one)
    proxy.mode = "refuse"

    began = time.monotonic()
    with pytest.raises(DatastoreUnavailable):
        far.read(one)

    assert time.monotonic() - began < 1
    proxy.mode = "pass"
    assert far.read(one) == 1


def test_a_statement_of_sqlite_is_interrupted_at_its_deadline(tmp_path: Path) -> None:
    datastore = PROVIDERS["sqlite"]({"file_path": str(tmp_path / "x.db")}, None)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with closing(datastore):
        datastore.open()
        hurried = Transactor(datastore.dialect, datastore.watchdog, SHORT, 1)
        began = time.monotonic()
        with pytest.raises(DatastoreTimeout):
            hurried.write(lambda connection: connection.execute(text(endless)))

        assert time.monotonic() - began < 2
        assert hurried.write(one) == 1
        hurried.dispose()


@on_servers
def test_the_server_ends_a_transaction_whose_client_is_suspended(
    datastore: DatastoreBase, kind: str
) -> None:
    query = {
        "postgres": "SELECT setting::int / 1000 FROM pg_settings "
        "WHERE name = 'idle_in_transaction_session_timeout'",
        "mysql": "SELECT @@idle_transaction_timeout",
    }[kind]

    found = [
        transactor.read(lambda c: c.execute(text(query)).scalar_one())
        for transactor in (datastore, datastore.loop)
    ]

    assert found == [10, 10]


def test_mysql_is_asked_for_what_it_knows() -> None:
    budget = Budget("x", 10, 2, 3, 1)

    of_mysql = session_settings("8.0.36", budget)
    of_mariadb = session_settings("5.5.5-10.11.6-MariaDB-0+deb12u1", budget)

    assert "wait_timeout = 30" in of_mysql
    assert "max_execution_time = 10000" in of_mysql
    assert "idle_transaction_timeout" not in of_mysql
    assert "idle_transaction_timeout = 10" in of_mariadb
    assert "max_statement_time = 10" in of_mariadb
    assert "innodb_lock_wait_timeout = 3" in of_mysql
