"""Tells the audit log of refused logins, together, so that a flood of them fills no disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.server.auth.throttle import network_of

WINDOW_SECONDS = 600.0
# So many clients have entries of their own in a window; all others share one.
MAX_CLIENTS = 20
OTHERS = "other clients"
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Note:
    """What an audit entry is to say."""

    event: AuditEvent
    user: str
    client: str
    sentence: str


@dataclass(slots=True)
class _Count:
    event: AuditEvent
    count: int = 0


class Refusals:
    """Counts the refused logins of a window. On the IOLoop only.

    The first of a client is told at once; how many followed, when the window has closed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._counts: dict[tuple[AuditEvent, str], _Count] = {}

    def count(self, event: AuditEvent, client: str) -> bool:
        """Count a refusal; True for the first of a client in this window."""
        network = network_of(client)
        clients = {kept for kept_event, kept in self._counts if kept_event is event}
        key = (event, network if network in clients or len(clients) < MAX_CLIENTS else OTHERS)
        counted = self._counts.get(key)
        if counted is not None:
            counted.count += 1
            return False
        self._counts[key] = _Count(event)
        return True

    def closed(self, at_once: bool = False) -> list[Note]:
        """What is to be told of a window that has closed, or is closed `at_once`."""
        now = self._clock()
        if not at_once and now - self._since < WINDOW_SECONDS:
            return []
        notes = [
            _further(event, client, counted.count, now - self._since)
            for (event, client), counted in self._counts.items()
            if counted.count
        ]
        self._counts.clear()
        self._since = now
        return notes


def first_note(event: AuditEvent, account: str | None, client: str) -> Note:
    """What is told of the first refusal. `account` is None where there is no such one.

    A name that is no account's is not told: it may be a password in the wrong field.
    """
    user = "" if account is None else account[:MAX_NAME]
    who = "an unknown name" if account is None else f"account {user}"
    what = "A login was refused" if event is AuditEvent.LOGIN_REFUSED else "Logins were slowed down"
    return Note(event, user, client, f"{what}: {who}.")


def _further(event: AuditEvent, client: str, count: int, seconds: float) -> Note:
    what = "refused logins" if event is AuditEvent.LOGIN_REFUSED else "logins slowed down"
    return Note(event, "", client, f"{count} more {what} within {seconds:.0f} s.")
