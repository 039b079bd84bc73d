"""Hooks of a scheduler class of release 0.3.0 are called with the signatures of that release."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ndscheduler import utils
from ndscheduler.corescheduler.constants import ExecutionState
from tests.compat import hooks_of_030
from tests.compat.hooks import Call
from tests.compat.job_classes import Echo
from tests.compat.running import (
    BY_HAND,
    SCHEDULED,
    YEARLY,
    executions,
    find_ended,
    path_of,
    run_once,
    running,
    wait_for,
)

BOTH = pytest.mark.parametrize("how", [SCHEDULED, BY_HAND])


@BOTH
def test_run_hooks_are_called_once_without_a_database(
    tmp_path: Path, calls: list[Call], how: str
) -> None:
    with running(tmp_path, hooks_of_030.NotingScheduler) as manager:
        execution = run_once(manager, Echo, how, "a", 2, colour="red")
        datastore = manager.get_datastore()
    noted = [call for call in calls if call.hook != "is_okay_to_run"]
    asked = {call.args for call in calls if call.hook == "is_okay_to_run"}

    colour = {"colour": "red"}
    assert noted == [
        Call("run_job", (path_of(Echo), execution.job_id, "a", 2), colour),
        Call("run_scheduler_job", (Echo, execution.job_id, execution.id, "a", 2), colour),
    ]
    assert asked == {(datastore,)}
    assert execution.state is ExecutionState.SUCCEEDED
    assert json.loads(execution.result or "") == {"args": ["a", 2], "kwargs": colour}


def test_the_arguments_of_a_job_are_its_class_its_id_and_the_users(tmp_path: Path) -> None:
    with running(tmp_path, hooks_of_030.NotingScheduler) as manager:
        job_id = manager.add_job(path_of(Echo), "plain", **YEARLY)
        (plain,) = manager.get_jobs()
        job_class_string, unpacked_id = plain.args
        manager.add_job(path_of(Echo), "with arguments", ["a", "b"], n=1, **YEARLY)
        with_arguments = next(job for job in manager.get_jobs() if job.name != "plain")

    assert (job_class_string, unpacked_id) == (path_of(Echo), job_id)
    assert utils.get_job_name(with_arguments) == path_of(Echo)
    assert utils.get_job_args(with_arguments) == ["a", "b"]
    assert utils.get_job_kwargs(with_arguments) == {"n": 1}
    assert utils.get_cron_strings(with_arguments)["minute"] == "59"


@BOTH
def test_a_state_that_an_override_stores_stays(tmp_path: Path, how: str) -> None:
    with running(tmp_path, hooks_of_030.PublishingScheduler) as manager:
        execution = run_once(manager, Echo, how, "x")
        datastore = manager.get_datastore()
        shown = datastore.get_execution(execution.id)
        listed = datastore.get_executions("2000-01-01", "2100-01-01")["executions"]
        datastore.update_execution(execution.id, state=5, result="from the worker")
        ended = datastore.get_execution(execution.id)

    assert shown is not None
    assert (shown["state"], shown["task_id"]) == ("published", "task of x")
    assert [entry["state"] for entry in listed] == ["published"]
    assert ended is not None
    assert (ended["state"], ended["result"]) == ("succeeded", "from the worker")


@BOTH
def test_an_execution_that_run_job_records_itself_ends_as_ours_does(
    tmp_path: Path, calls: list[Call], how: str
) -> None:
    with running(tmp_path, hooks_of_030.SelfRecordingScheduler) as manager:
        job_id = run_once(manager, Echo, how, "x").job_id
        wait_for(lambda: find_ended(manager, job_id))
        wait_for(lambda: not any(e.state.is_live for e in executions(manager, job_id)))
        found = executions(manager, job_id)

    assert [call.args[0] in {e.id for e in found} for call in calls] == [True]
    assert [execution.state for execution in found] == [ExecutionState.SUCCEEDED] * 2
    assert {execution.result for execution in found} == {found[0].result}
    assert found[0].result is not None


def test_a_job_may_have_the_digest_of_its_name_as_its_id(tmp_path: Path) -> None:
    with running(tmp_path, hooks_of_030.NamedByMd5Scheduler) as manager:
        job_id = manager.add_job(
            path_of(Echo), "mine", ["a"], month=None, day=None, minute="5", n=1
        )
        (job,) = manager.get_jobs()

    assert job_id == job.id == hashlib.md5(b"mine").hexdigest()
    assert job.args == (path_of(Echo), job_id, "a")
    assert (job.name, job.kwargs, str(job.trigger)) == ("mine", {"n": 1}, "cron[minute='5']")
