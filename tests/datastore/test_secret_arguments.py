"""Secrets among arguments reach the job's code, and nothing that is kept of its run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ndscheduler.corescheduler.codec import Secret
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.databases import PROVIDER_PATHS, db_config
from tests.datastore.scheduling import ANA, SCHEDULER, EchoJob, Recorder, add, finished, run

CANARY = 'canary "é" 7c1e'
PLACES = [Secret("KEY"), {"deep": [(Secret("KEY"), 1)]}]


class Witness(JobBase):
    """Remembers what it was given; returns and says it, or fails with it."""

    given: list[tuple[Any, ...]] = []

    @classmethod
    def get_succeeded_description(cls, result: Any = None) -> str:
        return f"done with {result}"

    @classmethod
    def get_failed_description(cls) -> str:
        return f"failed with {cls.given[-1]}"

    def run(self, *args: Any, fails: bool = False, **kwargs: Any) -> Any:
        self.given.append((args, kwargs))
        if fails:
            raise ValueError("x" * 490 + args[0])
        return {"args": args, "kwargs": kwargs, str(args[0]): json.dumps(args)}


class Careless(JobBase):
    """Writes what it was given into its own row and the log."""

    @classmethod
    def get_succeeded_description(cls, result: Any = None) -> str:
        raise LookupError(f"not with {CANARY}")

    def run(self, secret: str) -> Any:
        store = SchedulerManager.get_instance().get_datastore()
        store.update_execution(str(self.execution_id), description=f"has {secret}")
        store.add_audit_log(str(self.job_id), "n", 100, description=f"saw {secret}")


class TellingScheduler(BaseScheduler):
    """Whose hooks fail with what they are given."""

    @classmethod
    def pre_run(cls, job_class: Any, job_id: str, execution_id: str, *args: Any, **kw: Any) -> None:
        if kw:
            raise ValueError(f"not with {kw}")

    @classmethod
    def post_run(
        cls, job_class: Any, job_id: str, execution_id: str, result: Any, *args: Any, **kw: Any
    ) -> None:
        raise ValueError(f"no more of {args}")


@pytest.fixture(autouse=True)
def _no_witness_remembers() -> None:
    Witness.given.clear()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    path = tmp_path / "secrets.yaml"
    path.touch(0o600)
    path.write_text(json.dumps({"KEY": CANARY, "PIN": 12345678}))
    return path


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def a_manager(
    kind: str, tmp_path: Path, datastore: DatastoreBase, scheduler: str = SCHEDULER, **options: Any
) -> SchedulerManager:
    config = db_config(kind, tmp_path)
    return SchedulerManager(
        scheduler, PROVIDER_PATHS[kind], config, datastore.table_names, **options
    )


@pytest.fixture
def manager(
    datastore: DatastoreBase, kind: str, tmp_path: Path, recorder: Recorder, secrets: Path
) -> Iterator[SchedulerManager]:
    made = a_manager(kind, tmp_path, datastore, observers=[recorder], secrets_file=str(secrets))
    made.start()
    yield made
    made.stop()


def everything(store: DatastoreBase) -> str:
    """All that is in the database."""
    with store.engine.connect() as connection:
        tables = store.tables.metadata.sorted_tables
        rows = [list(map(str, row)) for t in tables for row in connection.execute(select(t))]
    return json.dumps(rows, ensure_ascii=False)


def assert_nowhere(store: DatastoreBase, caplog: pytest.LogCaptureFixture) -> None:
    for text in (everything(store), caplog.text):
        for word in ("canary", "7c1e"):
            assert word not in text


def test_a_secret_reaches_the_code_and_nothing_that_is_kept(
    manager: SchedulerManager,
    datastore: DatastoreBase,
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    execution = run(manager, Witness, pub_args=PLACES, kwargs={"k": [Secret("KEY")]})

    assert Witness.given == [((CANARY, {"deep": [(CANARY, 1)]}), {"k": [CANARY]})]
    assert execution.state is ExecutionState.SUCCEEDED
    assert json.loads(execution.result or "")["args"] == ["***", {"deep": [["***", 1]]}]
    assert execution.pub_args == PLACES
    assert_nowhere(datastore, caplog)
    assert "canary" not in repr(recorder.finishes)


def test_a_failure_with_a_secret_is_masked_before_it_is_cut(
    manager: SchedulerManager,
    datastore: DatastoreBase,
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    execution = run(manager, Witness, pub_args=[Secret("KEY")], kwargs={"fails": True})

    assert Witness.given[0][0] == (CANARY,)
    assert execution.state is ExecutionState.FAILED
    assert "***" in (execution.result or "")
    assert "***" in (execution.description or "")
    assert_nowhere(datastore, caplog)
    assert "canary" not in repr(recorder.finishes)


def test_a_run_with_other_arguments_has_its_secrets(manager: SchedulerManager) -> None:
    job_id = add(manager, Witness, pub_args=["none"])

    other = {"pub_args": [Secret("KEY")], "kwargs": {"k": Secret("KEY")}}
    execution = finished(manager, manager.actions.run(job_id, ANA, **other))

    assert execution.state is ExecutionState.SUCCEEDED
    assert Witness.given == [((CANARY,), {"k": CANARY})]


def test_a_changed_file_needs_no_restart(manager: SchedulerManager, secrets: Path) -> None:
    job_id = add(manager, Witness, pub_args=[Secret("KEY")])
    finished(manager, manager.actions.run(job_id, ANA))

    secrets.write_text("KEY: changed\n")
    finished(manager, manager.actions.run(job_id, ANA))

    assert [args for args, _ in Witness.given] == [(CANARY,), ("changed",)]


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("NONE", 0o600, "SECRETS_FILE has no such name"),
        ("PIN", 0o600, "in SECRETS_FILE it is no text; put it in quotes"),
        ("KEY", 0o644, "SECRETS_FILE is open to other users (mode 0644); set its mode to 0600"),
    ],
)
def test_without_its_secret_the_code_does_not_begin(
    manager: SchedulerManager, secrets: Path, name: str, mode: int, reason: str
) -> None:
    secrets.chmod(mode)

    execution = run(manager, Witness, pub_args=[{"a": Secret(name)}])

    sentence = f"The secret '{name}' can not be used: {reason}."
    assert execution.state is ExecutionState.SCHEDULED_ERROR
    assert (execution.error_summary, execution.result) == (sentence, sentence)
    assert Witness.given == []


def test_what_only_looks_like_a_secret_reaches_the_code_as_it_is(
    manager: SchedulerManager, datastore: DatastoreBase
) -> None:
    literal = {"$secret": "KEY"}
    by_code = manager.add_job(f"{__name__}.Witness", "n", [literal, [literal]], hour="3", k=literal)
    before = add(manager, Witness)
    with datastore.engine.begin() as connection:
        # As it was stored before there were secrets.
        jobs = datastore.tables.jobs
        changed = jobs.update().where(jobs.c.id == before)
        connection.execute(changed.values(args='[{"$secret":"KEY"}]'))

    for job_id in (by_code, before):
        execution = finished(manager, manager.actions.run(job_id, ANA))
        assert execution.state is ExecutionState.SUCCEEDED, execution.result

    assert Witness.given == [((literal, [literal]), {"k": literal}), ((literal,), {})]


def test_what_a_job_writes_itself_is_masked(
    manager: SchedulerManager, datastore: DatastoreBase, caplog: pytest.LogCaptureFixture
) -> None:
    execution = run(manager, Careless, pub_args=[Secret("KEY")])

    assert execution.state is ExecutionState.SUCCEEDED
    assert "LookupError: not with ***" in caplog.text
    assert "saw ***" in everything(datastore)
    assert_nowhere(datastore, caplog)


def test_hooks_that_fail_with_a_secret_keep_it(
    datastore: DatastoreBase,
    kind: str,
    tmp_path: Path,
    secrets: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scheduler = f"{__name__}.TellingScheduler"
    manager = a_manager(kind, tmp_path, datastore, scheduler, secrets_file=str(secrets))
    manager.start()
    try:
        late = run(manager, EchoJob, pub_args=[Secret("KEY")])
        early = run(manager, EchoJob, kwargs={"k": Secret("KEY")})
    finally:
        manager.stop()

    assert late.state is ExecutionState.SUCCEEDED
    assert "no more of ('***',)" in caplog.text
    assert early.state is ExecutionState.SCHEDULED_ERROR
    assert early.error_summary == "ValueError: not with {'k': '***'}"
    assert_nowhere(datastore, caplog)


def test_without_a_file_the_sentence_names_the_setting(
    datastore: DatastoreBase, kind: str, tmp_path: Path
) -> None:
    manager = a_manager(kind, tmp_path, datastore)
    manager.start()
    try:
        execution = run(manager, Witness, pub_args=[Secret("KEY")])
    finally:
        manager.stop()

    assert execution.error_summary == ("The secret 'KEY' can not be used: SECRETS_FILE is not set.")
