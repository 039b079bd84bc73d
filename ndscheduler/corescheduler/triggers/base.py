"""What every trigger does: name the next fire time, list fire times, count them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, ClassVar

from apscheduler.triggers.base import BaseTrigger

from ndscheduler.corescheduler.clock import from_micros, to_micros
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.mapping import Span
from ndscheduler.corescheduler.triggers.zones import Zone

_MIN_MICROS = to_micros(datetime.min.replace(tzinfo=timezone.utc))
_MAX_MICROS = to_micros(datetime.max.replace(tzinfo=timezone.utc))


@dataclass(frozen=True)
class Tally:
    """How many fire times there are, the first and the last of them (aware, UTC)."""

    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class ClockChange:
    """A change of the clocks that moves, merges or passes over fire times.

    At the instant `at` (aware, UTC) the clock reads `after` where it would have read `before`;
    the readings are naive. `count` times of the schedule, from `first` to `last`, are in the gap,
    or come twice. In a gap, all of them fire once, at `after`, with the time there if
    `meets_one`; of what comes twice, the first time fires alone.
    """

    at: datetime
    before: datetime
    after: datetime
    count: int
    first: datetime
    last: datetime
    meets_one: bool

    @property
    def is_gap(self) -> bool:
        """True where clocks are put forward."""
        return self.after > self.before


@dataclass(frozen=True)
class Bounds:
    """The first and the last instant at which a trigger may fire (aware, UTC), both included."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InvalidTrigger(
                "end_date",
                f"{self.end.isoformat()} is before the start_date {self.start.isoformat()}",
            )


class Trigger(ABC):
    """Computes the fire times of a job. Immutable, so threads may share it."""

    type: ClassVar[str]

    def __init__(self, zone: Zone, bounds: Bounds) -> None:
        self.zone = zone
        self.start = bounds.start
        self.end = bounds.end
        self._from = _MIN_MICROS if bounds.start is None else to_micros(bounds.start)
        self._to = _MAX_MICROS if bounds.end is None else to_micros(bounds.end)

    @property
    def timezone(self) -> str:
        """The IANA name of the zone that the trigger reckons in."""
        return self.zone.name

    def next_fire(self, after: datetime) -> datetime | None:
        """The first fire time later than `after` (aware), in UTC; None when there is no more."""
        micros = self._next(max(to_micros(after) + 1, self._from))
        return None if micros is None or micros > self._to else from_micros(micros)

    def fire_times(self, after: datetime, until: datetime, limit: int) -> list[datetime]:
        """Fire times t with after < t <= until, aware, UTC, oldest first, at most `limit`."""
        last = min(to_micros(until), self._to)
        times: list[datetime] = []
        micros = self._next(max(to_micros(after) + 1, self._from))
        while micros is not None and micros <= last and len(times) < limit:
            times.append(from_micros(micros))
            micros = self._next(micros + 1)
        return times

    def tally(self, after: datetime, until: datetime) -> Tally | None:
        """The exact number of fire times t with after < t <= until; None when there is none.

        They are not walked one by one: a year of seconds costs less than a millisecond.
        """
        first = max(to_micros(after) + 1, self._from)
        last = min(to_micros(until), self._to)
        span = self._span(first, last) if first <= last else None
        if span is None:
            return None
        return Tally(span.count, from_micros(span.first), from_micros(span.last))

    def clock_changes(self, after: datetime, until: datetime) -> list[ClockChange]:
        """The changes of the clocks later than `after`, up to `until`, that concern fire times."""
        return []

    @abstractmethod
    def _next(self, micros: int) -> int | None:
        """The first fire time at or after `micros`, bounds aside (microseconds since 1970 UTC)."""

    @abstractmethod
    def _span(self, first: int, last: int) -> Span | None:
        """The fire times t with first <= t <= last, bounds aside (microseconds since 1970 UTC)."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The REST object, such as {"type": "cron", "minute": "*/5"}; `make_trigger` reads it."""

    def cron_strings(self) -> dict[str, str]:
        """The six cron strings of the REST job object; each "" unless this is a cron trigger."""
        return dict.fromkeys(("month", "day", "week", "day_of_week", "hour", "minute"), "")

    @abstractmethod
    def describe(self) -> str:
        """A short text for logs and lists, as APScheduler prints triggers."""

    @abstractmethod
    def to_apscheduler(self) -> BaseTrigger:
        """An APScheduler trigger to look at: `str(trigger)`, `trigger.fields`. Never fired."""

    def __repr__(self) -> str:
        return f"<{self.describe()} in {self.timezone}>"
