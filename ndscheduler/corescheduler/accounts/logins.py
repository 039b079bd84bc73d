"""Logins: sessions that the database keeps, and what is noted of those that were refused."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta

from ndscheduler.corescheduler.account_models import Account, Session
from ndscheduler.corescheduler.accounts.audited import Audited
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.errors import AccountNotFound
from ndscheduler.corescheduler.models import Actor

# How often it is noted that a session is used.
TOUCH_EVERY = timedelta(minutes=1)
KEY_BYTES = 32
# The name under which it is kept which accounts the settings had.
SETTINGS_KEY = "settings accounts"


class Logins(Audited):
    """The logins of one database."""

    def open(self, account: Account, id_hash: str, lifetime: timedelta, actor: Actor) -> Session:
        """Log an account in. Raises AccountNotFound where it was disabled or changed meanwhile."""

        def work(connection: Connection) -> Session:
            now = self._now(connection)
            self._check_unchanged(connection, account)
            session = Session(
                id_hash,
                account.name,
                account.source,
                created_at=now,
                last_seen_at=now,
                expires_at=now + lifetime,
                role=account.role,
            )
            self._datastore.sessions.delete_expired(connection, now)
            self._datastore.sessions.insert(connection, session)
            self._audit(connection, AuditEvent.LOGIN, actor, now, f"{account.name} logged in.")
            return session

        return self._datastore.write(work)

    def find(
        self, id_hash: str, idle: timedelta, touches: bool = True
    ) -> tuple[Session, Account | None] | None:
        """The login whose id has this hash, unless it is over, and its account in the database.

        `touches` notes that it is used, to the minute.
        """

        def work(
            connection: Connection,
        ) -> tuple[Session, Account | None, datetime] | None:
            session = self._datastore.sessions.find(connection, id_hash)
            if session is None:
                return None
            now = self._now(connection)
            account = self._datastore.users.find(connection, session.user_name)
            return session, account, now

        found = self._datastore.read(work)
        if found is None or found[0].is_over_at(found[2], idle):
            return None
        session, account, now = found
        if touches and now - session.last_seen_at >= TOUCH_EVERY:
            self._touch(self._datastore.sessions.touch, id_hash, now)
        return session, account

    def close(self, id_hash: str, actor: Actor) -> bool:
        """Log out; False if that login is over already."""

        def work(connection: Connection) -> bool:
            if not self._datastore.sessions.delete(connection, id_hash):
                return False
            now = self._now(connection)
            self._audit(connection, AuditEvent.LOGOUT, actor, now, f"{actor.user} logged out.")
            return True

        return self._datastore.write(work)

    def note(self, event: AuditEvent, actor: Actor, sentence: str) -> None:
        """Tell the audit log of something that changed nothing, such as a refused login."""

        def work(connection: Connection) -> None:
            self._audit(connection, event, actor, self._now(connection), sentence)

        self._datastore.write(work)

    def shared_key(self, name: str) -> str:
        """The random text of this name that all servers of the database share; made once."""
        found = self._datastore.read(self._datastore.keys.find, name)
        if found is not None:
            return found

        def work(connection: Connection) -> str:
            made = secrets.token_urlsafe(KEY_BYTES)
            if self._datastore.keys.insert(connection, name, made):
                return made
            return str(self._datastore.keys.find(connection, name))

        return self._datastore.write(work)

    def end_changed(self, stamps: dict[str, str]) -> None:
        """End the sessions of accounts of the settings that are not as they were.

        `stamps` has a text by name that differs where the account does. A server asks this before
        it lets anybody in: that a password was changed is known only at the next start.
        """
        value = json.dumps(stamps, sort_keys=True)
        if self._datastore.read(self._datastore.keys.find, SETTINGS_KEY) == value:
            return

        def work(connection: Connection) -> None:
            before = self._datastore.keys.find(connection, SETTINGS_KEY)
            known: dict[str, str] = {} if before is None else json.loads(before)
            for name in known.keys() | stamps.keys():
                if known.get(name) != stamps.get(name):
                    self._datastore.sessions.delete_of(connection, name)
            if before is not None or not self._datastore.keys.insert(
                connection, SETTINGS_KEY, value
            ):
                self._datastore.keys.replace(connection, SETTINGS_KEY, value)

        self._datastore.write(work)

    def _check_unchanged(self, connection: Connection, account: Account) -> None:
        """Between the check of the password and the login the account may have changed."""
        if not account.id:
            return
        found = self._datastore.users.find_locked(connection, account.name)
        if found is None or not found.may_log_in or found.password_hash != account.password_hash:
            raise AccountNotFound(account.name)
