"""How often somebody may try to log in: less and less often, but never not at all.

What is counted is the attempts since the last success, per account and per client. In memory, of
this process: guessers gain no more than a few attempts by several instances.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ndscheduler.server.errors import TooManyAttempts

# So many attempts are free; several people may sit behind one address.
FREE_OF_ACCOUNT = 5
FREE_OF_CLIENT = 20
LONGEST_WAIT_SECONDS = 60.0
# Who has not tried for so long begins anew.
FORGIVEN_AFTER_SECONDS = 900.0
# The oldest are forgotten above this, so that a flood of names fills no memory.
MAX_KEPT = 10_000


@dataclass(slots=True)
class _Tries:
    count: int = 0
    last: float = 0.0

    def wait_at(self, now: float, free: int) -> float:
        """Seconds until the next attempt is heard."""
        if self.count < free:
            return 0.0
        pause = min(LONGEST_WAIT_SECONDS, 2.0 ** min(self.count - free, 10))
        return max(0.0, self.last + pause - now)


class Throttle:
    """Counts attempts. On the IOLoop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._accounts: OrderedDict[bytes, _Tries] = OrderedDict()
        self._clients: OrderedDict[bytes, _Tries] = OrderedDict()
        # From where an account has logged in: it is counted apart, so that a guesser elsewhere, or
        # one at others' accounts in the same network, does not keep its owner out.
        self._known: OrderedDict[bytes, _Tries] = OrderedDict()

    def begin(self, account: str, client: str) -> None:
        """Count an attempt. Raises TooManyAttempts for one that comes too early, which is not one.

        It counts before it is known how it ends: else many at once would all be free.
        """
        now = self._clock()
        counts = self._counts(account, network_of(client))
        wait = max(_wait(kept, key, now, free) for kept, key, free in counts)
        if wait > 0:
            raise TooManyAttempts(wait)
        # Only now: what is refused before any hashing costs a guesser nothing, and would push those
        # out that are counted.
        for kept, key, _ in counts:
            _count(kept, key, now)

    def succeeded(self, account: str, client: str) -> None:
        """The attempt was right: those of its account are forgiven.

        Those of the client are not: else who has an account could go on guessing at others.
        """
        network = network_of(client)
        known = _key(account, network)
        if known not in self._known:
            # Else a program that logs in each minute would give guessers elsewhere new attempts.
            self._accounts.pop(_key(account), None)
            _take_back(self._clients, _key(network))
        self._known[known] = _Tries()
        self._known.move_to_end(known)
        _cut(self._known)

    def given_up(self, account: str, client: str) -> None:
        """The attempt was not heard to the end, such as for a database that does not answer."""
        for kept, key, _ in self._counts(account, network_of(client)):
            _take_back(kept, key)

    def _counts(
        self, account: str, network: str
    ) -> list[tuple[OrderedDict[bytes, _Tries], bytes, int]]:
        """Where an attempt is counted, and how many are free there."""
        known = _key(account, network)
        if known in self._known:
            return [(self._known, known, FREE_OF_ACCOUNT)]
        return [
            (self._accounts, _key(account), FREE_OF_ACCOUNT),
            (self._clients, _key(network), FREE_OF_CLIENT),
        ]


def network_of(client: str) -> str:
    """The address of a client; of IPv6 the network, since each household has a whole one."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _key(*texts: str) -> bytes:
    """As short for a name of a megabyte as for any other."""
    text = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()


def _wait(kept: OrderedDict[bytes, _Tries], key: bytes, now: float, free: int) -> float:
    tries = kept.get(key)
    return 0.0 if tries is None else tries.wait_at(now, free)


def _count(kept: OrderedDict[bytes, _Tries], key: bytes, now: float) -> None:
    tries = kept.get(key)
    if tries is None or now - tries.last > FORGIVEN_AFTER_SECONDS:
        tries = kept[key] = _Tries()
    tries.count += 1
    tries.last = now
    kept.move_to_end(key)
    _cut(kept)


def _take_back(kept: OrderedDict[bytes, _Tries], key: bytes) -> None:
    if key in kept:
        kept[key].count = max(0, kept[key].count - 1)


def _cut(kept: OrderedDict[bytes, _Tries]) -> None:
    while len(kept) > MAX_KEPT:
        kept.popitem(last=False)
