"""Job classes as users write them: their overrides are called, for every kind of execution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.models import Actor
from tests.compat import hooks, job_classes
from tests.compat.hooks import Call
from tests.compat.running import (
    BY_HAND,
    SCHEDULED,
    YEARLY,
    executions,
    path_of,
    run_once,
    running,
    wait_for,
)

BOTH = pytest.mark.parametrize("how", [SCHEDULED, BY_HAND])


@BOTH
def test_an_overridden_run_job_of_a_job_class_is_called(
    tmp_path: Path, calls: list[Call], how: str
) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.OwnRunJob, how, "a", n=1)

    assert calls == [Call("JobBase.run_job", (execution.job_id, execution.id, "a"), {"n": 1})]
    assert json.loads(execution.result or "") == {"own": [execution.job_id, execution.id, "a"]}


@BOTH
def test_an_end_that_a_job_class_stores_itself_stays(tmp_path: Path, how: str) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.SelfRecording, how)

    assert execution.state is ExecutionState.FAILED
    assert (execution.description, execution.result) == ("own end", "own")


def test_an_execution_that_is_handed_on_is_not_started_again(
    tmp_path: Path, calls: list[Call]
) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        job_id = manager.add_job(path_of(job_classes.Handed), "handed on", **YEARLY)
        manager.actions.run(job_id, Actor("tester"))
        wait_for(lambda: [e for e in executions(manager, job_id) if e.task_id])
        run_once(manager, job_classes.Succeeding, BY_HAND)
    with running(tmp_path, BaseScheduler) as manager:
        run_once(manager, job_classes.Succeeding, BY_HAND)
        (execution,) = executions(manager, job_id)

    assert [call.args for call in calls if call.hook == "JobBase.run_job"] == [(execution.id,)]
    assert execution.state is ExecutionState.SCHEDULED


@BOTH
def test_a_success_is_described_by_the_job_class(
    tmp_path: Path, calls: list[Call], how: str
) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.Succeeding, how)

    assert [call.hook for call in calls] == ["get_scheduled_description", "get_running_description"]
    assert execution.description == "done: 42"


@BOTH
def test_a_failure_is_described_where_the_exception_is_at_hand(tmp_path: Path, how: str) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.Failing, how)

    assert execution.state is ExecutionState.FAILED
    assert execution.description == "failed: KeyboardInterrupt('stop it')"
    assert execution.result == "result: KeyboardInterrupt('stop it') True"


@BOTH
def test_a_scheduled_error_is_described_where_the_exception_is_at_hand(
    tmp_path: Path, how: str
) -> None:
    with running(tmp_path, hooks.RefusingScheduler) as manager:
        execution = run_once(manager, job_classes.Succeeding, how)

    assert execution.state is ExecutionState.SCHEDULED_ERROR
    assert execution.description == "refused: SystemExit('not on a Friday')"
    assert execution.result == "why: SystemExit('not on a Friday')"


def test_a_describing_method_of_the_job_sees_the_job_that_ran(tmp_path: Path) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        good = run_once(manager, job_classes.InstanceDescription, BY_HAND, "gold")
        bad = run_once(manager, job_classes.InstanceDescription, BY_HAND, "error")

    assert good.description == f"gold result {good.id}"
    assert bad.description == "error: found an error"


@pytest.mark.parametrize(
    ("job_class", "description"),
    [
        (job_classes.NoResultParameter, "well done"),
        (job_classes.StaticDescription, "static 1"),
        (job_classes.BrokenDescription, None),
    ],
)
def test_a_description_may_be_written_in_several_ways(
    tmp_path: Path, job_class: type[Any], description: str | None
) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_class, BY_HAND)

    assert execution.state is ExecutionState.SUCCEEDED
    assert execution.description == description


def test_a_job_class_may_have_an_init_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.OwnInit, BY_HAND)

    assert json.loads(execution.result or "") == ["made", execution.job_id, execution.id]
    assert job_classes.OwnInit().run() == ["made", None, None]


def test_run_may_come_from_a_mixin(tmp_path: Path) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        execution = run_once(manager, job_classes.Mixed, BY_HAND)

    assert execution.result == '"mixed in"'
