"""SIGINT and SIGTERM: the first asks for an orderly end, the second for one at once."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

logger = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What a shell says of a program that a signal has ended.
SIGNAL_STATUS = 128
# How long the last act may take when the end is to come at once.
AT_ONCE_SECONDS = 1.9
# After the end of the program: how long threads of jobs and requests may keep its process.
LINGER_SECONDS = 3.0
POLL_SECONDS = 0.2

Handler = Callable[[int, FrameType | None], None]


class StoppedEarly(BaseException):
    """A signal came before there was anything to stop; no error, and caught by no `except`."""


@contextmanager
def handling(handler: Handler) -> Iterator[None]:
    """`handler` gets both signals meanwhile; only the main thread can set that up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = set_handlers(handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def set_handlers(handler: Handler) -> dict[signal.Signals, Handler | int | None]:
    """Let `handler` get both signals; the handlers they had before."""
    return {number: signal.signal(number, handler) for number in STOP_SIGNALS}


@contextmanager
def stopping_early() -> Iterator[Callable[[], None]]:
    """A signal raises StoppedEarly meanwhile, wherever the main thread is; a second one exits.

    Gives a function that raises it again: code of users may have swallowed it.
    """
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        set_handlers(exit_now)
        received.append(number)
        raise StoppedEarly

    def check() -> None:
        if received:
            raise StoppedEarly

    with handling(stop):
        yield check


def exit_now(number: int, _frame: FrameType | None) -> None:
    """End the process, with nothing more done."""
    os._exit(SIGNAL_STATUS + number)


class EndAtOnce:
    """A thread that waits for the second signal, does one last thing, and ends the process."""

    def __init__(self, last_act: Callable[[str], None]) -> None:
        """`last_act` is given the name of the signal; it is not waited for very long."""
        self._last_act = last_act
        # A handler may interrupt code that holds any lock; to write to a pipe needs none.
        self._reader, self._writer = os.pipe()
        threading.Thread(target=self._wait, name="ndscheduler-signals", daemon=True).start()

    def handler(self, number: int, _frame: FrameType | None) -> None:
        """What gets the second signal; a third one does not even wait for the last act."""
        set_handlers(exit_now)
        os.write(self._writer, bytes([number]))

    def __enter__(self) -> EndAtOnce:
        return self

    def __exit__(self, *_error: object) -> None:
        """End the thread: no signal will come any more."""
        os.close(self._writer)

    def _wait(self) -> None:
        received = os.read(self._reader, 1)
        os.close(self._reader)
        if not received:
            return
        number = received[0]
        act = threading.Thread(target=self._act, args=(number,), daemon=True)
        act.start()
        act.join(AT_ONCE_SECONDS)
        os._exit(SIGNAL_STATUS + number)

    def _act(self, number: int) -> None:
        name = signal.Signals(number).name
        logger.warning("A second signal, %s: this process ends at once.", name)
        self._last_act(name)


def exit_soon(status: int) -> None:
    """Once the program is at its end, wait for its threads no longer than LINGER_SECONDS.

    Threads that code of jobs has started, or a request that hangs, would keep it for ever.
    """
    threading.Thread(
        target=_exit_later, args=(status,), name="ndscheduler-exit", daemon=True
    ).start()


def _exit_later(status: int) -> None:
    # Code of the program's own may follow, and take as long as it likes.
    while not _is_ending():
        time.sleep(POLL_SECONDS)
    time.sleep(LINGER_SECONDS)
    names = [thread.name for thread in threading.enumerate() if not thread.daemon]
    logger.warning("Exiting although these threads do not end: %s", ", ".join(names))
    os._exit(status)


def _is_ending() -> bool:
    """True when the interpreter does nothing more but wait for threads."""
    # Pools of threads are waited for first, while the main thread still counts as alive.
    waits_for_pools: bool = getattr(threading, "_SHUTTING_DOWN", False)
    return waits_for_pools or not threading.main_thread().is_alive()
