"""The one bridge from the IOLoop to code that blocks."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from ndscheduler.corescheduler.errors import DatastoreUnavailable, OutcomeUnknown
from ndscheduler.server.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

MAX_WAITING = 1000
IDLE_POLL_SECONDS = 0.02
# How often it is looked whether the database still answers, while calls wait.
LOOK_SECONDS = 0.05


class BlockingCalls:
    """A pool of threads for calls that wait on a database or a disk.

    Awaited on the IOLoop only. No more than `max_waiting` calls queue for a thread. While
    `is_answering()` is false, which must not wait itself, no call waits at all.
    """

    def __init__(
        self,
        workers: int,
        max_waiting: int = MAX_WAITING,
        is_answering: Callable[[], bool] = lambda: True,
    ) -> None:
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix="ndscheduler-api")
        self._max_unfinished = workers + max_waiting
        self._unfinished = 0
        self._is_answering = is_answering
        self._looking: asyncio.Task[None] | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises, run in a thread. Raises Overloaded at once."""
        return await asyncio.wrap_future(self._submit(functools.partial(function, *args, **kwargs)))

    async def run_on_database(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, for a function that asks the database.

        Raises DatastoreUnavailable while that does not answer, OutcomeUnknown where the function
        had begun by then: what it does goes on without anybody who waits for it.
        """
        if not self._is_answering():
            raise DatastoreUnavailable("The database does not answer.")
        call = self._submit(functools.partial(function, *args, **kwargs))
        answer = asyncio.wrap_future(call)
        while not answer.done() and self._is_answering():
            await asyncio.wait((answer, self._lookout()), return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if call.cancel():
            raise DatastoreUnavailable("The database does not answer.")
        answer.add_done_callback(_forget)
        raise OutcomeUnknown("The database stopped answering.")

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
        if self._looking is not None:
            self._looking.cancel()

    def _submit(self, call: Callable[[], T]) -> concurrent.futures.Future[T]:
        if self._unfinished >= self._max_unfinished:
            raise Overloaded
        loop = asyncio.get_running_loop()
        submitted = self.executor.submit(call)
        self._unfinished += 1
        submitted.add_done_callback(lambda _: _tell(loop, self._finished))
        return submitted

    def _finished(self) -> None:
        self._unfinished -= 1

    def _lookout(self) -> asyncio.Task[None]:
        """Done soon after the database is lost; one for all calls that wait now."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_out())
        return self._looking

    async def _look_out(self) -> None:
        while self._unfinished > 0 and self._is_answering():
            await asyncio.sleep(LOOK_SECONDS)


def _tell(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(act)
    except RuntimeError:
        # A call that was given up may end after the loop, and then nobody counts any more.
        if not loop.is_closed():
            raise


def _forget(answer: asyncio.Future[Any]) -> None:
    """Nobody waits for `answer` any more: its error is not an unhandled one."""
    if not answer.cancelled():
        answer.exception()
