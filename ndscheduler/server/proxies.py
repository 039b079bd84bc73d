"""Who really asks, where proxies that we trust stand between the client and this server.

Anybody can write X-Forwarded-* headers. They count only when they come from an address in
TRUSTED_PROXIES, and each hop that they name counts only when a trusted one has named it. Tornado's
`xheaders` believes X-Real-Ip from everybody. X-Forwarded-Host is never read: nginx passes on one
that a client has made up, and a page of another site could hide behind it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from tornado.httputil import HTTPServerRequest

# Not to be believed, but nobody sends them who asks by himself.
FORWARDING_HEADERS = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The proxies in TRUSTED_PROXIES, and what they say."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: Sequence[Network] = [
            ipaddress.ip_network(network, strict=False) for network in networks
        ]

    def apply(self, request: HTTPServerRequest) -> None:
        """Set `remote_ip` and `protocol` of `request` to those of the client, as far as known."""
        peer = _address_in(request.remote_ip or "")
        if peer is None or not self._trusts(peer):
            return
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        request.remote_ip = str(self._client(peer, hops))
        # Of several, the last: the proxy that asks us has written it.
        protocol = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
        if protocol in ("http", "https"):
            request.protocol = protocol

    def _client(self, peer: Address, hops: Sequence[str]) -> Address:
        """The nearest hop that is no trusted proxy; the farthest one where all are."""
        client = peer
        for hop in reversed(hops):
            address = _address_in(hop)
            if address is None or not self._trusts(client):
                break
            client = address
        return client

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def was_forwarded(request: HTTPServerRequest) -> bool:
    """Whether a proxy says that it passes `request` on, be it one that we trust or not."""
    return any(header in request.headers for header in FORWARDING_HEADERS)


def is_https(request: HTTPServerRequest) -> bool:
    """Whether the client speaks TLS, with this server or with a trusted proxy before it."""
    return request.protocol == "https"


def _address_in(text: str) -> Address | None:
    """The address in `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`; None for all else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
