"""Real SMTP servers on loopback: one that takes mail, one that hangs, one that is not there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """An SMTP handler that keeps what it gets, and refuses whom it is told to refuse."""

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        self.envelopes: list[Envelope] = []
        self._refused = refused

    @property
    def messages(self) -> list[EmailMessage]:
        contents = [envelope.original_content or b"" for envelope in self.envelopes]
        return [message_from_bytes(content, policy=modern) for content in contents]  # type: ignore[misc]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._refused:
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


def text_of(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


@contextmanager
def smtp_server(mailbox: Mailbox, **options: Any) -> Iterator[str]:
    """host:port of a real SMTP server that fills `mailbox`."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def odd_server(greeting: bytes) -> Iterator[str]:
    """host:port of a server that says `greeting` to each client and then nothing any more."""
    is_over = threading.Event()
    clients: list[socket.socket] = []

    def serve() -> None:
        while not is_over.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            clients.append(client)
            client.sendall(greeting)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(0.02)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()
            for client in clients:
                client.close()


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


def refusing() -> str:
    return f"127.0.0.1:{free_port()}"
