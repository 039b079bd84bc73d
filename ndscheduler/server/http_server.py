"""Tornado's HTTP server, with bounds on what clients can make it keep."""

from __future__ import annotations

import logging
import resource
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

    @classmethod
    def of_process(cls) -> Bounds:
        """The bounds for this process, which may have so many files open."""
        return cls(connections_for(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


class BoundedServer(HTTPServer):
    """A server that keeps `max_connections` connections at most; more are closed unheard.

    Without that, clients could use up the descriptors that the scheduler's database needs.
    """

    max_connections = MOST_CONNECTIONS
    _is_full = False

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection, if there is room."""
        was_full, self._is_full = self._is_full, len(self._connections) >= self.max_connections
        if not self._is_full:
            super().handle_stream(stream, address)
            return
        stream.close()
        if not was_full:
            logger.warning("%d connections are open: more are refused.", self.max_connections)


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
    server.max_connections = bounds.connections
    return server


def connections_for(descriptors: int) -> int:
    """How many connections a process may keep that may have `descriptors` files open."""
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(LEAST_CONNECTIONS, descriptors - RESERVED_DESCRIPTORS))
