"""The last events, numbered: who was away for a moment is told what it has missed."""

from __future__ import annotations

import uuid
from collections import deque

from ndscheduler.server.stream.events import News

MAX_EVENTS = 1000
MAX_BYTES = 8 * 1024 * 1024


class Journal:
    """Events in order. The oldest go where there are too many, or too large ones.

    An event's id names the journal, so that those of other processes and times are told apart.
    """

    def __init__(self, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self._name = uuid.uuid4().hex[:12]
        self._max_events = max_events
        self._max_bytes = max_bytes
        # Each as it goes out, and as it goes out to those who see no secrets.
        self._events: deque[tuple[bytes, bytes]] = deque()
        self._bytes = 0
        # How many events there have been.
        self.count = 0

    def id_at(self, number: int) -> str:
        """The id of the event of this number; 0 is before the first."""
        return f"{self._name}-{number}"

    def add(self, news: News) -> None:
        """Append an event."""
        self.count += 1
        event_id = self.id_at(self.count)
        written = news.written(event_id)
        hiding = written if news.hiding is None else news.written(event_id, hides_secrets=True)
        self._events.append((written, hiding))
        self._bytes += _size(written, hiding)
        while len(self._events) > self._max_events or self._bytes > self._max_bytes:
            self._bytes -= _size(*self._events.popleft())

    def has_all_after(self, number: int) -> bool:
        """False if some event after that of this number is gone."""
        return self.count - len(self._events) <= number <= self.count

    def next_after(self, number: int, hides_secrets: bool = False) -> bytes | None:
        """The event after that of this number; None if there is none yet.

        Only where `has_all_after` is true.
        """
        if number >= self.count:
            return None
        oldest = self.count - len(self._events)
        return self._events[number - oldest][hides_secrets]

    def find_number(self, event_id: str | None) -> int | None:
        """The number of the event of this id, if all after it are here; else None."""
        name, _, number = (event_id or "").rpartition("-")
        # More digits are none of ours, and Python refuses to read very many.
        if name != self._name or not (number.isdecimal() and number.isascii() and len(number) < 16):
            return None
        return int(number) if self.has_all_after(int(number)) else None


def _size(written: bytes, hiding: bytes) -> int:
    return len(written) if hiding is written else len(written) + len(hiding)
