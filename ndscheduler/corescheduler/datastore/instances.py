"""Statements on instances: who runs, and their last sign of life."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.rows import instance_from, instance_row
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.models import Instance


class Instances:
    """The instances table: one row per scheduler process that ever ran, kept for a while."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._table = tables.instances
        self._dialect = dialect

    def insert(self, connection: Connection, instance: Instance) -> None:
        """Announce a starting instance."""
        connection.execute(self._table.insert(), [instance_row(instance)])

    def beat(self, connection: Connection, instance_id: str, now: datetime) -> bool:
        """Write a sign of life; False if the instance has no row any more."""
        statement = self._table.update().where(self._table.c.id == instance_id)
        return connection.execute(statement.values(heartbeat_at=now)).rowcount > 0

    def stop(self, connection: Connection, instance_id: str, now: datetime) -> None:
        """Note that the instance has ended, so that nobody waits for its next sign of life."""
        statement = self._table.update().where(self._table.c.id == instance_id)
        connection.execute(statement.values(heartbeat_at=now, stopped_at=now))

    def is_silent_since(
        self, connection: Connection, instance_id: str, heartbeat_at: datetime
    ) -> bool:
        """True if its last sign of life is that of `heartbeat_at`; then no other is written now."""
        query = select(self._table.c.heartbeat_at).where(self._table.c.id == instance_id)
        row = connection.execute(self._dialect.locked(query)).first()
        return row is not None and row.heartbeat_at == heartbeat_at

    def list(self, connection: Connection) -> list[Instance]:
        """All known instances, the newest first."""
        query = select(self._table).order_by(self._table.c.started_at.desc(), self._table.c.id)
        return [instance_from(row) for row in connection.execute(query)]
