"""Signs of life: this instance's own, and what becomes of the executions of a dead one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.constants import HEARTBEATS_PER_LEASE
from ndscheduler.corescheduler.core.complaints import Complaints
from ndscheduler.corescheduler.core.interruption import interrupt_executions
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Execution, Instance

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class _Sign:
    """A heartbeat value that was read, and this machine's uptime when it was read first."""

    value: datetime | None
    seen_at: float


class Heartbeat:
    """A thread that writes this instance's heartbeat and reaps instances that show none.

    An owner is dead when its heartbeat value has stayed the same for its lease by our own clock,
    so that no step of anybody's wall clock kills a live one.
    """

    def __init__(
        self,
        datastore: DatastoreBase,
        instance: Instance,
        on_reaped: Callable[[list[Execution]], None],
    ) -> None:
        self._datastore = datastore
        self._instance = instance
        self._on_reaped = on_reaped
        self._lease = instance.lease_seconds
        self._interval = self._lease / HEARTBEATS_PER_LEASE
        self._last_good = uptime()
        self._signs: dict[str, _Sign] = {}
        # When the last look at the signs of others began.
        self._looked_at = self._last_good
        # Whether the last turn of the thread ended in a failure.
        self.is_failing = False
        self._complaints = Complaints(logger)
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._work, name="ndscheduler-heartbeat", daemon=True
        )

    def start(self) -> None:
        """Announce this instance, then keep beating."""
        self._datastore.loop.write(self._announce)
        self._last_good = uptime()
        self._thread.start()

    def is_fenced(self) -> bool:
        """True if others may think us dead by now: then nothing is claimed or started here."""
        return uptime() - self._last_good > self._lease - self._interval

    def stop(self) -> None:
        """End the thread and say that this instance has ended."""
        self.close(self._interval)
        self._datastore.loop.write(self.leave)

    def close(self, timeout_seconds: float) -> None:
        """End the thread; waits at most `timeout_seconds` for what it is doing."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def leave(self, connection: Connection) -> None:
        """Say that this instance has ended: others need not wait for its next sign of life."""
        now = self._datastore.dialect.now(connection)
        self._datastore.instances.stop(connection, self._instance.id, now)

    @property
    def is_alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def _work(self) -> None:
        pause = self._interval
        while not self._closing.wait(pause):
            began = uptime()
            try:
                self._datastore.loop.write(self._beat)
                self._last_good = began
                self._reap()
                pause = self._interval
                self.is_failing = False
                self._complaints.end("Heartbeats are written again.")
            except Exception as error:  # noqa: BLE001 - this thread must outlive any failure
                # What was not read can not be judged: the lease of every owner starts anew.
                self._signs.clear()
                self.is_failing = True
                self._complaints.add("No heartbeat could be written: %s", error)
                # Nothing is started here before the next good one, so it must come soon.
                pause = min(self._interval, RETRY_SECONDS)

    def _announce(self, connection: Connection) -> None:
        # By the database's clock, as every later sign of life: this machine's may be wrong.
        now = self._datastore.dialect.now(connection)
        announced = replace(self._instance, started_at=now, heartbeat_at=now)
        self._datastore.instances.insert(connection, announced)

    def _beat(self, connection: Connection) -> None:
        now = self._datastore.dialect.now(connection)
        if not self._datastore.instances.beat(connection, self._instance.id, now):
            # Suspended for so long that it was forgotten: without a row others take it for dead.
            self._announce(connection)

    def _reap(self) -> None:
        self._forget_after_a_gap()
        owners = self._datastore.loop.read(self._datastore.lifecycle.owners_of_live)
        owners.discard(self._instance.id)
        if not owners:
            self._signs.clear()
            return
        known = {i.id: i for i in self._datastore.loop.read(self._datastore.instances.list)}
        self._signs = {owner: self._sign_of(owner, known.get(owner)) for owner in owners}
        for owner in owners:
            instance = known.get(owner)
            if self._is_dead(owner, instance):
                self._interrupt(owner, instance)

    def _forget_after_a_gap(self) -> None:
        """Start every lease anew unless we have looked all the while.

        What kept us from looking, a suspension or a database that stood still, may have kept the
        others from showing signs of life, and they need a moment to go on, as we did.
        """
        looked_at, self._looked_at = self._looked_at, uptime()
        if self._looked_at - looked_at > self._lease / 2:
            self._signs.clear()

    def _sign_of(self, owner: str, instance: Instance | None) -> _Sign:
        value = None if instance is None else instance.heartbeat_at
        before = self._signs.get(owner)
        return before if before and before.value == value else _Sign(value, uptime())

    def _is_dead(self, owner: str, instance: Instance | None) -> bool:
        if instance is not None and instance.stopped_at is not None:
            return True
        lease = self._lease if instance is None else instance.lease_seconds
        # Not the present: we may have been suspended since the value was read.
        return self._looked_at - self._signs[owner].seen_at >= lease

    def _interrupt(self, owner: str, instance: Instance | None) -> None:
        reaped = self._datastore.loop.write(
            interrupt_executions, self._datastore, owner, _reason(instance)
        )
        logger.warning("%d executions of instance %s were interrupted.", len(reaped), owner)
        self._on_reaped(reaped)


def _reason(instance: Instance | None) -> str:
    if instance is None:
        return "Its scheduler is not known any more."
    where = f"process {instance.pid} on {instance.hostname}"
    if instance.stopped_at is not None:
        return f"Its scheduler ({where}) ended at {instance.stopped_at.isoformat()}."
    return (
        f"Its scheduler ({where}) died: the last sign of life was at "
        f"{instance.heartbeat_at.isoformat()}."
    )
