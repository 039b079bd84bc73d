"""A real HTTP server on loopback whose answers a test decides."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """The base URL, what was asked so far, and an event that ends slow answers."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


Answer = Callable[[BaseHTTPRequestHandler, Server], None]


def answer_with(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with this status, body and headers (Retry_After stands for Retry-After)."""

    def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drip(begin: bytes) -> Answer:
    """Send `begin`, then one byte after the other, for ever."""

    def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
        handler.wfile.write(begin)
        while not server.is_over.wait(0.02):
            handler.wfile.write(b"x")

    return answer


@contextmanager
def http_server(
    *answers: Answer, host: str = "127.0.0.1", certificate: Path | None = None
) -> Iterator[Server]:
    """A server that gives `answers` one after another, the last one again and again.

    With `certificate`, a file that holds its key too, it speaks TLS.
    """

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.seen.append(Seen(self.command, self.path, dict(self.headers), body))
            try:
                answers[min(len(server.seen), len(answers)) - 1](self, server)
            except ConnectionError:
                return  # the client has gone, as some tests want

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any

        def log_message(self, *args: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ssl.SSLError):
                return

    with ThreadingHTTPServer((host, 0), Handler) as listener:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            listener.socket = context.wrap_socket(
                listener.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "http" if certificate is None else "https"
        server = Server(f"{scheme}://{host}:{listener.server_port}")
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.is_over.set()
            listener.shutdown()
            thread.join()
