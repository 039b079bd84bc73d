"""Retention works beside schedulers and other passes, in small bites, and outlives failures."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from ndscheduler.corescheduler.core.retention import (
    PAUSE_FACTOR,
    RetentionPass,
    RetentionThread,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.chaos.processes import wait_until
from tests.databases import PROVIDER_PATHS, db_config
from tests.datastore.history_rows import (
    DAY,
    HOUR,
    MONTH,
    add_output,
    finished,
    ids,
    insert,
    run,
)
from tests.factories import a_job


def test_several_instances_at_once_delete_every_row_once(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    job = a_job()
    insert(datastore, *[finished(job, 40 * DAY + i * HOUR) for i in range(1500)])

    with ThreadPoolExecutor(2) as pool:
        passes = pool.map(lambda store: run(store, MONTH), (datastore, other_datastore))

    assert sum(deleted.executions for deleted in passes) == 1500
    assert ids(datastore) == set()


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgres", "mysql")],
    indirect=True,
)
def test_rows_that_another_transaction_holds_are_left_to_a_later_pass(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    job = a_job()
    held, _ = insert(datastore, finished(job, 40 * DAY), finished(job, 41 * DAY))
    table = datastore.tables.executions

    with other_datastore.engine.begin() as connection:
        connection.execute(select(table.c.id).where(table.c.id == held).with_for_update())
        first = run(datastore, MONTH).executions
    second = run(datastore, MONTH).executions

    assert (first, second) == (1, 1)


def test_no_transaction_deletes_more_than_a_thousand_rows(
    datastore: DatastoreBase, statements: list[tuple[str, Any, int]]
) -> None:
    job = a_job()
    rows = insert(datastore, *[finished(job, 40 * DAY + i * HOUR) for i in range(2500)])
    add_output(datastore, rows[0], 1200)
    deleted_in: list[int] = []

    def note_end(_connection: Any) -> None:
        rows = [n for sql, _, n in statements if sql.startswith("DELETE")]
        deleted_in.append(sum(rows))
        statements.clear()

    event.listen(datastore.loop.engine, "commit", note_end)
    run(datastore, MONTH)

    assert sum(deleted_in) == 3700
    assert max(deleted_in) <= 1000


def test_it_rests_after_every_transaction_in_proportion_to_what_it_took(
    datastore: DatastoreBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY + i * HOUR) for i in range(300)])
    ticks = iter(range(0, 100_000, 7))
    monkeypatch.setattr("ndscheduler.corescheduler.core.retention.uptime", lambda: next(ticks))
    transactions: list[str] = []
    event.listen(datastore.loop.engine, "begin", lambda _connection: transactions.append("begin"))
    rests: list[float] = []

    RetentionPass(datastore, MONTH, rests.append).run()

    # The first transaction only asks for the time.
    assert rests == [7 * PAUSE_FACTOR] * (len(transactions) - 1)
    assert len(rests) > 5


class FailingOnce:
    """Stands before a datastore whose database is away the first time it is asked."""

    def __init__(self, datastore: DatastoreBase, error: Exception) -> None:
        self._datastore = datastore
        self.errors = [error]

    def __getattr__(self, name: str) -> Any:
        if name == "loop" and self.errors:
            raise self.errors.pop()
        return getattr(self._datastore, name)


def test_the_thread_outlives_a_failure_and_says_what_it_deleted(
    datastore: DatastoreBase, caplog: pytest.LogCaptureFixture
) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY) for _ in range(3)])
    failing: Any = FailingOnce(datastore, RuntimeError("out of order"))
    thread = RetentionThread(failing, MONTH, 0.01, 60.0, 0.01)

    with caplog.at_level(logging.INFO):
        thread.start()
        wait_until(lambda: not ids(datastore), 10, "the pass after the failure")
        wait_until(lambda: "3 executions" in caplog.text, 10, "the line in the log")
        thread.stop()

    assert "out of order" in caplog.text


def test_a_scheduler_has_the_thread_while_it_runs(
    datastore: DatastoreBase, kind: str, tmp_path: Path
) -> None:
    manager = SchedulerManager(
        "ndscheduler.corescheduler.core.base.BaseScheduler",
        PROVIDER_PATHS[kind],
        db_config(kind, tmp_path),
        datastore.table_names,
        keep=MONTH,
    )

    manager.start()
    while_running = [thread.name for thread in threading.enumerate()]
    manager.stop()
    afterwards = [thread.name for thread in threading.enumerate()]

    name = "ndscheduler-retention"
    assert (name in while_running, name in afterwards) == (True, False)


def test_a_pass_ends_when_the_scheduler_stops(datastore: DatastoreBase) -> None:
    insert(datastore, *[finished(a_job(), 40 * DAY) for _ in range(3)])
    thread = RetentionThread(datastore, MONTH, 60.0)
    thread.start()

    thread.stop()

    alive = [t.name for t in threading.enumerate() if t.name == "ndscheduler-retention"]
    assert alive == []
