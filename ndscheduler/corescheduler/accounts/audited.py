"""What all actions on accounts share: the datastore, and entries in its audit log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from ndscheduler.corescheduler.accounts.audit import account_entry
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import DatastoreUnavailable
from ndscheduler.corescheduler.models import Actor

logger = logging.getLogger(__name__)


class Audited:
    """Actions of which the audit log tells. All block on the database, from any thread."""

    def __init__(self, datastore: DatastoreBase) -> None:
        self._datastore = datastore

    def _touch(
        self, note: Callable[[Connection, str, datetime], None], key: str, now: datetime
    ) -> None:
        """Note that something is used; a database that only reads now refuses nobody for it."""
        try:
            self._datastore.write(note, key, now)
        except DatastoreUnavailable as error:
            logger.info("That a login is used was not noted: %s", error)

    def _audit(
        self,
        connection: Connection,
        event: AuditEvent,
        actor: Actor,
        now: datetime,
        sentence: str,
        changes: dict[str, list[object]] | None = None,
    ) -> None:
        entry = account_entry(event, actor, now, sentence, changes)
        self._datastore.audit_logs.insert(connection, entry)

    def _now(self, connection: Connection) -> datetime:
        return self._datastore.dialect.now(connection)
