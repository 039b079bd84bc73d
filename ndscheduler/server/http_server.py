"""Tornado's HTTP server, with bounds on what clients can make it keep."""

from __future__ import annotations

import contextlib
import logging
import resource
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.web import Application

logger = logging.getLogger(__name__)

# Descriptors that connections leave to the scheduler: databases, files, job classes.
RESERVED_DESCRIPTORS = 256
MOST_CONNECTIONS = 4096
LEAST_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one client, and all of them, may take."""

    connections: int = MOST_CONNECTIONS
    # The request line and all headers.
    header_bytes: int = 32 * 1024
    # Until the headers are there, also of the next request of a connection. Longer than proxies
    # keep idle connections (nginx 60 s): whoever closes one may cut off a request that is coming.
    idle_seconds: float = 120.0
    body_seconds: float = 120.0
    # How long a client may take nothing of an answer.
    stall_seconds: float = 120.0

    @classmethod
    def of_process(cls) -> Bounds:
        """The bounds for this process, which may have so many files open."""
        return cls(connections_for(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


class BoundedServer(HTTPServer):
    """A server that keeps so many connections at most; more are closed unheard.

    Without that, clients could use up the descriptors that the scheduler's database needs.
    """

    bounds = Bounds()
    _is_full = False

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection, if there is room."""
        most = self.bounds.connections
        was_full, self._is_full = self._is_full, len(self._connections) >= most
        if not self._is_full:
            _end_when_stalled(stream, self.bounds.stall_seconds)
            super().handle_stream(stream, address)
            return
        stream.close()
        if not was_full:
            logger.warning("%d connections are open: more are refused.", most)


def make_http_server(
    application: Application, tls: ssl.SSLContext | None, bounds: Bounds
) -> BoundedServer:
    """The server in front of `application`."""
    server = BoundedServer(
        application,
        ssl_options=tls,
        max_header_size=bounds.header_bytes,
        idle_connection_timeout=bounds.idle_seconds,
        body_timeout=bounds.body_seconds,
    )
    server.bounds = bounds
    return server


def _end_when_stalled(stream: IOStream, seconds: float) -> None:
    """Let the kernel end a connection whose client takes nothing; Tornado waits for ever."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and stream.socket is not None:
        # Already gone, or no TCP.
        with contextlib.suppress(OSError):
            stream.socket.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))


def connections_for(descriptors: int) -> int:
    """How many connections a process may keep that may have `descriptors` files open."""
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(LEAST_CONNECTIONS, descriptors - RESERVED_DESCRIPTORS))
