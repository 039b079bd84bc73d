"""Overridden hooks of a scheduler class are called, with the signatures of old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from tests.compat import hooks
from tests.compat.hooks import Call
from tests.compat.job_classes import Echo, LoudEcho
from tests.compat.running import (
    BY_HAND,
    PASSWORD,
    SCHEDULED,
    YEARLY,
    executions,
    path_of,
    run_once,
    running,
    wait_for,
)

BOTH = pytest.mark.parametrize("how", [SCHEDULED, BY_HAND])


@pytest.fixture(autouse=True)
def _open_gate() -> Iterator[None]:
    hooks.NotingScheduler.gate.set()
    yield
    hooks.NotingScheduler.gate.clear()


def of(calls: list[Call], hook: str) -> list[Call]:
    """The calls of one hook."""
    return [call for call in calls if call.hook == hook]


@BOTH
def test_run_hooks_are_called_once_with_their_signatures_of_old(
    tmp_path: Path, calls: list[Call], how: str
) -> None:
    with running(tmp_path, hooks.NotingScheduler) as manager:
        execution = run_once(manager, Echo, how, "a", 2, colour="red")
        datastore = manager.get_datastore()
    noted = [call for call in calls if "run" in call.hook and call.hook != "is_okay_to_run"]

    ids = (execution.job_id, execution.id)
    result = json.dumps({"args": ["a", 2], "kwargs": {"colour": "red"}}, indent=4, sort_keys=True)
    colour = {"colour": "red"}
    blanks = (None, None, None)
    assert noted == [
        Call("run_job", (path_of(Echo), execution.job_id, *blanks, "a", 2), colour),
        Call("run_scheduler_job", (Echo, *ids, datastore, "a", 2), colour),
        Call("pre_run", (Echo, *ids, "a", 2), colour),
        Call("post_run", (Echo, *ids, result, "a", 2), colour),
    ]
    assert execution.result == result
    assert execution.state is ExecutionState.SUCCEEDED


def test_no_hook_and_no_job_shows_the_password_of_the_database(
    tmp_path: Path, calls: list[Call]
) -> None:
    with running(tmp_path, hooks.NotingScheduler) as manager:
        run_once(manager, Echo, BY_HAND)
        jobs = manager.get_jobs()

    assert PASSWORD not in repr(calls)
    assert PASSWORD not in repr([(job.args, job.kwargs, job.__getstate__()) for job in jobs])
    assert PASSWORD.encode() not in (tmp_path / "datastore.db").read_bytes()


def test_nothing_is_claimed_while_the_gate_is_closed(tmp_path: Path, calls: list[Call]) -> None:
    hooks.NotingScheduler.gate.clear()
    with running(tmp_path, hooks.NotingScheduler) as manager:
        options = {"trigger": {"type": "cron", "second": "*"}}
        job_id = manager.add_job(path_of(Echo), "a job", options=options)
        wait_for(lambda: len(of(calls, "is_okay_to_run")) >= 4)
        while_closed = executions(manager, job_id)
        hooks.NotingScheduler.gate.set()
        wait_for(lambda: executions(manager, job_id))
        datastore = manager.get_datastore()

    assert while_closed == []
    assert {call.args for call in of(calls, "is_okay_to_run")} == {(datastore,)}


def test_a_gate_that_fails_is_closed_and_runs_by_hand_go_on(
    tmp_path: Path, calls: list[Call]
) -> None:
    with running(tmp_path, hooks.BrokenGateScheduler) as manager:
        execution = run_once(manager, Echo, BY_HAND)

    assert execution.state is ExecutionState.SUCCEEDED
    assert of(calls, "is_okay_to_run") != []


@BOTH
def test_a_pre_run_that_exits_makes_a_scheduled_error(tmp_path: Path, how: str) -> None:
    with running(tmp_path, hooks.RefusingScheduler) as manager:
        execution = run_once(manager, Echo, how)

    assert execution.state is ExecutionState.SCHEDULED_ERROR
    assert "SystemExit: not on a Friday" in (execution.result or "")


@BOTH
def test_a_post_run_that_fails_leaves_the_end_as_it_was(tmp_path: Path, how: str) -> None:
    with running(tmp_path, hooks.BrokenAfterScheduler) as manager:
        execution = run_once(manager, Echo, how)

    assert execution.state is ExecutionState.SUCCEEDED


@BOTH
def test_a_run_job_that_fails_after_the_job_leaves_the_end_as_it_was(
    tmp_path: Path, how: str
) -> None:
    with running(tmp_path, hooks.BrokenAroundScheduler) as manager:
        execution = run_once(manager, Echo, how)

    assert execution.state is ExecutionState.SUCCEEDED
    assert execution.result is not None


@BOTH
def test_what_an_override_passes_on_is_what_runs(tmp_path: Path, how: str) -> None:
    with running(tmp_path, hooks.RedirectingScheduler) as manager:
        execution = run_once(manager, Echo, how, "as the job says")

    assert json.loads(execution.result or "") == ["LOUD", "in place"]


def test_add_scheduler_job_is_called_by_code_and_by_rest(tmp_path: Path, calls: list[Call]) -> None:
    given = JobFields(
        name="by rest",
        job_class_string=path_of(Echo),
        pub_args=[1],
        kwargs={"colour": "red"},
        trigger={"type": "cron", "minute": "5", "week": "3"},
        tags=["daily"],
    )

    with running(tmp_path, hooks.NotingScheduler) as manager:
        by_code = manager.get_job(manager.add_job(path_of(Echo), "by code", [1], minute="5"))
        by_rest = manager.create_job(given, Actor("ann"))

    assert of(calls, "add_scheduler_job") == [
        Call("add_scheduler_job", (path_of(Echo), "by code", [1], "5"), {}),
        Call("add_scheduler_job", (path_of(Echo), "by rest", [1], "5"), {"colour": "red"}),
    ]
    assert by_code is not None
    assert by_code.name == "BY CODE"
    assert (by_rest.name, by_rest.tags, by_rest.kwargs) == (
        "BY REST",
        ("daily",),
        {"colour": "red"},
    )
    assert json.loads(by_rest.trigger_json)["week"] == "3"


def test_a_keyword_that_the_override_can_not_carry_is_refused(tmp_path: Path) -> None:
    trigger = {"type": "cron", **YEARLY}
    given = JobFields("a job", path_of(Echo), kwargs={"name": "x"}, trigger=trigger)

    with running(tmp_path, hooks.NotingScheduler) as manager:
        with pytest.raises(InvalidInput) as caught:
            manager.create_job(given, Actor("ann"))
        jobs = manager.get_jobs()

    assert caught.value.field == "kwargs"
    assert jobs == []


def test_modify_scheduler_job_is_called_by_code_and_by_rest(
    tmp_path: Path, calls: list[Call]
) -> None:
    changes = JobFields(name="renamed", trigger={"type": "cron", "hour": "4"})

    with running(tmp_path, hooks.NotingScheduler) as manager:
        job_id = manager.add_job(path_of(Echo), "a job", **YEARLY)
        manager.modify_job(job_id, pub_args=[7])
        changed = manager.change_job(job_id, changes, Actor("ann"))

    assert of(calls, "modify_scheduler_job") == [
        Call("modify_scheduler_job", (job_id,), {"pub_args": [7]}),
        Call("modify_scheduler_job", (job_id,), {"name": "renamed", "hour": "4"}),
    ]
    assert (changed.name, changed.pub_args) == ("renamed", [7])


def test_an_override_may_choose_ids_and_use_the_methods_of_apscheduler(tmp_path: Path) -> None:
    with running(tmp_path, hooks.NamedByMd5Scheduler) as manager:
        job_id = manager.add_job(path_of(Echo), "mine", ["a"], month=None, minute="5", n=1)
        (added,) = manager.get_jobs()
        manager.modify_job(
            job_id, minute="6", name="yours", args=_args_of(added, path_of(LoudEcho))
        )
        changed = manager.get_job(job_id)
        execution = run_again(manager, job_id)

    assert added.id == job_id == "md5-of-mine"
    assert added.args == (path_of(Echo), job_id, None, None, None, "a")
    assert (added.kwargs, added.name, str(added.trigger)) == ({"n": 1}, "mine", "cron[minute='5']")
    assert (changed.name, changed.args[0]) == ("yours", path_of(LoudEcho))
    assert str(changed.trigger) == "cron[minute='6']"
    assert json.loads(execution.result) == ["LOUD", "a"]


def test_a_second_job_of_the_same_id_is_refused_unless_it_replaces(tmp_path: Path) -> None:
    with running(tmp_path, BaseScheduler) as manager:
        sched = manager.sched

        def add(minute: str, **more: Any) -> Any:
            args = [path_of(Echo), "one", None, None, None]
            return sched.add_job(sched.run_job, "cron", args=args, id="one", minute=minute, **more)

        add("1")
        with pytest.raises(InvalidInput):
            add("2")
        add("3", replace_existing=True)
        (job,) = sched.get_jobs()

    assert str(job.trigger) == "cron[minute='3']"


def run_again(manager: SchedulerManager, job_id: str) -> Any:
    """The ended execution of a job that is run by hand."""
    manager.actions.run(job_id, Actor("tester"))
    return wait_for(lambda: [e for e in executions(manager, job_id) if not e.state.is_live])[0]


def _args_of(job: Any, job_class_string: str) -> list[Any]:
    return [job_class_string, *job.args[1:]]
