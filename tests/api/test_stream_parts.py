"""The parts of the stream that a server shows seldom: its ring, slow clients, ends of logins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from ndscheduler.corescheduler.errors import DatastoreBusy
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import ClientTooSlow
from ndscheduler.server.stream.events import News
from ndscheduler.server.stream.journal import Journal
from ndscheduler.server.stream.look import Found
from ndscheduler.server.stream.streams import Listener, Stream, StreamLimits, Streams


class FakeScheduler:
    """Keeps who listens, and can tell them."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Any], None]] = []

    def add_listener(self, callback: Callable[[Any], None]) -> None:
        self.listeners.append(callback)

    def remove_listener(self, callback: Callable[[Any], None]) -> None:
        self.listeners.remove(callback)


class FakeDatabase:
    """What looks find: nothing, unless a test puts it here."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.error: Exception | None = None
        self.looks = 0
        self.first_looks = 0

    def make_looks(self) -> FakeDatabase:
        self.first_looks += 1
        return self

    def counts(self, is_changed: bool) -> list[News]:
        return []

    def changes(self) -> Found:
        self.looks += 1
        if self.error is not None:
            raise self.error
        found, self.news = self.news, []
        return Found(found)


class World:
    """Streams on a database that a test makes up."""

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self.blocking = BlockingCalls(workers=1)
        self.scheduler = FakeScheduler()
        self.database = FakeDatabase()
        make_looks = self.database.make_looks
        self.streams = Streams(make_looks, self.blocking, self.scheduler, "me", limits)

    async def tell(self, *news: News) -> None:
        """Let a look find `news`, and wait for it."""
        self.database.news = list(news)
        for listener in self.scheduler.listeners:
            listener(None)
        while self.database.news:
            await asyncio.sleep(0.01)


def in_world(
    act: Callable[[World], Coroutine[Any, Any, None]], limits: StreamLimits | None = None
) -> None:
    """Run `act` on an event loop."""

    async def main() -> None:
        world = World(limits)
        try:
            await act(world)
        finally:
            await world.streams.stop()
            world.blocking.close()

    asyncio.run(main())


async def names(stream: Stream, count: int) -> list[str]:
    """The names of the next `count` events of a stream that has not begun."""
    found: list[str] = []
    async for part in stream.parts():
        found += [
            line.removeprefix("event: ")
            for line in part.decode().splitlines()
            if line.startswith("event: ")
        ]
        if len(found) == count:
            break
    return found


def test_a_journal_keeps_the_last_events_by_number() -> None:
    journal = Journal(max_events=3)
    for number in range(1, 6):
        journal.add(News("n", b"%d" % number))

    kept = [journal.next_after(number) for number in range(2, 6)]
    assert [event and event.split(b"\n")[2] for event in kept] == [
        b"data: 3",
        b"data: 4",
        b"data: 5",
        None,
    ]
    assert [journal.has_all_after(number) for number in range(7)] == [
        *(False, False),
        *(True, True, True, True),
        False,
    ]


def test_a_journal_keeps_no_more_bytes_than_it_may() -> None:
    journal = Journal(max_bytes=1000)
    for _ in range(100):
        journal.add(News("n", b"x" * 300))

    assert not journal.has_all_after(96)
    assert journal.has_all_after(98)


def test_a_journal_knows_its_own_ids_only() -> None:
    journal, other = Journal(max_events=2), Journal(max_events=2)
    for _ in range(4):
        journal.add(News("n", b""))

    assert [journal.find_number(journal.id_at(number)) for number in range(6)] == [
        *(None, None),
        *(2, 3, 4),
        None,
    ]
    assert journal.find_number(other.id_at(0)) is None


def test_an_event_is_three_lines_and_an_empty_one() -> None:
    event = News.of("jobs", jobs=["two\nlines"]).written("a-1")

    assert event == b'id: a-1\nevent: jobs\ndata: {"jobs":["two\\nlines"]}\n\n'


def test_a_logout_ends_the_streams_of_its_session() -> None:
    async def act(world: World) -> None:
        sessions = (Listener("a", "ann"), Listener("b", "bob"))
        one, other = (world.streams.open(listener=listener) for listener in sessions)
        with one, other:
            listening = asyncio.create_task(names(one, 2))
            staying = asyncio.create_task(names(other, 2))
            await asyncio.sleep(0)
            world.streams.end_session("a")
            assert await listening == ["hello", "bye"]
            await world.tell(News.of("jobs"))
            assert await staying == ["hello", "jobs"]

    in_world(act)


def test_a_client_that_falls_out_of_the_journal_is_let_go() -> None:
    async def act(world: World) -> None:
        with world.streams.open() as stream:
            parts = stream.parts()
            retry, _hello = [await anext(parts) for _ in range(2)]
            assert retry == b"retry: 2000\n\n"
            await world.tell(*(News.of("jobs") for _ in range(1001)))
            with pytest.raises(ClientTooSlow):
                await anext(parts)

    in_world(act)


def test_a_database_that_is_busy_for_a_moment_is_no_trouble() -> None:
    async def act(world: World) -> None:
        with world.streams.open() as first, world.streams.open() as stream:
            await names(first, 1)
            listening = asyncio.create_task(names(stream, 2))
            await asyncio.sleep(0)
            world.database.error = DatastoreBusy("Others keep it busy.")
            looks = world.database.looks
            while world.database.looks < looks + 2:
                await asyncio.sleep(0.01)
            world.database.error = None
            await world.tell(News.of("jobs"))
            assert await listening == ["hello", "jobs"]
        assert world.database.first_looks == 1

    in_world(act)


def test_a_look_that_fails_is_told_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def act(world: World) -> None:
        world.database.error = ArithmeticError("secret")
        with world.streams.open() as stream:
            assert await names(stream, 2) == ["hello", "trouble"]
        with world.streams.open() as stream:
            listening = asyncio.create_task(names(stream, 4))
            while world.database.looks < 3:
                await asyncio.sleep(0.01)
            world.database.error = None
            assert await listening == ["hello", "trouble", "recovered", "reload"]

    in_world(act)

    assert [record.getMessage() for record in caplog.records] == ["Looking for changes failed."]


def test_nobody_looks_once_all_have_gone_for_long_enough() -> None:
    async def act(world: World) -> None:
        with world.streams.open() as stream:
            await names(stream, 1)
            assert len(world.scheduler.listeners) == 1
        while world.scheduler.listeners:
            await asyncio.sleep(0.01)
        looks = world.database.looks
        with world.streams.open() as stream:
            await names(stream, 1)
        assert (world.database.looks, world.database.first_looks) == (looks + 1, 2)

    in_world(act, StreamLimits(linger_seconds=0))
