"""The one bridge from the IOLoop to code that blocks."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from ndscheduler.server.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

MAX_WAITING = 1000
IDLE_POLL_SECONDS = 0.02


class BlockingCalls:
    """A pool of threads for calls that wait on a database or a disk.

    Awaited on the IOLoop only. No more than `max_waiting` calls queue for a thread.
    """

    def __init__(self, workers: int, max_waiting: int = MAX_WAITING) -> None:
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix="ndscheduler-api")
        self._max_unfinished = workers + max_waiting
        self._unfinished = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises, run in a thread. Raises Overloaded at once."""
        if self._unfinished >= self._max_unfinished:
            raise Overloaded
        self._unfinished += 1
        try:
            call = self.executor.submit(functools.partial(function, *args, **kwargs))
            return await asyncio.wrap_future(call)
        finally:
            self._unfinished -= 1

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait for the calls there are, and for their answers to go out; False if that is long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while self._unfinished and loop.time() < deadline:
            await asyncio.sleep(IDLE_POLL_SECONDS)
        # What was read last is being written to its client.
        await asyncio.sleep(IDLE_POLL_SECONDS)
        return not self._unfinished

    def close(self) -> None:
        """Take no more calls; those that wait are dropped, those that run end by themselves."""
        self.executor.shutdown(wait=False, cancel_futures=True)
