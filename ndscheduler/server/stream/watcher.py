"""Looks at the database once a second, as long as somebody listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ndscheduler.corescheduler.errors import DatastoreBusy, DatastoreUnavailable
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import Overloaded, problem_of, status_of
from ndscheduler.server.stream.events import EVERYTHING, News, reload_of
from ndscheduler.server.stream.journal import Journal
from ndscheduler.server.stream.look import Found

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# What ends or is edited here is looked for sooner, but not all the time.
LEAST_SECONDS = 0.25
# The next look comes after this many times what the last one took.
REST = 4
CROWDED_SECONDS = 3.0
# A database that others keep busy is in no trouble yet.
BUSY_SECONDS = 10.0
STOP_SECONDS = 0.5


class Scheduler(Protocol):
    """Where listeners are told, in any thread, that something has happened in this process."""

    def add_listener(self, callback: Callable[[Any], None]) -> None:
        """Call `callback` with every event."""

    def remove_listener(self, callback: Callable[[Any], None]) -> None:
        """Call `callback` no more."""


class Watcher:
    """One task that fills a journal. On the IOLoop; what waits is done in threads of requests."""

    def __init__(
        self,
        make_look: Callable[[], Callable[[], Found]],
        blocking: BlockingCalls,
        scheduler: Scheduler,
        is_wanted: Callable[[], bool],
        on_news: Callable[[], None],
        on_end: Callable[[], None],
    ) -> None:
        """Ends by itself once `is_wanted()` is false, with `on_end()`."""
        self.journal = Journal()
        # Set once what changes from now on will be told, or the trouble there is.
        self.is_ready = asyncio.Event()
        self.trouble: News | None = None
        self._make_look = make_look
        # None: all that is known is lost.
        self._look: Callable[[], Found] | None = None
        self._blocking = blocking
        self._scheduler = scheduler
        self._is_wanted = is_wanted
        self._on_news = on_news
        self._on_end = on_end
        self._is_looking = False
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._answered_at = self._loop.time()
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """End, soon: a look that has begun is waited for, but not long."""
        if not self._is_looking:
            self._task.cancel()
        await asyncio.wait((self._task,), timeout=STOP_SECONDS)
        self._task.cancel()

    async def _work(self) -> None:
        self._scheduler.add_listener(self._on_event)
        try:
            while self._is_wanted():
                began = self._loop.time()
                is_crowded = await self._turn()
                self.is_ready.set()
                await self._pause(self._loop.time() - began, is_crowded)
        finally:
            self._scheduler.remove_listener(self._on_event)
            self._on_end()
            self.is_ready.set()

    async def _turn(self) -> bool:
        """Look once; True if so much goes on that the next look may wait."""
        look = self._look or self._make_look()
        self._is_looking = True
        try:
            found = await self._blocking.run_on_database(look)
        except (Overloaded, DatastoreBusy) as error:
            self._look = look
            if self._loop.time() - self._answered_at > BUSY_SECONDS:
                self._fail(error)
        except Exception as error:  # noqa: BLE001 - told; whoever listens is told again later
            self._fail(error)
        else:
            self._look = look
            self._answered_at = self._loop.time()
            self._tell(found.news)
            return found.is_crowded
        finally:
            self._is_looking = False
        return False

    def _tell(self, news: list[News]) -> None:
        if self.trouble is not None:
            self.trouble = None
            news = [News.of("recovered"), reload_of(EVERYTHING)]
        self._add(news)

    def _fail(self, error: Exception) -> None:
        # A look that was given up may still go on, so it is not used again.
        self._look = None
        if self.trouble is not None:
            return
        if not isinstance(error, (Overloaded, DatastoreUnavailable)):
            logger.error("Looking for changes failed.", exc_info=error)
        body = problem_of(error, status_of(error), is_safe=True).body
        self.trouble = News.of("trouble", error=body["error"])
        self._add([self.trouble])

    def _add(self, news: list[News]) -> None:
        for each in news:
            self.journal.add(each)
        if news:
            self._on_news()

    async def _pause(self, seconds: float, is_crowded: bool) -> None:
        """Wait until the next look, after one that took `seconds`."""
        least = max(LEAST_SECONDS, REST * seconds)
        longest = max(least, CROWDED_SECONDS if is_crowded else LOOK_SECONDS)
        await asyncio.sleep(longest if is_crowded else least)
        try:
            await asyncio.wait_for(self._woken.wait(), max(0.0, longest - least))
        except asyncio.TimeoutError:
            return
        finally:
            self._woken.clear()

    def _on_event(self, _event: Any) -> None:
        """Something has happened here; comes in any thread, perhaps thousands of times a second."""
        if not self._woken.is_set():
            try:
                self._loop.call_soon_threadsafe(self._woken.set)
            except RuntimeError:
                # The last events of a scheduler that stops may come after the loop.
                if not self._loop.is_closed():
                    raise
