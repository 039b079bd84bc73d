"""The interval trigger: every so many seconds, counted from an anchor that stays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger as ApsIntervalTrigger

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.base import Bounds, Trigger
from ndscheduler.corescheduler.triggers.mapping import Span
from ndscheduler.corescheduler.triggers.zones import Zone

MICROS_PER_UNIT = {
    "weeks": 604_800_000_000,
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}

_LONGEST = 36_525 * MICROS_PER_UNIT["days"]


class IntervalTrigger(Trigger):
    """Fires at anchor + n * interval, n = 0, 1, 2, ...; real time, so no zone matters to it."""

    type = "interval"

    def __init__(self, micros: int, anchor: datetime, zone: Zone, bounds: Bounds) -> None:
        super().__init__(zone, bounds)
        self.interval = timedelta(microseconds=micros)
        self.anchor = anchor
        self._micros = micros
        self._anchor = to_micros(anchor)

    def _next(self, micros: int) -> int | None:
        rounds = max(0, -((self._anchor - micros) // self._micros))
        return self._anchor + rounds * self._micros

    def _span(self, first: int, last: int) -> Span | None:
        oldest = max(0, -((self._anchor - first) // self._micros))
        newest = (last - self._anchor) // self._micros
        if newest < oldest:
            return None
        return Span(
            newest - oldest + 1,
            self._anchor + oldest * self._micros,
            self._anchor + newest * self._micros,
        )

    def to_json(self) -> dict[str, Any]:
        seconds = self.interval.total_seconds()
        return {"type": self.type, "seconds": seconds, "anchor": self.anchor.isoformat()}

    def describe(self) -> str:
        return f"interval[{self.interval}]"

    def to_apscheduler(self) -> BaseTrigger:
        return ApsIntervalTrigger(
            seconds=self.interval.total_seconds(),
            start_date=max(self.anchor, self.start or self.anchor),
            end_date=self.end,
            timezone=self.zone.tz,
        )


def interval_micros(spec: Mapping[str, Any]) -> int:
    """The sum of weeks, days, hours, minutes and seconds in `spec`, in microseconds.

    Raises InvalidTrigger unless it is from 1 second to 100 years (36,525 days).
    """
    given = {unit: spec[unit] for unit in MICROS_PER_UNIT if spec.get(unit) is not None}
    if not given:
        units = ", ".join(MICROS_PER_UNIT)
        raise InvalidTrigger("trigger.seconds", f"an interval needs at least one of {units}")
    total = sum(_micros(unit, amount) for unit, amount in given.items())
    field = f"trigger.{next(reversed(given))}"
    if total < MICROS_PER_UNIT["seconds"]:
        raise InvalidTrigger(field, "the interval must be at least 1 second")
    if total > _LONGEST:
        raise InvalidTrigger(field, "the interval must not be longer than 100 years")
    return total


def _micros(unit: str, amount: Any) -> int:
    field = f"trigger.{unit}"
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise InvalidTrigger(field, f"must be a number, not {type(amount).__name__}")
    if isinstance(amount, float) and not math.isfinite(amount):
        raise InvalidTrigger(field, f"{amount} is not a length of time")
    if amount < 0:
        raise InvalidTrigger(field, "must not be negative")
    if amount > _LONGEST:
        raise InvalidTrigger(field, "the interval must not be longer than 100 years")
    return round(amount * MICROS_PER_UNIT[unit])
