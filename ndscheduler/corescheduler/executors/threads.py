"""Executions in threads of this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from ndscheduler.corescheduler.models import Execution

logger = logging.getLogger(__name__)

# Executions marked running wait for a thread no longer than about this: what a crash makes
# `interrupted` without its code having begun stays small.
READ_AHEAD_SECONDS = 0.1
MAX_READ_AHEAD = 256
# Only while run times are milliseconds is there a window beyond the free threads. They are
# measured by the wall, so what is short alone takes a few more beside busy neighbours.
SHORT_RUN_SECONDS = 0.05
SMOOTHING = 0.1


class ThreadExecutor:
    """A fixed number of threads that run what they are handed, first come first served."""

    def __init__(
        self,
        size: int,
        run: Callable[[Execution], None],
        on_capacity: Callable[[], None],
        may_begin: Callable[[], bool] = lambda: True,
        on_given_back: Callable[[], None] = lambda: None,
    ) -> None:
        """`may_begin` is asked right before each run; what may not is held no more."""
        self._size = size
        self._run = run
        self._on_capacity = on_capacity
        self._may_begin = may_begin
        self._on_given_back = on_given_back
        self._queue: SimpleQueue[Execution | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._held: dict[str, Execution] = {}
        self._idle = threading.Condition(self._lock)
        self._mean_seconds: float | None = None
        self._wanted = False
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"ndscheduler-worker-{number}", daemon=True)
            for number in range(size)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def capacity(self) -> int:
        """How many more executions to start: free threads, and a window while runs are short.

        While it is 0 or less, `on_capacity` is called as soon as it is positive again.
        """
        with self._lock:
            if self._closed:
                return 0
            free = self._size + self._read_ahead() - len(self._held)
            self._wanted = free <= 0
            return free

    def submit(self, executions: Sequence[Execution]) -> bool:
        """Run `executions`, each started and ours, in this order; False once this is closed."""
        with self._lock:
            if self._closed:
                return False
            self._held.update((execution.id, execution) for execution in executions)
            for execution in executions:
                self._queue.put(execution)
            return True

    def close(self) -> None:
        """Take nothing more, and give up what waits for a thread: its code will not begin."""
        with self._lock:
            # What `stop` has put there ends the threads: it is left to them.
            while not self._closed:
                try:
                    execution = self._queue.get_nowait()
                except Empty:
                    self._closed = True
                else:
                    if execution is not None:
                        self._held.pop(execution.id, None)
            self._tell_if_idle()

    def held(self) -> list[Execution]:
        """The executions that run or wait for a thread."""
        with self._lock:
            return list(self._held.values())

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing runs any more; False if that took longer than `timeout_seconds`."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._held, timeout_seconds)

    def stop(self) -> None:
        """End the threads when they have run what they were handed. Does not wait."""
        for _ in self._threads:
            self._queue.put(None)

    def _work(self) -> None:
        while True:
            execution = self._queue.get()
            if execution is None:
                return
            if not self._may_begin():
                with self._lock:
                    self._held.pop(execution.id, None)
                    self._tell_if_idle()
                self._on_given_back()
                continue
            began = time.monotonic()
            try:
                self._run(execution)
            except Exception as error:  # noqa: BLE001 - losing a thread to a defect is worse
                # The runner itself never raises; what it raised may not even be printable.
                kind = type(error).__name__
                logger.error("Execution %s could not be handed on: %s.", execution.id, kind)
            finally:
                self._done(execution, time.monotonic() - began)

    def _done(self, execution: Execution, seconds: float) -> None:
        with self._lock:
            self._held.pop(execution.id, None)
            mean = self._mean_seconds
            self._mean_seconds = seconds if mean is None else mean + SMOOTHING * (seconds - mean)
            # Wake the loop when half of the window is free, not for every single place.
            low = len(self._held) <= (self._size + self._read_ahead()) // 2
            wake = self._wanted and (low or len(self._held) < self._size)
            if wake:
                self._wanted = False
            self._tell_if_idle()
        if wake:
            self._on_capacity()

    def _tell_if_idle(self) -> None:
        if not self._held:
            self._idle.notify_all()

    def _read_ahead(self) -> int:
        mean = self._mean_seconds
        if mean is None or mean > SHORT_RUN_SECONDS:
            return 0
        return min(MAX_READ_AHEAD, int(self._size * READ_AHEAD_SECONDS / max(mean, 1e-5)))
