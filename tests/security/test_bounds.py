"""What clients can make the server keep is bounded: connections, and time."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from ndscheduler.config import Config
from ndscheduler.server.application import SchedulerApplication
from ndscheduler.server.bodies import BodyRoom
from ndscheduler.server.http_server import Bounds, connections_for, make_http_server
from ndscheduler.server.tls import tls_context
from tests.api.api_server import serving as api_server
from tests.api.api_server import wait_for
from tests.certificates import make_pair

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
async def serving(
    bounds: Bounds, tls: ssl.SSLContext | None = None, handler: type[RequestHandler] = Hello
) -> AsyncIterator[Connect]:
    """What connects to a server with these bounds."""
    (listener,) = bind_sockets(0, "127.0.0.1")
    server = make_http_server(Application([("/", handler)]), tls, bounds)
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


def test_a_client_that_takes_nothing_of_its_answer_is_let_go() -> None:
    ended = asyncio.Event()

    class Endless(RequestHandler):
        async def get(self) -> None:
            with contextlib.suppress(StreamClosedError):
                while True:
                    self.write(bytes(2**20))
                    await self.flush()
            ended.set()

    async def wait() -> None:
        async with serving(Bounds(stall_seconds=0.5), handler=Endless) as connect:
            client = await connect()
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            client.writer.write(REQUEST)
            await asyncio.wait_for(ended.wait(), DEADLINE_SECONDS)

    asyncio.run(wait())


def test_a_client_that_never_begins_to_speak_tls_is_let_go(tmp_path: Path) -> None:
    make_pair(tmp_path)
    files = {"SSL_CERT": str(tmp_path / "cert.pem"), "SSL_KEY": str(tmp_path / "key.pem")}

    async def wait() -> bytes:
        async with serving(Bounds(idle_seconds=0.1), tls_context(Config(**files))) as connect:
            return await (await connect()).say(b"")

    assert asyncio.run(wait()) == b""


def test_bodies_that_are_coming_in_take_no_more_together_than_there_is_room_for(
    tmp_path: Path,
) -> None:
    small, large = _write(1000), _write(300_000)
    with api_server(tmp_path) as api:
        app = api.server.application
        assert isinstance(app, SchedulerApplication)
        app.body_room = BodyRoom(500_000)
        # As much as a connection may hold that never ends its request.
        with _connected(api.url, large[:-1]) as waiting:
            wait_for(lambda: app.body_room.left < 250_000)
            assert _answer_to(api.url, large) == b"HTTP/1.1 503"
            assert _answer_to(api.url, small) == b"HTTP/1.1 400"
            waiting.sendall(large[-1:])
            assert waiting.recv(12) == b"HTTP/1.1 400"

        for _ in range(5):
            with _connected(api.url, large[:-1]):
                pass
        wait_for(lambda: _answer_to(api.url, large) == b"HTTP/1.1 400")


def _write(length: int) -> bytes:
    """A request whose body, of no JSON, has this length."""
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + b"x" * length


@contextlib.contextmanager
def _connected(url: str, data: bytes) -> Iterator[socket.socket]:
    """A connection on which `data` was sent."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), DEADLINE_SECONDS) as made:
        made.sendall(data)
        yield made


def _answer_to(url: str, data: bytes) -> bytes:
    """The first words of the answer."""
    with _connected(url, data) as made:
        return made.recv(12)
