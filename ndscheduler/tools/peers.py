"""Which addresses a job may connect to: the rule of the setting CURL_JOB_ALLOW."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

from ndscheduler.corescheduler.errors import PeerRefused

Address = IPv4Address | IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Who asks one of these as the scheduler's machine may get that machine's credentials.
GUARDED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "fe80::/10",  # link-local
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure, the "wire server"
        "192.0.0.192",  # Oracle Cloud Classic
        "fd00:ec2::/32",  # AWS: metadata, EKS credentials
        "fd20:ce::254",  # Google Cloud
        "fd00:42::42",  # Scaleway
        "0.0.0.0/8",  # no destination; Linux takes 0.0.0.0 for 127.0.0.1
        "::",
    )
)

_WHY_GUARDED = "unless CURL_JOB_ALLOW names it: it is link-local, cloud metadata or 0.0.0.0"
_NO_DESTINATION = ipaddress.ip_network("0.0.0.0/8")
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")


class Peers:
    """The addresses that connections may go to."""

    def __init__(self, allow: Sequence[str] | None) -> None:
        """`allow`: addresses and networks, as CURL_JOB_ALLOW holds them; None allows all.

        An entry that holds more than guarded addresses, such as 0.0.0.0/0, frees none of these.
        """
        self._networks = None if allow is None else [_network(entry) for entry in allow]

    def check(self, address: str, host: str) -> None:
        """Return if a connection to `address` may be made.

        Otherwise raise PeerRefused, which tells `host`, the name that stood for the address.
        """
        forms = _forms(ipaddress.ip_address(address.partition("%")[0]))
        for form in forms:
            guard = next((network for network in GUARDED if form in network), None)
            if guard is not None and not self._names(form, guard):
                raise PeerRefused(address, host, _WHY_GUARDED)
        if self._networks is not None and not any(forms[0] in entry for entry in self._networks):
            raise PeerRefused(address, host, "since CURL_JOB_ALLOW does not hold it")

    def _names(self, address: Address, guard: Network) -> bool:
        """True when an entry within `guard` holds `address`: then it is there on purpose."""
        return any(
            address in entry and entry.prefixlen >= guard.prefixlen
            for entry in self._networks or ()
        )


def _network(text: str) -> Network:
    """The network that `text` means; one of IPv4-mapped addresses is a network of IPv4."""
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network


def _forms(address: Address) -> list[Address]:
    """What `address` stands for: itself, then the IPv4 addresses it may be turned into.

    An IPv4-mapped address is not used as such: the system speaks IPv4 with it.
    """
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried = [IPv4Address(packed) for packed in _carried(address)]
    return [address, *(form for form in carried if form not in _NO_DESTINATION)]


def _carried(address: IPv6Address) -> list[bytes]:
    """The IPv4 addresses that a translator or a tunnel may take out of `address`.

    Sources: RFC 4291 2.5.5.1 (compatible), 6052 and 8215 (NAT64; the ninth byte is left out),
    7915 (::ffff:0:0:0/96), 3056 (6to4), 4380 (Teredo: server and client), 5214 (ISATAP).
    """
    packed = address.packed
    squeezed = packed[:8] + packed[9:]
    places = {
        "::/96": [packed[12:]],
        "::ffff:0:0:0/96": [packed[12:]],
        "64:ff9b::/96": [packed[12:]],
        "64:ff9b:1::/48": [packed[12:], *(squeezed[at : at + 4] for at in (6, 7, 8))],
        "2002::/16": [packed[2:6]],
        "2001::/32": [packed[4:8], bytes(byte ^ 255 for byte in packed[12:])],
    }
    found = [packed[12:]] if packed[8:12] in _ISATAP else []
    for network, candidates in places.items():
        if address in ipaddress.ip_network(network):
            found += candidates
    return found
