"""How long a call to the database may take: one budget per use."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The time that one call has, with all its attempts."""

    name: str
    # After this the call is cut, whatever it waits for.
    deadline_seconds: float
    # To connect and to log in; libpq knows no less than 2.
    connect_seconds: float
    # To wait for one lock that another transaction or process holds.
    lock_seconds: float
    # To wait for others of this process; after this, no further attempt is begun.
    patience_seconds: float
    # What a suspended process holds, the database gives free after this; 0 is never.
    idle_seconds: float = 10

    @property
    def whole_lock_seconds(self) -> int:
        """`lock_seconds` for a database that counts in whole seconds."""
        return max(1, math.floor(self.lock_seconds))


# A request is answered within 2 seconds where others hold what it needs: one wait for the turn
# and one for the lock, or two waits for locks, fit in.
API = Budget("api", deadline_seconds=30, connect_seconds=2, lock_seconds=0.8, patience_seconds=1)
LOOP = Budget("loop", deadline_seconds=10, connect_seconds=2, lock_seconds=3, patience_seconds=5)
PROBE = Budget(
    "probe", deadline_seconds=1, connect_seconds=2, lock_seconds=0.5, patience_seconds=0.5
)
# At the start: who waits for another process waits a minute.
OPENING = Budget(
    "opening", deadline_seconds=60, connect_seconds=10, lock_seconds=2, patience_seconds=60
)
# An upgrade or a backup of a large database takes its time.
LONG = Budget(
    "long",
    deadline_seconds=86_400,
    connect_seconds=10,
    lock_seconds=2,
    patience_seconds=60,
    idle_seconds=0,
)

# A ping of a connection that has lain idle; after it, all connections of the pool are made anew.
PING_SECONDS = 1.0
