"""Files of results: what is in them, whose they are, and what damage does."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ndscheduler.corescheduler.constants import ExecutionState, TriggerKind
from ndscheduler.corescheduler.core.spill import (
    Installation,
    Spill,
    default_directory,
    installation_of,
)
from ndscheduler.corescheduler.core.spill_file import SpillFile
from ndscheduler.corescheduler.datastore.providers.postgres import DatastorePostgres
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.factories import NOON, a_job, an_execution
from tests.unit.spilling import OURS, a_finish, a_spill, adopted, left_behind

ROOT = Path(__file__).resolve().parents[2]


def test_a_finish_comes_back_as_it_was(tmp_path: Path) -> None:
    execution = an_execution(
        a_job(),
        owner="i",
        state=ExecutionState.STOPPING,
        trigger_kind=TriggerKind.MANUAL,
        started_time=NOON + timedelta(microseconds=7),
        start_deadline=NOON,
        pid=4711,
    )
    finish = a_finish(
        execution=execution, state=ExecutionState.FAILED, result='"\u2028\n\ud800é"', exit_code=3
    )

    left_behind(tmp_path, finish)

    assert adopted(a_spill(tmp_path)) == [finish]


def test_a_state_that_users_code_has_added_comes_back(tmp_path: Path) -> None:
    left_behind(tmp_path, a_finish())
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes().replace(b'"state":5', b'"state":77'))

    (finish,) = adopted(a_spill(tmp_path))

    assert int(finish.state) == 77


def test_only_this_user_can_read_the_file_and_its_name_tells_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    spill = Spill(folder, OURS, "abc")

    spill.keep([a_finish()])

    assert stat.S_IMODE(spill.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert spill.path.name == f"ndscheduler-spill-{OURS.key}-abc.jsonl"


def test_the_head_says_where_results_belong_without_a_secret() -> None:
    datastore = DatastorePostgres(
        {"user": "ana", "password": "hunter2", "hostname": "db", "database": "jobs"},
        {"executions_tablename": "mine"},
    )

    installation = installation_of(datastore)

    assert installation == Installation("postgresql://db:5432/jobs", "mine")


def test_sqlite_results_are_kept_beside_the_database(tmp_path: Path) -> None:
    datastore = DatastoreSqlite({"file_path": str(tmp_path / "data" / "x.db")}, None)

    assert default_directory(datastore) == tmp_path / "data"
    assert installation_of(datastore).database == f"sqlite:{tmp_path}/data/x.db"


def test_a_file_is_gone_when_all_that_is_in_it_is_stored(tmp_path: Path) -> None:
    spill = a_spill(tmp_path)
    first = spill.keep([a_finish(), a_finish()])
    second = spill.keep([a_finish()])

    spill.done(first[:1])
    spill.done(second)
    left = list(tmp_path.iterdir())
    spill.done(first[1:])

    assert left == [spill.path]
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_made_anew_after_it_was_gone(tmp_path: Path) -> None:
    spill = a_spill(tmp_path)
    spill.done(spill.keep([a_finish()]))
    again = a_finish()

    spill.keep([again])
    spill.close()

    assert adopted(a_spill(tmp_path)) == [again]


def test_the_file_of_a_live_process_is_left_alone(tmp_path: Path) -> None:
    live = a_spill(tmp_path)
    live.keep([a_finish()])

    assert a_spill(tmp_path).adopt() == []
    assert live.path.exists()


def test_of_two_that_start_at_once_one_takes_the_file(tmp_path: Path) -> None:
    left_behind(tmp_path, a_finish())
    first, second = a_spill(tmp_path), a_spill(tmp_path)

    counts = [len(first.adopt()), len(second.adopt())]
    first.close()

    assert counts == [1, 0]
    assert len(second.adopt()) == 1


def test_a_file_that_was_removed_before_it_was_locked_is_not_taken(tmp_path: Path) -> None:
    # What a slower process has opened and a faster one has stored and removed meanwhile.
    path = left_behind(tmp_path, a_finish())
    faster = a_spill(tmp_path)
    places = [place for _, place in faster.adopt()]
    faster.done(places)

    assert SpillFile.take(path) is None


def test_the_file_of_another_installation_is_left_alone(tmp_path: Path) -> None:
    other = a_spill(tmp_path, replace(OURS, table="other_execution"))
    other.keep([a_finish()])
    other.close()

    assert a_spill(tmp_path).adopt() == []
    assert other.path.exists()


HOLDER = """
import os, sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from ndscheduler.corescheduler.core.spill import Spill
from tests.unit.spilling import OURS, a_finish
spill = Spill(Path({folder!r}), OURS, "holder")
spill.keep([a_finish()])
if os.fork() == 0:
    # As a process pool of a job that outlives the scheduler. It says so itself: what it does of
    # its own accord when it begins to be has been done by then.
    print("ready", flush=True)
    os.close(1)
    time.sleep(60)
    os._exit(0)
time.sleep(60)
"""


def test_a_killed_process_frees_its_file_though_a_child_of_it_lives(tmp_path: Path) -> None:
    program = textwrap.dedent(HOLDER).format(root=str(ROOT), folder=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n"
            before = a_spill(tmp_path).adopt()
            holder.kill()
            holder.wait()
            after = a_spill(tmp_path).adopt()
        finally:
            os.killpg(holder.pid, signal.SIGKILL)

    assert before == []
    assert len(after) == 1
