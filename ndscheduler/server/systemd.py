"""What systemd is told (sd_notify): that the server is ready, that it lives, that it stops.

Nothing happens where no supervisor listens. Source: the manual page sd_notify(3).
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping

logger = logging.getLogger(__name__)

MICROSECONDS = 1_000_000


class Supervisor:
    """The supervisor that `environment` names in NOTIFY_SOCKET, if any."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Without `environment`, that of this process."""
        given = os.environ if environment is None else environment
        address = given.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL with which abstract names of Linux begin.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._ping_seconds = _ping_seconds(given)

    def say(self, *lines: str) -> None:
        """Send `lines`, such as "READY=1". Never raises for a supervisor that does not listen."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            logger.warning("The supervisor at NOTIFY_SOCKET can not be told: %s.", error)

    async def keep_telling(self) -> None:
        """Say that the server lives, as often as the supervisor wants, until cancelled.

        To be run on the IOLoop: while that answers nobody, nothing is said. A scheduler that can
        not go on ends its process by itself (`exit_stuck`).
        """
        while self._ping_seconds is not None:
            self.say("WATCHDOG=1")
            await asyncio.sleep(self._ping_seconds)


def _ping_seconds(environment: Mapping[str, str]) -> float | None:
    """Half of the time after which the supervisor takes this process for dead; None without."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not is_ours or not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    return int(microseconds) / MICROSECONDS / 2
