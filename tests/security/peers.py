"""What jobs and mails of the server under test talk to, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import AuthResult

from tests.unit.loopback_smtp import Mailbox, smtp_server


class _Refusing(BaseHTTPRequestHandler):
    """Takes a message and refuses the next, in turn."""

    answered = 0

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        type(self).answered += 1
        self.send_response(200 if self.answered % 2 else 403)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def web_server() -> Iterator[str]:
    """host:port of a web server that refuses every second request."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def refusing_smtp_server() -> Iterator[str]:
    """host:port of a mail server that lets nobody in."""

    def refuse(*_args: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    options = {"authenticator": refuse, "auth_require_tls": False}
    with smtp_server(Mailbox(), **options) as address:
        yield address
