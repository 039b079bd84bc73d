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


class Looks(Protocol):
    """Looks at the database, one after another. Both wait for it."""

    def changes(self) -> Found:
        """What has changed since the last look; nothing at the first one."""

    def counts(self, is_changed: bool) -> list[News]:
        """What has changed of all that is counted; `is_changed` if a look found anything."""


class Watcher:
    """One task that fills a journal. On the IOLoop; what waits is done in threads of requests."""

    def __init__(
        self,
        make_looks: Callable[[], Looks],
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
        # Told while the scheduler of this process does no work, though the database can be read.
        self.standstill: News | None = None
        self._make_looks = make_looks
        # None: all that is known is lost.
        self._looks: Looks | None = None
        # Of the last look: how long it took, and whether the next one may wait.
        self._seconds = 0.0
        self._is_crowded = False
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
                await self._turn()
                await self._pause()
        finally:
            self._scheduler.remove_listener(self._on_event)
            self._on_end()
            self.is_ready.set()

    async def _turn(self) -> None:
        """Look once, and tell what is found, or that nothing can be found."""
        looks = self._looks or self._make_looks()
        self._is_looking = True
        try:
            await self._look(looks)
            self._looks = looks
            self._answered_at = self._loop.time()
        except (Overloaded, DatastoreBusy) as error:
            self._looks = looks
            if self._loop.time() - self._answered_at > BUSY_SECONDS:
                self._fail(error)
        except Exception as error:  # noqa: BLE001 - told; whoever listens is told again later
            self._fail(error)
        finally:
            self._is_looking = False

    async def _look(self, looks: Looks) -> None:
        began = self._loop.time()
        found = await self._blocking.run_on_database(looks.changes)
        self._seconds = self._loop.time() - began
        self._is_crowded = found.is_crowded
        self._tell_standstill(found.problem)
        if self.trouble is None:
            # Nobody waits for the counts, which take longer.
            self._add(found.news)
            self.is_ready.set()
        counts = await self._blocking.run_on_database(looks.counts, bool(found.news))
        self._add(counts if self.trouble is None else self._recovered())

    def _tell_standstill(self, problem: str | None) -> None:
        news = News.of("scheduler", problem=problem)
        if self.standstill != (news if problem else None):
            self.standstill = news if problem else None
            self._add([news])

    def _recovered(self) -> list[News]:
        self.trouble = None
        return [News.of("recovered"), reload_of(EVERYTHING)]

    def _fail(self, error: Exception) -> None:
        # A look that was given up may still go on, so it is not used again.
        self._looks = None
        if self.trouble is not None:
            return
        if not isinstance(error, (Overloaded, DatastoreUnavailable)):
            logger.error("Looking for changes failed.", exc_info=error)
        body = problem_of(error, status_of(error), is_safe=True).body
        self.trouble = News.of("trouble", error=body["error"])
        self._add([self.trouble])
        self.is_ready.set()

    def _add(self, news: list[News]) -> None:
        for each in news:
            self.journal.add(each)
        if news:
            self._on_news()

    async def _pause(self) -> None:
        """Wait until the next look."""
        least = max(LEAST_SECONDS, REST * self._seconds)
        longest = max(least, CROWDED_SECONDS if self._is_crowded else LOOK_SECONDS)
        await asyncio.sleep(longest if self._is_crowded else least)
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
