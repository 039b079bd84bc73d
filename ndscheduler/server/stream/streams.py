"""Who listens to the stream of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import ClientTooSlow, NotReady, TooManyStreams
from ndscheduler.server.stream.events import BEAT, RETRY, News
from ndscheduler.server.stream.watcher import Looks, Scheduler, Watcher
from ndscheduler.version import __version__

STOPPING = "stopping"
LOGGED_OUT = "logged out"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What streams may take."""

    max_streams: int = 200
    # A client that takes nothing for so long is let go.
    patience_seconds: float = 30.0
    beat_seconds: float = 15.0
    # Once nobody listens, changes are looked for a little longer: a client may come back.
    linger_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Whose stream it is: the login that it ends with, and the account.

    With `hides_secrets` it tells nothing of arguments that job classes mark secret.
    """

    session: str | None = None
    user: str | None = None
    hides_secrets: bool = True


ANYBODY = Listener()


class Streams:
    """The open streams of this process. On the IOLoop only."""

    def __init__(
        self,
        make_looks: Callable[[], Looks],
        blocking: BlockingCalls,
        scheduler: Scheduler,
        instance_id: str | None,
        limits: StreamLimits | None = None,
    ) -> None:
        """`make_looks()` gives looks that know nothing of what was before."""
        self.limits = limits or StreamLimits()
        self._make_looks = make_looks
        self._blocking = blocking
        self._scheduler = scheduler
        self._instance_id = instance_id
        self._open: set[Stream] = set()
        self._watcher: Watcher | None = None
        self._left_at = 0.0
        self._is_stopping = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._open)

    def open(self, last_event_id: str | None = None, listener: Listener = ANYBODY) -> Stream:
        """A stream that goes on behind the event of this id, where that is known.

        To be used in a `with` block. Raises TooManyStreams, NotReady.
        """
        if self._is_stopping:
            raise NotReady("The server is stopping.")
        if len(self._open) >= self.limits.max_streams:
            raise TooManyStreams
        if self._watcher is None:
            self._watcher = Watcher(
                self._make_looks,
                self._blocking,
                self._scheduler,
                self._is_wanted,
                self._wake,
                self._forget_watcher,
            )
        opened = Stream(self, self._watcher, last_event_id, listener)
        self._open.add(opened)
        return opened

    def forget(self, stream: Stream) -> None:
        """This stream has ended."""
        self._open.discard(stream)
        self._left_at = asyncio.get_running_loop().time()

    def end_session(self, session: str) -> None:
        """End the streams of a login that is over. A logout calls this."""
        for stream in self._open:
            if stream.listener.session == session:
                stream.end(LOGGED_OUT)

    def end_user(self, user: str) -> None:
        """End the streams of an account that has changed."""
        for stream in self._open:
            if stream.listener.user == user:
                stream.end(LOGGED_OUT)

    async def stop(self) -> None:
        """End all streams, and open none any more; takes no longer than a moment."""
        self._is_stopping = True
        for stream in self._open:
            stream.end(STOPPING)
        if self._watcher is not None:
            await self._watcher.stop()

    def hello(self, is_resumed: bool) -> News:
        """The first event of a stream."""
        return News.of("hello", instance=self._instance_id, version=__version__, resumed=is_resumed)

    def _is_wanted(self) -> bool:
        if self._is_stopping:
            return False
        since = asyncio.get_running_loop().time() - self._left_at
        return bool(self._open) or since < self.limits.linger_seconds

    def _forget_watcher(self) -> None:
        self._watcher = None
        # Whatever ended it, nobody would tell them anything any more.
        for stream in self._open:
            stream.end(STOPPING)

    def _wake(self) -> None:
        for stream in self._open:
            stream.wake()


class Stream:
    """One client's stream. It reads from the journal that all share, and keeps nothing itself."""

    def __init__(
        self, streams: Streams, watcher: Watcher, last_event_id: str | None, listener: Listener
    ) -> None:
        self.listener = listener
        self._streams = streams
        self._watcher = watcher
        # The number of the event that was sent last; None until it is known where to begin.
        self._sent = watcher.journal.find_number(last_event_id)
        self._news = asyncio.Event()
        self._is_over = False
        self._end_reason: str | None = None

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_error: object) -> None:
        """The client has gone, or is let go."""
        self.end(None)
        self._streams.forget(self)

    def wake(self) -> None:
        """There may be something to send."""
        self._news.set()

    def end(self, reason: str | None) -> None:
        """Send nothing more, but a word on why if there is a `reason`."""
        if not self._is_over:
            self._is_over = True
            self._end_reason = reason
            self.wake()

    async def parts(self) -> AsyncIterator[bytes]:
        """What goes out, part by part, for as long as it may take.

        Raises ClientTooSlow when more has happened meanwhile than is kept.
        """
        yield RETRY
        for part in await self._first_parts():
            yield part
        while not self._is_over:
            self._news.clear()
            while (event := self._next_event()) is not None:
                yield event
            if not self._is_over and not await self._has_news():
                yield BEAT
        if self._end_reason is not None:
            yield self._written(News.of("bye", reason=self._end_reason))

    async def _first_parts(self) -> list[bytes]:
        if self._sent is not None:
            return [self._written(self._streams.hello(is_resumed=True))]
        # From then on every change is told, so what is read then needs no second look.
        await self._watcher.is_ready.wait()
        self._sent = self._watcher.journal.count
        watcher = self._watcher
        first = [self._streams.hello(is_resumed=False), watcher.trouble, watcher.standstill]
        return [self._written(news) for news in first if news is not None]

    def _next_event(self) -> bytes | None:
        if self._is_over or self._sent is None:
            return None
        if not self._watcher.journal.has_all_after(self._sent):
            raise ClientTooSlow
        hides = self.listener.hides_secrets
        event = self._watcher.journal.next_after(self._sent, hides)
        self._sent += event is not None
        return event

    async def _has_news(self) -> bool:
        try:
            await asyncio.wait_for(self._news.wait(), self._streams.limits.beat_seconds)
        except asyncio.TimeoutError:
            return False
        return True

    def _written(self, news: News) -> bytes:
        """An event for this client alone: it stands where the last one for all did."""
        return news.written(self._watcher.journal.id_at(self._sent or 0))
