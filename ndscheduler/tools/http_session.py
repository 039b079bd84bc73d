"""HTTP with `requests`, to those addresses only that a rule lets through."""

from __future__ import annotations

import os
import socket
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from ndscheduler.corescheduler.errors import PeerRefused
from ndscheduler.tools.peers import Peers

# What a redirect to another server may take along; any other header may be a credential.
_HARMLESS_HEADERS = {
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "content-type",
    "cookie",  # made anew for each URL, from what servers have set
    "transfer-encoding",
    "user-agent",
}


class Watch(Protocol):
    """Bounds the time of a session, all its connections together."""

    def seconds_left(self) -> float:
        """How long the making of a connection may still take."""

    def watch(self, connection: socket.socket) -> None:
        """Take note of a connection that was made, before TLS begins on it."""


class CheckedSession(requests.Session):
    """A session whose connections, those of redirects among them, are checked before any use.

    Nothing is sent to an address that `peers` refuses, which raises PeerRefused. Proxies of the
    environment are not used: one would connect for us where we may not. ~/.netrc is not read.
    """

    def __init__(self, peers: Peers, watch: Watch) -> None:
        super().__init__()
        self.trust_env = False
        # The one thing of the environment that is still wanted: internal certificates.
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self.verify = bundle or True
        for scheme in ("http://", "https://"):
            self.mount(scheme, _adapter(peers, watch))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where the answer sends us; then its body, which may be endless, is not read."""
        target = super().get_redirect_target(resp)
        if target is not None:
            resp.raw.close()
        return target

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Drop what may be a credential when another server is asked; requests drops only one."""
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        before, after = response.request.url, prepared_request.url
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            headers = prepared_request.headers
            for name in [name for name in headers if name.lower() not in _HARMLESS_HEADERS]:
                del headers[name]


def _adapter(peers: Peers, watch: Watch) -> HTTPAdapter:
    class CheckedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = _connection(self, peers, watch)
            watch.watch(connection)
            return connection

    class CheckedHTTPS(CheckedHTTP, HTTPSConnection):
        pass

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = CheckedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = CheckedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}

    return Adapter()


def _connection(asker: HTTPConnection, peers: Peers, watch: Watch) -> socket.socket:
    """A connection for `asker`, with the errors that urllib3 would raise."""
    try:
        return _first_connection(asker, peers, watch)
    except TimeoutError as error:
        waited = f"{asker.host} did not answer within {asker.timeout} s"
        raise ConnectTimeoutError(asker, waited) from error
    except OSError as error:
        raise NewConnectionError(asker, f"No connection: {error}") from error


def _first_connection(asker: HTTPConnection, peers: Peers, watch: Watch) -> socket.socket:
    """A connection to the first address of the host that may be asked and answers.

    The name is looked up once, here: looked up again after the check, it might mean another
    address. Raises PeerRefused when no address may be asked.
    """
    host = asker._dns_host.strip("[]")
    refusal: PeerRefused | None = None
    failure: OSError | None = None
    family = allowed_gai_family()
    for *how, _, address in socket.getaddrinfo(host, asker.port, family, socket.SOCK_STREAM):
        try:
            peers.check(str(address[0]), host)
            connection = socket.socket(*how)
            # A name may have any number of addresses where nobody answers.
            connection.settimeout(max(0.001, watch.seconds_left()))
            return _connected(asker, connection, address, peers)
        except PeerRefused as error:
            refusal = refusal or error
        except OSError as error:
            failure = error
    raise failure or refusal or OSError(f"{host} has no address")


def _connected(
    asker: HTTPConnection, connection: socket.socket, address: Any, peers: Peers
) -> socket.socket:
    """`connection`, connected to `address`; closed where that fails or is refused."""
    try:
        for option in asker.socket_options or ():
            connection.setsockopt(*option)
        connection.connect(address)
        # Not the address that was asked for where that is 0.0.0.0, for one.
        peers.check(str(connection.getpeername()[0]), asker.host)
    except BaseException:
        connection.close()
        raise
    return connection
