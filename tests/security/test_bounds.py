"""What clients can make the server keep is bounded: connections, and time."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from ndscheduler.server.http_server import Bounds, connections_for, make_http_server

DEADLINE_SECONDS = 30
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Hello(RequestHandler):
    def get(self) -> None:
        self.write("hello")


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes) -> bytes:
        """The first words of the answer to `data`; none where the connection is closed instead."""
        self.writer.write(data)
        try:
            return await asyncio.wait_for(self.reader.read(12), DEADLINE_SECONDS)
        except ConnectionError:
            return b""


Connect = Callable[[], Awaitable[Client]]


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[Connect]:
    """What connects to a server with these bounds."""
    (listener,) = bind_sockets(0, "127.0.0.1")
    server = make_http_server(Application([("/", Hello)]), None, bounds)
    server.add_sockets([listener])
    clients: list[Client] = []

    async def connect() -> Client:
        clients.append(Client(*await asyncio.open_connection(*listener.getsockname())))
        return clients[-1]

    yield connect
    for client in clients:
        client.writer.close()
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(256, 64), (1024, 768), (524288, 4096), (resource.RLIM_INFINITY, 4096)],
)
def test_connections_leave_descriptors_to_the_scheduler(descriptors: int, connections: int) -> None:
    assert connections_for(descriptors) == connections


def test_one_connection_too_many_is_closed_and_the_others_live() -> None:
    async def fill() -> list[bytes]:
        async with serving(Bounds(connections=2)) as connect:
            first, second = await connect(), await connect()
            heard = [await first.say(REQUEST), await second.say(REQUEST)]
            heard.append(await (await connect()).say(REQUEST))
            heard.append(await second.say(REQUEST))
            first.writer.close()
            # The server may hear of that a moment later.
            while not (answer := await (await connect()).say(REQUEST)):
                pass
            return [*heard, answer]

    ok = b"HTTP/1.1 200"
    heard = asyncio.run(asyncio.wait_for(fill(), DEADLINE_SECONDS))
    assert heard[:3] == [ok, ok, b""]
    assert all(heard[3:])


@pytest.mark.parametrize(
    ("bounds", "data"),
    [
        (Bounds(idle_seconds=0.1), b""),
        (Bounds(idle_seconds=0.1), REQUEST[:20]),
        (Bounds(body_seconds=0.1), REQUEST[:-2] + b"Content-Length: 9\r\n\r\nx"),
    ],
    ids=["says nothing", "half a request", "half a body"],
)
def test_a_client_that_does_not_go_on_is_let_go(bounds: Bounds, data: bytes) -> None:
    async def wait() -> bytes:
        async with serving(bounds) as connect:
            return await (await connect()).say(data)

    assert asyncio.run(wait()) == b""
