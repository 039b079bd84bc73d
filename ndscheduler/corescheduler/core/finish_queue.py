"""The ends of executions that the database has not taken yet: in memory, or written down."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.core.spill import Place
from ndscheduler.corescheduler.models import Finish

# A batch is this many finishes, or as many as make up so many bytes, at least one.
BATCH = 500
BATCH_BYTES = 8 * 1024 * 1024
# A first result waits so long for company: a transaction costs more than a row.
LINGER_SECONDS = 0.01


@dataclass(slots=True, eq=False)
class Pending:
    """One end that is not stored yet: in memory, or only at its place in a file."""

    execution_id: str
    finish: Finish | None
    since: float
    size: int = 0
    place: Place | None = None
    is_done: bool = False


class FinishQueue:
    """First come, first served. Threads of jobs put in; one thread takes out; all may look."""

    def __init__(self) -> None:
        self._waiting: deque[Pending] = deque()
        self._in_hand: list[Pending] = []
        self._bytes = 0
        self._changed = threading.Condition()
        self.closed = threading.Event()

    def add(self, finish: Finish) -> None:
        """Put in an end that only this process knows."""
        pending = Pending(finish.execution.id, finish, uptime(), _size(finish))
        with self._changed:
            self._bytes += pending.size
            self._waiting.append(pending)
            if len(self._waiting) == 1:
                self._changed.notify_all()

    def add_written(self, places: Sequence[tuple[str, Place]]) -> None:
        """Put in ends that are written down: ids of executions, and where."""
        now = uptime()
        with self._changed:
            self._waiting.extend(Pending(id_, None, now, place=place) for id_, place in places)
            self._changed.notify_all()

    def next_batch(self) -> list[Pending]:
        """The next ones, in hand until `done`; none once closed and nothing is in memory alone."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.closed.is_set())
            self._changed.wait_for(
                lambda: len(self._waiting) >= BATCH or self.closed.is_set(), LINGER_SECONDS
            )
            if self.closed.is_set() and not any(self._unwritten()):
                return []
            self._in_hand = self._taken()
            return list(self._in_hand)

    def done(self) -> list[Place]:
        """What was in hand is stored; where it was written down."""
        with self._changed:
            places = [pending.place for pending in self._in_hand if pending.place is not None]
            for pending in self._in_hand:
                pending.is_done = True
                self._forget(pending)
            self._in_hand = []
            self._changed.notify_all()
            return places

    def put_back(self, execution_ids: Collection[str]) -> None:
        """Of what is in hand, let these come again, after all that waits."""
        with self._changed:
            self._waiting.extend(p for p in self._in_hand if p.execution_id in execution_ids)
            self._in_hand = [p for p in self._in_hand if p.execution_id not in execution_ids]

    def unwritten(self, max_bytes: int) -> list[Pending]:
        """The first ones that are in memory alone, up to `max_bytes`, at least one if any is."""
        chosen: list[Pending] = []
        with self._changed:
            for pending in self._unwritten():
                max_bytes -= pending.size
                if chosen and max_bytes < 0:
                    break
                chosen.append(pending)
        return chosen

    def written(self, pendings: Sequence[Pending], places: Sequence[Place]) -> list[Place]:
        """`pendings` are at `places` now, and leave the memory; those stored meanwhile."""
        with self._changed:
            for pending, place in zip(pendings, places, strict=True):
                if not pending.is_done:
                    pending.place = place
                    self._forget(pending)
            return [at for p, at in zip(pendings, places, strict=True) if p.is_done]

    def unwritten_age(self) -> float:
        """For how many seconds the oldest that is in memory alone has waited; 0 if none is."""
        with self._changed:
            # Not the first: what was put back is older than what came meanwhile.
            oldest = min((pending.since for pending in self._unwritten()), default=None)
            return 0.0 if oldest is None else uptime() - oldest

    def unwritten_bytes(self) -> int:
        """About how much memory they take."""
        with self._changed:
            return self._bytes

    def unwritten_ids(self) -> list[str]:
        """The executions whose end is in memory alone."""
        with self._changed:
            return [pending.execution_id for pending in self._unwritten()]

    def ids(self) -> list[str]:
        """The executions whose end is not stored."""
        with self._changed:
            return [pending.execution_id for pending in (*self._in_hand, *self._waiting)]

    def __len__(self) -> int:
        with self._changed:
            return len(self._waiting) + len(self._in_hand)

    def wait_until_empty(self, timeout_seconds: float) -> bool:
        """Wait until all is stored; False if that took longer."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._in_hand, timeout_seconds
            )

    def close(self) -> None:
        """Let `next_batch` come to an end."""
        with self._changed:
            self.closed.set()
            self._changed.notify_all()

    def may_be_left(self) -> bool:
        """True once closed and nothing is in memory alone."""
        with self._changed:
            return self.closed.is_set() and not any(self._unwritten())

    def _unwritten(self) -> Iterator[Pending]:
        return (p for p in (*self._in_hand, *self._waiting) if p.place is None)

    def _taken(self) -> list[Pending]:
        taken: list[Pending] = []
        size = 0
        while self._waiting and len(taken) < BATCH:
            size += _length(self._waiting[0])
            if taken and size > BATCH_BYTES:
                break
            taken.append(self._waiting.popleft())
        return taken

    def _forget(self, pending: Pending) -> None:
        if pending.finish is not None:
            self._bytes -= pending.size
            pending.finish = None


def _length(pending: Pending) -> int:
    return pending.size if pending.place is None else pending.place.length


def _size(finish: Finish) -> int:
    """About how many bytes `finish` takes in memory, as far as that is worth counting."""
    execution = finish.execution
    texts = (finish.result, finish.description, execution.args_json, execution.kwargs_json)
    return sum(len(text) for text in texts if text)
