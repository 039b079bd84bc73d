"""Which instances show no sign of life: by what one reaper has seen, look by look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.constants import HEARTBEATS_PER_LEASE
from ndscheduler.corescheduler.models import Instance


@dataclass(frozen=True, slots=True)
class _Seen:
    """A heartbeat value that was read, and for how long it was seen to stay the same."""

    value: datetime | None
    silence_seconds: float = 0.0


class Signs:
    """What this instance has seen of the heartbeats of others.

    An owner is dead once its heartbeat *value* was seen to stay the same for its whole lease: no
    step of anybody's wall clock changes that. Between two looks nothing was seen, so these count
    for no more than one heartbeat that did not come: whatever kept us from looking, a suspension
    or a database that stood still, may have kept the owner from writing it.
    """

    def __init__(self, lease_seconds: float, clock: Callable[[], float] = uptime) -> None:
        """`lease_seconds` is our own lease, in which we look HEARTBEATS_PER_LEASE times."""
        self._lease = lease_seconds
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._looked_at = clock()

    def forget(self) -> None:
        """Count anew for every owner: what was not read can not be judged."""
        self._seen.clear()

    def add(self, began_at: float, found: Mapping[str, Instance | None]) -> list[str]:
        """Add a look that began at `began_at` (uptime); the owners that are dead by now.

        `found` has every owner that is looked for, with None for one that is not known.
        """
        gap = began_at - self._looked_at
        self._looked_at = self._clock()
        self._seen = {owner: self._see(owner, found[owner], gap) for owner in found}
        return [owner for owner in found if self._is_dead(owner, found[owner])]

    def value_of(self, owner: str) -> datetime | None:
        """The heartbeat that `owner` was judged by; None for one that is not known."""
        return self._seen[owner].value

    def _see(self, owner: str, instance: Instance | None, gap: float) -> _Seen:
        value = None if instance is None else instance.heartbeat_at
        before = self._seen.get(owner)
        lease = self._lease_of(instance)
        stood_still = gap > max(lease, self._lease) / 2
        if before is None or before.value != value or stood_still:
            return _Seen(value)
        return _Seen(value, before.silence_seconds + min(gap, lease / HEARTBEATS_PER_LEASE))

    def _is_dead(self, owner: str, instance: Instance | None) -> bool:
        if instance is not None and instance.stopped_at is not None:
            return True
        # To the microsecond, in which leases are kept: sums of fractions fall short by less.
        return round(self._seen[owner].silence_seconds, 6) >= self._lease_of(instance)

    def _lease_of(self, instance: Instance | None) -> float:
        return self._lease if instance is None else instance.lease_seconds
