"""Deadlines that the client enforces: a database that stands still answers nothing.

A call is put under a deadline with `Watchdog.limit`. When that has passed, the watchdog's thread
cuts the line that the call waits on, be it a socket or a SQLite connection, and the call fails as
if the database had hung up.
"""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1


class Line(Protocol):
    """What a call waits on."""

    def cut(self) -> None:
        """Let whoever waits on it fail at once. Never waits, and may be called again."""

    def close(self) -> None:
        """It is used no more."""


class SocketLine:
    """A connected socket, by a file descriptor of its own.

    The driver may close its own one at any time, and another connection may get that number.
    """

    def __init__(self, descriptor: int) -> None:
        self._lock = threading.Lock()
        self._descriptor: int | None = os.dup(descriptor)

    def cut(self) -> None:
        """Shut it; what has been received can still be read."""
        with self._lock:
            if self._descriptor is None:
                return
            try:
                shared = socket.socket(fileno=self._descriptor)
            except OSError:
                logger.exception("The socket of a connection can not be cut.")
                return
            try:
                shared.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("The connection was gone already.")
            finally:
                shared.detach()

    def close(self) -> None:
        """Close this end; the connection lasts as long as the driver's."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def __del__(self) -> None:
        self.close()


class SqliteLine:
    """A SQLite connection, whose running statement is interrupted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection

    def cut(self) -> None:
        """Interrupt what runs now; what begins later is not."""
        connection = self._connection
        if connection is not None:
            try:
                connection.interrupt()
            except sqlite3.ProgrammingError:
                logger.debug("The connection was closed already.")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection = None


class Call:
    """One call to the database, from its first attempt to its answer."""

    def __init__(self, kind: str, limit_seconds: float) -> None:
        self.kind = kind
        self.began = time.monotonic()
        self.limit_seconds = limit_seconds
        # How long the watchdog has watched it. While this process was suspended, or had no turn
        # on a busy machine, it could not take an answer either.
        self.watched_seconds = 0.0
        self.is_cut = False
        self.is_ended = False
        # A COMMIT is on its way: what becomes of it is not known without its answer.
        self.is_committing = False
        self._lock = threading.Lock()
        self._line: Line | None = None

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return time.monotonic() - self.began

    @property
    def overdue_seconds(self) -> float:
        """How long it has outlived its limit; negative before."""
        return self.watched_seconds - self.limit_seconds

    def attach(self, line: Line) -> None:
        """The call waits on `line` from now on."""
        with self._lock:
            self._line = line
            if self.is_cut:
                line.cut()

    def detach(self, line: Line) -> None:
        """The call does not wait on `line` any more: it may serve another call."""
        with self._lock:
            if self._line is line:
                self._line = None

    def cut(self) -> None:
        """Let the call fail, now and on every line that it turns to."""
        with self._lock:
            if self.is_ended:
                return
            self.is_cut = True
            if self._line is not None:
                self._line.cut()

    def end(self) -> None:
        """The call has been answered: nothing is cut any more."""
        with self._lock:
            self.is_ended = True
            self._line = None


class Watchdog:
    """Cuts calls that outlive their deadline, in a thread that runs from the first call on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: set[Call] = set()
        self._idle = True
        self._closing = False
        self._thread: threading.Thread | None = None
        self._mine = threading.local()

    def current(self) -> Call | None:
        """The innermost call that this thread is in."""
        stack = getattr(self._mine, "stack", None)
        return stack[-1] if stack else None

    @contextmanager
    def limit(self, kind: str, seconds: float) -> Iterator[Call]:
        """A call that is cut after `seconds`, or with the call around it if that is sooner."""
        outer = self.current()
        call = Call(kind, seconds if outer is None else min(seconds, -outer.overdue_seconds))
        self._push(call)
        try:
            yield call
        finally:
            self._pop(call)

    def cut(self, kind: str | None = None, begun_before: float | None = None) -> int:
        """Cut the calls of this kind, or all, that began before an instant of time.monotonic().

        Returns how many.
        """
        with self._changed:
            chosen = [
                call
                for call in self._calls
                if kind in (None, call.kind) and (begun_before is None or call.began < begun_before)
            ]
        for call in chosen:
            call.cut()
        return len(chosen)

    def overdue_seconds(self, kind: str | None = None) -> float:
        """How long some call, of this kind if any is named, has gone on after it was cut."""
        with self._changed:
            late = (call.overdue_seconds for call in self._calls if kind in (None, call.kind))
            return max(late, default=0.0)

    def close(self) -> None:
        """End the thread once no call is left. Does not wait."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _push(self, call: Call) -> None:
        if not hasattr(self._mine, "stack"):
            self._mine.stack = []
        self._mine.stack.append(call)
        with self._changed:
            self._calls.add(call)
            if self._thread is None:
                self._begin()
            elif self._idle:
                self._changed.notify_all()

    def _pop(self, call: Call) -> None:
        self._mine.stack.remove(call)
        with self._changed:
            self._calls.discard(call)
        call.end()

    def _begin(self) -> None:
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="ndscheduler-deadline", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while self._wait_for_calls():
            began = time.monotonic()
            time.sleep(TICK_SECONDS)
            watched = min(time.monotonic() - began, 2 * TICK_SECONDS)
            for call in self._late_after(watched):
                # Again at every tick: SQLite forgets an interrupt when no statement runs.
                self._cut(call)

    def _cut(self, call: Call) -> None:
        try:
            call.cut()
        except Exception:
            # Whatever it was: all other calls are watched by this thread as well.
            logger.exception("A call to the database could not be cut.")

    def _late_after(self, seconds: float) -> list[Call]:
        with self._changed:
            for call in self._calls:
                call.watched_seconds += seconds
            return [call for call in self._calls if call.overdue_seconds >= 0]

    def _wait_for_calls(self) -> bool:
        with self._changed:
            self._idle = True
            self._changed.wait_for(lambda: self._calls or self._closing)
            self._idle = False
            if not self._calls:
                # A call that comes later begins a new thread.
                self._thread = None
            return bool(self._calls)
