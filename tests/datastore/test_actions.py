"""What users do to jobs: the change and its audit entry stand or fall together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.actions import JobActions
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import AuditEvent, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import AuditFilter, ExecutionFilter, PageRequest
from ndscheduler.corescheduler.definitions import JobFields
from ndscheduler.corescheduler.errors import InvalidInput, JobNotFound, StaleJob
from ndscheduler.corescheduler.models import Actor, AuditEntry, Execution, Job
from tests.factories import a_job, an_execution

ANA = Actor("ana", "10.0.0.7")
HOUR = timedelta(hours=1)


@pytest.fixture
def actions(datastore: DatastoreBase) -> JobActions:
    """Actions on an empty datastore."""
    return JobActions(datastore, instance_id="me")


def fields(**given: Any) -> JobFields:
    """A daily job."""
    defaults = {
        "name": "Backup",
        "job_class_string": "a.B",
        "trigger": {"type": "cron", "hour": "3"},
    }
    return JobFields(**{**defaults, **given})


def audit(datastore: DatastoreBase) -> list[AuditEntry]:
    """All audit entries, the oldest first."""
    page = datastore.read(datastore.audit_logs.page, AuditFilter(), PageRequest())
    return sorted(page.items, key=lambda entry: entry.created_time)


def executions(datastore: DatastoreBase) -> list[Execution]:
    """All executions."""
    return datastore.read(datastore.executions.page, ExecutionFilter(), PageRequest()).items


def insert_due(datastore: DatastoreBase, **given: Any) -> Job:
    """A job that has been due since a moment ago and is not claimed yet."""
    job = a_job(next_fire=utc_now().replace(second=0, microsecond=0), **given)
    datastore.write(datastore.jobs.insert, job)
    return job


def test_adding_a_job_is_audited(actions: JobActions, datastore: DatastoreBase) -> None:
    job = actions.add(fields(tags=["db"], kwargs={"a": 1}), ANA)

    (entry,) = audit(datastore)
    assert datastore.read(datastore.jobs.get, job.id) == job
    assert (entry.event, entry.job_id, entry.user, entry.remote) == (
        AuditEvent.ADDED,
        job.id,
        "ana",
        "10.0.0.7",
    )


def test_a_bad_field_changes_nothing(actions: JobActions, datastore: DatastoreBase) -> None:
    job = actions.add(fields(), ANA)

    with pytest.raises(InvalidInput, match="minute"):
        actions.modify(
            job.id, JobFields(name="other", trigger={"type": "cron", "minute": "61"}), ANA
        )

    assert datastore.read(datastore.jobs.get, job.id) == job
    assert len(audit(datastore)) == 1


def test_a_change_tells_old_and_new_values(actions: JobActions, datastore: DatastoreBase) -> None:
    job = actions.add(fields(pub_args=["a"]), ANA)

    changed = actions.modify(job.id, JobFields(name="<b>New</b>", pub_args=["b"]), ANA)

    entry = audit(datastore)[-1]
    assert (changed.rev, changed.next_fire) == (2, job.next_fire)
    assert entry.changes == {"name": ["Backup", "<b>New</b>"], "pub_args": [["a"], ["b"]]}
    assert entry.description == 'name: "Backup" => "<b>New</b>"; pub_args: ["a"] => ["b"]'


def test_a_lost_update_is_refused(actions: JobActions) -> None:
    job = actions.add(fields(), ANA)
    actions.modify(job.id, JobFields(name="first"), ANA, expected_rev=1)

    with pytest.raises(StaleJob, match="its rev is 2, not 1"):
        actions.modify(job.id, JobFields(name="second"), ANA, expected_rev=1)


@pytest.mark.parametrize("act", ["modify", "remove", "pause", "resume", "skip_next", "run"])
def test_an_unknown_job_is_said_so(actions: JobActions, act: str) -> None:
    arguments = (JobFields(),) if act == "modify" else ()

    with pytest.raises(JobNotFound, match="Job not found: nope"):
        getattr(actions, act)("nope", *arguments, ANA)


def test_a_deleted_job_keeps_its_history_and_skips_its_queue(
    actions: JobActions, datastore: DatastoreBase
) -> None:
    job = actions.add(fields(), ANA)
    done = an_execution(job, state=ExecutionState.SUCCEEDED)
    queued = an_execution(job, fire_time=None)
    datastore.write(datastore.claims.insert_executions, [done, queued])

    actions.remove(job.id, ANA)

    found = {execution.id: execution for execution in executions(datastore)}
    assert found[done.id].state is ExecutionState.SUCCEEDED
    assert found[queued.id].state is ExecutionState.SKIPPED
    assert found[queued.id].reason == "The job was deleted by ana."
    entry = audit(datastore)[-1]
    assert entry.event is AuditEvent.DELETED
    assert entry.description is not None
    assert '"name": "Backup"' in entry.description


def test_pause_and_resume(actions: JobActions, datastore: DatastoreBase) -> None:
    job = actions.add(fields(), ANA)
    until = utc_now() + HOUR

    paused = actions.pause(job.id, ANA, until=until, reason="migration")
    resumed = actions.resume(job.id, ANA)

    assert (paused.is_paused, paused.next_fire, paused.paused_by, paused.paused_reason) == (
        True,
        None,
        "ana",
        "migration",
    )
    assert (resumed.is_paused, resumed.paused_until) == (False, None)
    assert resumed.next_fire == job.next_fire
    assert [entry.event for entry in audit(datastore)[1:]] == [
        AuditEvent.PAUSED,
        AuditEvent.RESUMED,
    ]


def test_pause_and_resume_may_be_repeated(actions: JobActions) -> None:
    job = actions.add(fields(), ANA)

    actions.pause(job.id, ANA)
    actions.pause(job.id, ANA)
    actions.resume(job.id, ANA)

    assert actions.resume(job.id, ANA).next_fire == job.next_fire


def test_a_pause_that_ends_in_the_past_is_refused(actions: JobActions) -> None:
    job = actions.add(fields(), ANA)

    with pytest.raises(InvalidInput, match="until"):
        actions.pause(job.id, ANA, until=utc_now() - HOUR)


def test_a_pause_ends_when_its_time_has_come(actions: JobActions, datastore: DatastoreBase) -> None:
    job = actions.add(fields(), ANA)
    until = utc_now() + HOUR
    actions.pause(job.id, ANA, until=until)

    assert datastore.write(actions.resume_due, until - HOUR) == 0
    assert datastore.write(actions.resume_due, until) == 1

    again = datastore.read(datastore.jobs.get, job.id)
    assert not again.is_paused
    assert again.next_fire is not None
    assert again.next_fire >= until
    assert audit(datastore)[-1].user == "system"


def test_a_changed_schedule_of_a_paused_job_leaves_it_paused(actions: JobActions) -> None:
    job = actions.add(fields(), ANA)
    actions.pause(job.id, ANA)

    changed = actions.modify(job.id, JobFields(trigger={"type": "cron", "hour": "5"}), ANA)

    assert (changed.is_paused, changed.next_fire) == (True, None)


@pytest.mark.parametrize("act", ["pause", "remove", "modify"])
def test_a_fire_that_was_due_before_an_edit_is_recorded_as_skipped(
    actions: JobActions, datastore: DatastoreBase, act: str
) -> None:
    job = insert_due(datastore)
    new_schedule = (JobFields(trigger={"type": "cron", "month": "1"}),) if act == "modify" else ()

    getattr(actions, act)(job.id, *new_schedule, ANA)

    (row,) = executions(datastore)
    assert (row.state, row.first_fire_time) == (ExecutionState.SKIPPED, job.next_fire)
    assert row.reason is not None
    assert "ana" in row.reason


def test_a_due_fire_stays_due_when_the_schedule_stays(
    actions: JobActions, datastore: DatastoreBase
) -> None:
    job = insert_due(datastore)

    changed = actions.modify(job.id, JobFields(name="other"), ANA)

    assert executions(datastore) == []
    assert changed.next_fire == job.next_fire


def test_skip_next_skips_one_fire_and_leaves_a_row(
    actions: JobActions, datastore: DatastoreBase
) -> None:
    job = actions.add(fields(), ANA)
    assert job.next_fire is not None

    skipped = actions.skip_next(job.id, ANA, reason="holiday")

    (row,) = executions(datastore)
    assert skipped.next_fire == job.next_fire + timedelta(days=1)
    assert (row.state, row.fire_time, row.reason) == (
        ExecutionState.SKIPPED,
        job.next_fire,
        "Skipped by ana: holiday",
    )
    assert audit(datastore)[-1].event is AuditEvent.SKIPPED_NEXT


def test_a_job_without_a_next_fire_has_none_to_skip(actions: JobActions) -> None:
    job = actions.add(fields(trigger={"type": "cron", "month": "2", "day": "31"}), ANA)

    with pytest.raises(InvalidInput, match="no next fire time"):
        actions.skip_next(job.id, ANA)


def test_a_run_by_hand_is_queued_and_audited(actions: JobActions, datastore: DatastoreBase) -> None:
    queued: list[Execution] = []
    actions.on_queued = queued.append
    job = actions.add(fields(pub_args=["a"], kwargs={"k": 1}), ANA)

    plain = actions.run(job.id, ANA)
    other = actions.run(job.id, ANA, pub_args=["b"], kwargs={})

    assert [execution.id for execution in queued] == [plain, other]
    row = datastore.read(datastore.executions.get, plain)
    assert (row.trigger_kind, row.requested_by, row.fire_time) == (
        TriggerKind.MANUAL,
        "ana",
        None,
    )
    assert (row.pub_args, row.kwargs) == (["a"], {"k": 1})
    assert datastore.read(datastore.executions.get, other).pub_args == ["b"]
    assert audit(datastore)[-1].description == other


def test_a_job_whose_trigger_reads_again_gets_its_next_fire_back(
    actions: JobActions, datastore: DatastoreBase
) -> None:
    job = a_job(next_fire=None)
    broken = a_job(next_fire=None, timezone="Mars/Olympus")
    for one in (job, broken):
        datastore.write(datastore.jobs.insert, one)

    actions.repair_next_fires()

    assert datastore.read(datastore.jobs.get, job.id).next_fire is not None
    assert datastore.read(datastore.jobs.get, broken.id).next_fire is None


def test_to_pause_again_and_say_nothing_more_keeps_the_end_of_the_pause(
    actions: JobActions,
) -> None:
    job = actions.add(fields(), ANA)
    until = utc_now() + HOUR
    paused = actions.pause(job.id, ANA, until=until, reason="migration")

    again = actions.pause(job.id, Actor("bob"))

    assert again == paused
