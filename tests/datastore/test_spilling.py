"""Results that the database does not take now are stored later, be it by another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core import finish_queue
from ndscheduler.corescheduler.core.finish_writer import FinishWriter
from ndscheduler.corescheduler.core.spill import Spill, installation_of
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Finish
from tests.chaos.processes import wait_until
from tests.databases import PROVIDERS
from tests.factories import NOON, a_job, an_execution, an_instance
from tests.outages import Outage

OWNER = an_instance()
OK = ExecutionState.SUCCEEDED
# Longer than the database may take to answer, and the writer to try again.
LATER = 40

Make = Callable[..., FinishWriter]


@pytest.fixture
def outage(kind: str, tmp_path: Path) -> Iterator[Outage]:
    """What stands between the writers and the database."""
    with Outage(kind, tmp_path) as made:
        yield made


@pytest.fixture
def reached(datastore: DatastoreBase, kind: str, outage: Outage) -> Iterator[DatastoreBase]:
    """The datastore as the writers see it."""
    opened = PROVIDERS[kind](outage.db_config, datastore.table_names)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where results are written down."""
    return tmp_path / "spill"


@pytest.fixture
def stored() -> list[Finish]:
    """What the writers say they have stored."""
    return []


@pytest.fixture
def make(
    datastore: DatastoreBase, reached: DatastoreBase, folder: Path, stored: list[Finish]
) -> Iterator[Make]:
    """Makes the writer of one more process, through the outage; it is not started."""
    made: list[FinishWriter] = []

    def writer(directory: Path = folder) -> FinishWriter:
        spill = Spill(directory, installation_of(datastore), new_id())
        made.append(FinishWriter(reached, stored.extend, spill))
        return made[-1]

    yield writer
    for one in made:
        one.close()


def finish(datastore: DatastoreBase, **result: str) -> Finish:
    """The end of a new running execution."""
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    (won,), _ = datastore.write(datastore.lifecycle.start, [execution], OWNER, NOON)
    return Finish(won, OK, NOON + timedelta(seconds=2), **result)


def files(folder: Path) -> list[Path]:
    """The files of results there are."""
    return sorted(folder.iterdir()) if folder.exists() else []


def test_what_waits_for_seconds_is_written_down_then_stored_and_the_file_removed(
    datastore: DatastoreBase, outage: Outage, make: Make, folder: Path, stored: list[Finish]
) -> None:
    finishes = [finish(datastore, result=f'"{"x" * 1_000_000}{n}"') for n in range(5)]
    writer = make()
    outage.begin()
    writer.start()
    for one in finishes:
        writer.add(one)
    wait_until(lambda: files(folder), LATER, "the file")
    wait_until(lambda: not writer.unwritten_ids(), LATER, "the rest of the file")
    (size,) = [path.stat().st_size for path in files(folder)]
    pending = writer.pending_ids()

    outage.end()

    assert size > 5_000_000
    assert sorted(pending) == sorted(one.execution.id for one in finishes)
    assert writer.flush(LATER)
    assert stored == finishes
    wait_until(lambda: not files(folder), 10, "the end of the file")
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 5}
    found = [datastore.read(datastore.executions.get, one.execution.id) for one in finishes]
    assert [row.result for row in found] == [one.result for one in finishes]


def test_large_results_are_written_down_before_they_fill_the_memory(
    datastore: DatastoreBase, outage: Outage, make: Make, folder: Path
) -> None:
    finishes = [finish(datastore, result="x" * 1_000_000) for _ in range(20)]
    writer = make()
    outage.begin()
    writer.start()
    for one in finishes:
        writer.add(one)

    # Well before the patience with small ones ends.
    wait_until(lambda: not writer.unwritten_ids(), 4, "the file")

    assert writer.backlog() == 20
    outage.end()
    assert writer.flush(LATER)


def test_the_next_process_stores_what_a_dead_one_has_written_down(
    datastore: DatastoreBase, make: Make, folder: Path, stored: list[Finish]
) -> None:
    finishes = [finish(datastore, result=str(number)) for number in range(3)]
    dead = make()
    for one in finishes:
        dead.add(one)
    dead.write_down()
    dead.close()

    make().start()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    assert stored == finishes
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 3}
    states = [datastore.read(datastore.executions.state_of, f.execution.id) for f in finishes]
    assert states == [OK] * 3


def test_a_process_that_runs_finds_what_another_leaves_behind(
    datastore: DatastoreBase, make: Make, folder: Path
) -> None:
    one = finish(datastore)
    make().start()
    dead = make()
    dead.add(one)
    dead.write_down()

    dead.close()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    assert datastore.read(datastore.executions.state_of, one.execution.id) is OK


def test_what_was_stored_before_the_death_is_not_stored_and_counted_again(
    datastore: DatastoreBase, make: Make, folder: Path
) -> None:
    finishes = [finish(datastore) for _ in range(3)]
    dead = make()
    for one in finishes:
        dead.add(one)
    dead.write_down()
    datastore.write(datastore.lifecycle.finish, finishes[:2])
    dead.close()

    make().start()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 1}


def test_a_late_result_does_not_overwrite_what_the_reaper_has_written(
    datastore: DatastoreBase,
    make: Make,
    folder: Path,
    stored: list[Finish],
    caplog: pytest.LogCaptureFixture,
) -> None:
    late, other = finish(datastore, result="late"), finish(datastore)
    dead = make()
    dead.add(late)
    dead.add(other)
    dead.write_down()
    dead.close()
    ours = {other.execution.id}
    datastore.write(datastore.lifecycle.interrupt, OWNER.id, NOON, "It died.", ours)

    make().start()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    row = datastore.read(datastore.executions.get, late.execution.id)
    assert (row.state, row.reason, row.result) == (ExecutionState.INTERRUPTED, "It died.", None)
    assert stored == [other]
    assert f"{late.execution.id} of job {late.execution.job_id} ended as succeeded" in caplog.text


def test_a_written_result_that_the_database_refuses_ends_failed_and_holds_up_no_other(
    datastore: DatastoreBase, make: Make, folder: Path
) -> None:
    bad, good = replace(finish(datastore), exit_code=2**80), finish(datastore)
    dead = make()
    dead.add(bad)
    dead.add(good)
    dead.write_down()
    dead.close()

    make().start()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    states = [datastore.read(datastore.executions.state_of, f.execution.id) for f in (bad, good)]
    assert states == [ExecutionState.FAILED, OK]


def test_where_no_file_can_be_written_results_stay_in_memory_and_it_is_said_once(
    datastore: DatastoreBase,
    outage: Outage,
    make: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("in the way")
    one = finish(datastore)
    writer = make(tmp_path / "file" / "below")
    outage.begin()
    writer.start()
    writer.add(one)

    tried = [writer.write_down() for _ in range(3)]
    left = writer.unwritten_ids()
    outage.end()

    assert tried == [None] * 3
    assert left == [one.execution.id]
    assert writer.flush(LATER)
    assert caplog.text.count("can not be written to") == 1
    assert datastore.read(datastore.executions.state_of, one.execution.id) is OK


def test_a_writer_that_is_closed_leaves_its_file_to_the_next(
    datastore: DatastoreBase, outage: Outage, make: Make, folder: Path
) -> None:
    one = finish(datastore)
    writer = make()
    outage.begin()
    writer.start()
    writer.add(one)
    writer.write_down()
    writer.close()
    outage.end()

    make().start()

    # Which of the two stores it does not matter.
    wait_until(lambda: not files(folder), LATER, "the end of the file")
    assert datastore.read(datastore.executions.state_of, one.execution.id) is OK
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 1}


def test_many_large_results_are_stored_in_batches_that_fit_into_memory(
    datastore: DatastoreBase, make: Make, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(finish_queue, "BATCH_BYTES", 50_000)
    finishes = [finish(datastore, result="x" * 20_000) for _ in range(7)]
    dead = make()
    for one in finishes:
        dead.add(one)
    dead.write_down()
    dead.close()

    make().start()

    wait_until(lambda: not files(folder), 20, "the end of the file")
    assert datastore.read(datastore.stats.totals, NOON) == {OK: 7}
