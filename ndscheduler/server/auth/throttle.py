"""How often somebody may try to log in: less and less often, but never not at all.

What is counted is the attempts since the last success, per account and per client. In memory, of
this process: guessers gain no more than a few attempts by several instances.
"""

from __future__ import annotations

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
        self._accounts: OrderedDict[str, _Tries] = OrderedDict()
        self._clients: OrderedDict[str, _Tries] = OrderedDict()
        # From where an account has logged in: a guesser elsewhere does not keep its owner out.
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, account: str, client: str) -> None:
        """Count an attempt. Raises TooManyAttempts for one that comes too early, which is not one.

        It counts before it is known how it ends: else many at once would all be free.
        """
        now, network = self._clock(), network_of(client)
        of_account = self._tries(self._accounts, account, now)
        of_client = self._tries(self._clients, network, now)
        wait = of_client.wait_at(now, FREE_OF_CLIENT)
        if (account, network) not in self._known:
            wait = max(wait, of_account.wait_at(now, FREE_OF_ACCOUNT))
        if wait > 0:
            raise TooManyAttempts(wait)
        for tries in (of_account, of_client):
            tries.count += 1
            tries.last = now

    def succeeded(self, account: str, client: str) -> None:
        """The attempt was right: those before it are forgiven."""
        network = network_of(client)
        self._accounts.pop(account, None)
        self._clients.pop(network, None)
        self._known[account, network] = None
        _cut(self._known)

    def given_up(self, account: str, client: str) -> None:
        """The attempt was not heard to the end, such as for a database that does not answer."""
        for kept, key in ((self._accounts, account), (self._clients, network_of(client))):
            if key in kept:
                kept[key].count = max(0, kept[key].count - 1)

    def _tries(self, kept: OrderedDict[str, _Tries], key: str, now: float) -> _Tries:
        tries = kept.get(key)
        if tries is None or now - tries.last > FORGIVEN_AFTER_SECONDS:
            tries = kept[key] = _Tries(last=now)
            _cut(kept)
        kept.move_to_end(key)
        return tries


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


def _cut(kept: OrderedDict[str, _Tries] | OrderedDict[tuple[str, str], None]) -> None:
    while len(kept) > MAX_KEPT:
        kept.popitem(last=False)
