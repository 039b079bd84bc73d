"""Ends that wait for the database: their order, and what becomes of one that it refuses."""

from __future__ import annotations

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.core.finish_queue import FinishQueue
from tests.unit.spilling import a_finish


def test_what_is_put_back_comes_after_what_waits_and_is_not_stored() -> None:
    queue = FinishQueue()
    refused, stored, later = a_finish(), a_finish(), a_finish()
    queue.add(refused)
    queue.add(stored)
    queue.next_batch()
    queue.add(later)

    queue.put_back({refused.execution.id})
    queue.done()

    assert queue.ids() == [later.execution.id, refused.execution.id]
    assert [pending.finish for pending in queue.next_batch()] == [later, refused]


def test_what_is_put_back_is_as_old_as_it_was() -> None:
    queue = FinishQueue()
    refused = a_finish()
    queue.add(refused)
    (pending,) = queue.next_batch()
    pending.since = uptime() - 60
    queue.add(a_finish())

    queue.put_back({refused.execution.id})

    assert queue.unwritten_age() >= 60
