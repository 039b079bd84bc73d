"""Signs of life: this instance's own, and what becomes of the executions of a dead one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.constants import HEARTBEATS_PER_LEASE
from ndscheduler.corescheduler.core.complaints import Complaints
from ndscheduler.corescheduler.core.interruption import interrupt_executions
from ndscheduler.corescheduler.core.signs import Signs
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.models import Execution, Instance

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.25


class Heartbeat:
    """A thread that writes this instance's heartbeat and reaps instances that show none."""

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
        self._signs = Signs(self._lease)
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
                self._signs.forget()
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
        began = uptime()
        owners = self._datastore.loop.read(self._datastore.lifecycle.owners_of_live)
        owners.discard(self._instance.id)
        known: dict[str, Instance] = {}
        if owners:
            known = {i.id: i for i in self._datastore.loop.read(self._datastore.instances.list)}
        for owner in self._signs.add(began, {owner: known.get(owner) for owner in owners}):
            self._interrupt(owner, known.get(owner))

    def _interrupt(self, owner: str, instance: Instance | None) -> None:
        reaped = self._datastore.loop.write(self._interrupt_silent, owner, _reason(instance))
        if reaped:
            logger.warning("%d executions of instance %s were interrupted.", len(reaped), owner)
            self._on_reaped(reaped)

    def _interrupt_silent(self, connection: Connection, owner: str, reason: str) -> list[Execution]:
        # We may have been suspended since we judged it, and it may have come back.
        value = self._signs.value_of(owner)
        if value and not self._datastore.instances.is_silent_since(connection, owner, value):
            return []
        return interrupt_executions(connection, self._datastore, owner, reason)


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
