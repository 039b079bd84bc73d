"""Requests do not wait behind others for longer than their patience, nor pile up."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import (
    DatastoreBusy,
    DatastoreTimeout,
    DatastoreUnavailable,
)
from tests.databases import PROVIDERS
from tests.datastore.test_outages import one
from tests.factories import a_job


def test_a_request_waits_less_than_two_seconds_for_a_row_that_another_holds(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    job = a_job()
    datastore.write(datastore.jobs.insert, job)
    began, waited = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        datastore.jobs.lock(connection, {job.id})
        began.set()
        waited.wait(30)

    holder = threading.Thread(target=datastore.loop.write, args=(hold,))
    holder.start()
    assert began.wait(10)
    start = time.monotonic()
    with pytest.raises(DatastoreBusy):
        other_datastore.write(other_datastore.jobs.lock, {job.id})
    seconds = time.monotonic() - start
    waited.set()
    holder.join()

    assert seconds < 2
    assert other_datastore.write(other_datastore.jobs.lock, {job.id})


def test_a_request_waits_less_than_two_seconds_behind_a_loop_that_waits_for_the_file(
    tmp_path: Path,
) -> None:
    datastore = PROVIDERS["sqlite"]({"file_path": str(tmp_path / "x.db")}, None)
    with closing(datastore):
        datastore.open()
        with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            loop = threading.Thread(target=lambda: datastore.loop.write(one))
            loop.start()
            start = time.monotonic()
            with pytest.raises(DatastoreBusy):
                datastore.write(one)
            seconds = time.monotonic() - start
        loop.join()

        assert seconds < 2
        assert datastore.write(one) == 1


def test_requests_are_given_up_together_and_the_loop_goes_on(datastore: DatastoreBase) -> None:
    sleeping = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT max(i) FROM n LIMIT 1",
        "postgresql": "SELECT pg_sleep(20)",
        "mysql": "SELECT SLEEP(20)",
    }[datastore.dialect.name]
    begun = threading.Event()
    caught: list[BaseException] = []

    def sleep(connection: Connection) -> None:
        begun.set()
        connection.execute(text(sleeping))

    def request() -> None:
        try:
            datastore.read(sleep)
        except DatastoreUnavailable as error:
            caught.append(error)

    thread = threading.Thread(target=request)
    thread.start()
    assert begun.wait(10)
    while thread.is_alive():
        datastore.give_up_requests()
        assert datastore.loop.read(one) == 1
        thread.join(0.05)

    assert [type(error) for error in caught] == [DatastoreTimeout]


def test_a_pile_of_writes_does_not_make_the_log_of_sqlite_grow(tmp_path: Path) -> None:
    datastore = PROVIDERS["sqlite"]({"file_path": str(tmp_path / "x.db")}, None)
    write = text("INSERT INTO pile SELECT zeroblob(500000)")
    clear = text("DELETE FROM pile")
    with closing(datastore):
        datastore.open()
        datastore.write(lambda c: c.execute(text("CREATE TABLE pile (x BLOB)")))
        ended = threading.Event()

        def read() -> None:
            while not ended.is_set():
                datastore.read(lambda c: c.execute(text("SELECT count(*) FROM pile")).all())

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(100):
            datastore.loop.write(lambda c: [c.execute(write), c.execute(clear)])
        ended.set()
        reader.join()
        size = (tmp_path / "x.db-wal").stat().st_size

    assert size < 20_000_000
