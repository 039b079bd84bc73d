"""The datastore's methods of old, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ndscheduler.corescheduler import constants
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import InvalidInput
from tests.factories import NOON, a_job, an_execution, an_instance

HOUR = timedelta(hours=1)


def test_an_execution_that_code_records_is_read_back_as_of_old(datastore: DatastoreBase) -> None:
    job = a_job()
    datastore.write(datastore.jobs.insert, job)

    datastore.add_execution("e1", job.id, constants.EXECUTION_STATUS_SCHEDULED, description="d")
    datastore.update_execution(
        "e1", state=constants.EXECUTION_STATUS_SUCCEEDED, result="1", hostname="h", pid=7
    )

    found = datastore.get_execution("e1")
    assert found is not None
    assert (found["state"], found["result"], found["hostname"], found["pid"]) == (
        "succeeded",
        "1",
        "h",
        7,
    )
    assert found["job"]["task_name"] == job.job_class_string
    assert found["job"]["minute"] == "*"
    assert datastore.get_execution("none") is None


def test_an_end_that_code_stores_is_counted_once(datastore: DatastoreBase) -> None:
    execution = an_execution(a_job())
    datastore.write(datastore.executions.insert, execution)
    datastore.write(datastore.lifecycle.start, [execution], an_instance(), NOON)

    for _ in range(2):
        datastore.update_execution(execution.id, state=constants.EXECUTION_STATUS_FAILED)

    totals = datastore.read(datastore.stats.totals, utc_now() - 2 * HOUR)
    assert totals == {ExecutionState.FAILED: 1}


def test_what_code_records_is_not_started_by_us(datastore: DatastoreBase) -> None:
    datastore.add_execution("e1", "j", constants.EXECUTION_STATUS_SCHEDULED)

    assert datastore.read(datastore.lifecycle.queued, "threads", 10, None) == []


def test_executions_of_a_time_range_come_last_updated_first(datastore: DatastoreBase) -> None:
    for number in range(3):
        datastore.add_execution(f"e{number}", "j", constants.EXECUTION_STATUS_RUNNING)
    datastore.update_execution("e0", description="touched")

    found = datastore.get_executions((utc_now() - HOUR).isoformat(), (utc_now() + HOUR).isoformat())

    assert [one["execution_id"] for one in found["executions"]] == ["e0", "e2", "e1"]
    assert datastore.get_executions(NOON.isoformat(), NOON.isoformat()) == {"executions": []}


def test_audit_entries_take_positional_arguments_and_events_of_users(
    datastore: DatastoreBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(constants.AUDIT_LOG_DICT, 77, "exported")

    datastore.add_audit_log("j", "name", 77, "ana", "words")

    (log,) = datastore.get_audit_logs(utc_now() - HOUR, utc_now() + HOUR)["logs"]
    assert (log["event"], log["user"], log["description"]) == ("exported", "ana", "words")


def test_a_column_that_code_may_not_set_is_refused_by_name(datastore: DatastoreBase) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        datastore.update_execution("e1", colour="red")
    with pytest.raises(InvalidInput, match="time_range_start"):
        datastore.get_executions("yesterday", "today")
