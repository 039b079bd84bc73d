"""Instances that are long silent are forgotten, the others are not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.core.retention import (
    RetentionPass,
)
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.keep_rules import INSTANCES_KEPT, KeepRules
from tests.datastore.history_rows import DAY, HOUR, STATES, count, finished, insert, run
from tests.factories import a_job, an_instance


def announce(datastore: DatastoreBase, age: timedelta, **fields: Any) -> str:
    """An instance that started and showed its last sign of life so long ago; its id."""
    then = utc_now() - age
    instance = an_instance(started_at=then, heartbeat_at=then, **fields)
    datastore.write(datastore.instances.insert, instance)
    return instance.id


def fill_instances(datastore: DatastoreBase) -> None:
    """As many young instances as are kept whatever their age."""
    for _ in range(INSTANCES_KEPT):
        announce(datastore, HOUR)


def silent_pass(datastore: DatastoreBase) -> dict[str, datetime]:
    """The signs of life that a first pass notes."""
    first = RetentionPass(datastore, KeepRules(), lambda seconds: None)
    first.run()
    assert first.deleted.instances == 0
    return first.silent


def test_instances_silent_for_a_month_and_two_passes_are_forgotten(
    datastore: DatastoreBase,
) -> None:
    fill_instances(datastore)
    announce(datastore, 31 * DAY)
    announce(datastore, 60 * DAY, stopped_at=utc_now() - 60 * DAY)
    announce(datastore, 29 * DAY)

    deleted = run(datastore, KeepRules(), silent_before=silent_pass(datastore))

    assert (deleted.instances, count(datastore, "instances")) == (2, INSTANCES_KEPT + 1)


def test_an_instance_that_owns_an_unfinished_execution_stays(datastore: DatastoreBase) -> None:
    fill_instances(datastore)
    owner = announce(datastore, 31 * DAY)
    insert(datastore, finished(a_job(), 31 * DAY, state=STATES.RUNNING, owner=owner))

    assert run(datastore, KeepRules(), silent_before=silent_pass(datastore)).instances == 0


def test_an_instance_that_showed_a_sign_of_life_between_two_passes_stays(
    datastore: DatastoreBase,
) -> None:
    fill_instances(datastore)
    suspended = announce(datastore, 90 * DAY)
    silent = silent_pass(datastore)
    datastore.write(datastore.instances.beat, suspended, utc_now() - 31 * DAY)

    assert run(datastore, KeepRules(), silent_before=silent).instances == 0


def test_the_newest_instances_stay_however_old_they_are(datastore: DatastoreBase) -> None:
    announce(datastore, 400 * DAY)

    assert run(datastore, KeepRules(), silent_before=silent_pass(datastore)).instances == 0
