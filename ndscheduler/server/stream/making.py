"""The streams of a scheduler."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import JobService
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.stream.look import Look
from ndscheduler.server.stream.streams import Streams


def make_streams(
    manager: SchedulerManager, service: JobService, blocking: BlockingCalls
) -> Streams:
    """Streams of what changes in the database of `manager`; nothing is begun."""
    zone = ZoneInfo(str(manager.timezone))
    return Streams(
        make_looks=lambda: Look(manager, service, zone),
        blocking=blocking,
        scheduler=manager.sched,
        instance_id=manager.actions.instance_id or None,
    )
