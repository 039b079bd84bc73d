"""The proxy fails as it is told to: what the tests of outages stand on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.processes import wait_until
from tests.chaos.proxy import Proxy


@pytest.fixture
def echo_port() -> Iterator[int]:
    """A server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_echo, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _echo(client: socket.socket) -> None:
    with client:
        while chunk := client.recv(4096):
            client.sendall(chunk)


@pytest.fixture
def proxy(echo_port: int) -> Iterator[Proxy]:
    with Proxy("127.0.0.1", echo_port) as proxy:
        yield proxy


def _client(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def _answer(client: socket.socket, sent: bytes, seconds: float = 5) -> bytes:
    client.settimeout(seconds)
    client.sendall(sent)
    return client.recv(4096)


def test_bytes_pass_both_ways(proxy: Proxy) -> None:
    with _client(proxy) as client:
        assert _answer(client, b"COMMIT") == b"COMMIT"


def test_refused_is_who_comes_and_cut_who_is_there_until_it_passes_again(proxy: Proxy) -> None:
    with _client(proxy) as client:
        _answer(client, b"x")
        proxy.mode = "refuse"

        with pytest.raises(ConnectionRefusedError):
            _client(proxy)
        assert client.recv(10) == b""

    proxy.mode = "pass"
    with _client(proxy) as client:
        assert _answer(client, b"y") == b"y"


def test_what_hung_is_carried_on_later(proxy: Proxy) -> None:
    with _client(proxy) as client:
        _answer(client, b"x")
        proxy.mode = "hang"
        with pytest.raises(TimeoutError):
            _answer(client, b"y", 0.3)

        proxy.mode = "pass"

        client.settimeout(5)
        assert client.recv(10) == b"y"


def test_what_was_dropped_stays_silent_and_what_is_new_passes(proxy: Proxy) -> None:
    with _client(proxy) as client, _client(proxy) as idle:
        _answer(client, b"x")
        _answer(idle, b"x")
        proxy.mode = "drop"
        with pytest.raises(TimeoutError):
            _answer(client, b"y", 0.3)
        proxy.mode = "pass"

        with pytest.raises(TimeoutError):
            _answer(client, b"z", 0.3)
        with pytest.raises(TimeoutError):
            _answer(idle, b"z", 0.3)
        with _client(proxy) as new:
            assert _answer(new, b"z") == b"z"


@pytest.mark.parametrize("mode", ["cut_on_commit", "cut_before_commit"])
def test_a_commit_is_cut_and_nothing_else(proxy: Proxy, mode: str) -> None:
    proxy.mode = mode
    with _client(proxy) as client:
        assert _answer(client, b"SELECT") == b"SELECT"
        assert _answer(client, b"COMMIT") == b""
    assert proxy.commits_cut == 1


def test_a_cut_ends_every_connection(proxy: Proxy) -> None:
    with _client(proxy) as client:
        _answer(client, b"x")

        proxy.cut()

        assert client.recv(10) == b""
    wait_until(lambda: proxy.connections() == 0, 5, "the end of the connections")
