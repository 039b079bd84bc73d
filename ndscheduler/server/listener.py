"""Sockets: where the server listens. Each refusal is one sentence."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from types import TracebackType

from tornado.netutil import bind_sockets

from ndscheduler.config import Config
from ndscheduler.corescheduler.errors import ConfigError
from ndscheduler.server.tls import tls_context


@dataclass(frozen=True)
class Listener:
    """Bound sockets, to be closed by leaving the `with` block, and how to speak TLS on them."""

    sockets: list[socket.socket]
    tls: ssl.SSLContext | None

    @property
    def url(self) -> str:
        """The address of the page."""
        host, port = self.sockets[0].getsockname()[:2]
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for bound in self.sockets:
            bound.close()


def open_listener(config: Config) -> Listener:
    """Listen where `config` says. Raises ConfigError."""
    tls = tls_context(config)
    address, port = config.HTTP_ADDRESS, config.HTTP_PORT
    try:
        return Listener(bind_sockets(port, address or None), tls)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"Can not listen on {address or '*'}:{port}: {reason}.") from error


def is_loopback(address: str) -> bool:
    """True when only this machine reaches `address`, a host name or an IP address; "" is all."""
    try:
        found = socket.getaddrinfo(address or None, 0, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"HTTP_ADDRESS {address!r} is no address: {reason}.") from error
    hosts = {str(entry[4][0]).partition("%")[0] for entry in found}
    return all(ipaddress.ip_address(host).is_loopback for host in hosts)
