"""From nominal times to instants: what happens when clocks are put forward or back.

A set of nominal times that names every hour is *periodic*: it fires at every real instant whose
reading is in the set. Any other is *fixed*: each nominal time fires exactly once, in a gap at the
first instant after it, in an overlap on the first pass. Instants are seconds since 1970 UTC.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ndscheduler.corescheduler.triggers.nominal import NominalTimes
from ndscheduler.corescheduler.triggers.zones import DAY, Segment, Zone

_WINDOW = 3 * DAY


@dataclass(frozen=True)
class Span:
    """How many fire times there are, the first and the last."""

    count: int
    first: int
    last: int


@dataclass(frozen=True)
class Shift:
    """A change of the clocks, and the nominal times that it concerns.

    At the instant `at` the clock reads `after` where it would have read `before`. `count` nominal
    times, from `first` to `last`, lie in the gap or are passed twice; `meets_one` is True when
    the first reading after a gap is a nominal time as well.
    """

    at: int
    before: int
    after: int
    count: int
    first: int
    last: int
    meets_one: bool


class ZonedTimes(ABC):
    """The instants that a set of nominal times names in a zone."""

    def __init__(self, nominal: NominalTimes, zone: Zone) -> None:
        self._nominal = nominal
        self._zone = zone

    @abstractmethod
    def next(self, instant: int) -> int | None:
        """The first fire time at or after `instant`."""

    @abstractmethod
    def span(self, start: int, stop: int) -> Span | None:
        """The fire times in [start, stop); None when there is none."""

    def shifts(self, start: int, stop: int) -> list[Shift]:
        """The changes of the clocks in [start, stop) that concern a nominal time."""
        return []


def zoned(nominal: NominalTimes, zone: Zone) -> ZonedTimes:
    """The instants of `nominal` in `zone`, by the rule of this module."""
    return (PeriodicTimes if nominal.covers_every_hour else FixedTimes)(nominal, zone)


class FixedTimes(ZonedTimes):
    """Nominal time n fires at the first instant at which the clock reads n or later.

    So n fires after an instant exactly when n is later than all that the clock has shown by then.
    """

    def next(self, instant: int) -> int | None:
        nominal = self._nominal.next(self._zone.highest_reading(instant - 1) + 1)
        return None if nominal is None else self._zone.first_instant_reading(nominal)

    def span(self, start: int, stop: int) -> Span | None:
        low = self._zone.highest_reading(start - 1) + 1
        high = self._zone.highest_reading(stop - 1)
        first, last = self._nominal.next(low), self._nominal.previous(high)
        if first is None or last is None or first > high:
            return None
        return Span(
            self._nominal.count(low, high + 1) - self._collapsed(start, stop),
            self._zone.first_instant_reading(first),
            self._zone.first_instant_reading(last),
        )

    def shifts(self, start: int, stop: int) -> list[Shift]:
        changes = [part.start for part in self._zone.segments(start, stop)]
        found = [self._shift(at) for at in changes if start <= at < stop]
        return [shift for shift in found if shift is not None]

    def _shift(self, at: int) -> Shift | None:
        before = at + self._zone.offset_at(at - 1)
        after = at + self._zone.offset_at(at)
        low, high = min(before, after), max(before, after)
        first, last = self._nominal.next(low), self._nominal.previous(high - 1)
        if first is None or last is None or first >= high:
            return None
        meets_one = after > before and self._nominal.next(after) == after
        count = self._nominal.count(low, high)
        return Shift(at, before, after, count, first, last, meets_one)

    def _collapsed(self, start: int, stop: int) -> int:
        """How many nominal times share their instant with an earlier one: all but one in a gap."""
        extra = 0
        for segment in self._zone.segments(start, stop):
            if start <= segment.start < stop:
                shown_before = self._zone.highest_reading(segment.start - 1)
                shown_now = segment.start + segment.offset
                extra += max(0, self._nominal.count(shown_before + 1, shown_now + 1) - 1)
        return extra


class PeriodicTimes(ZonedTimes):
    """Every instant fires at which the clock shows one of the nominal times."""

    def next(self, instant: int) -> int | None:
        start: int | None = instant
        while start is not None:
            found = self._next_before(start, start + _WINDOW)
            if found is not None:
                return found
            start = self._leap(start + _WINDOW)
        return None

    def _next_before(self, start: int, stop: int) -> int | None:
        """The first fire time from `start` on, found for certain only when it is before `stop`."""
        for segment in self._zone.segments(start, stop):
            reading = max(segment.start, start) + segment.offset
            nominal = self._nominal.next(reading)
            if nominal is not None and nominal - segment.offset < segment.stop:
                return nominal - segment.offset
        return None

    def _leap(self, instant: int) -> int | None:
        """An instant from `instant` on before which nothing fires; None when nothing ever will.

        A reading is less than a day off UTC, so the next nominal time is not shown sooner.
        """
        nominal = self._nominal.next(instant - DAY)
        return None if nominal is None else max(instant, nominal - DAY)

    def span(self, start: int, stop: int) -> Span | None:
        parts = [
            part
            for segment in self._zone.segments(start, stop)
            if (part := self._part(segment, start, stop)) is not None
        ]
        if not parts:
            return None
        return Span(sum(part.count for part in parts), parts[0].first, parts[-1].last)

    def _part(self, segment: Segment, start: int, stop: int) -> Span | None:
        """The fire times of `segment` in [start, stop)."""
        low = max(segment.start, start) + segment.offset
        high = min(segment.stop, stop) + segment.offset
        first, last = self._nominal.next(low), self._nominal.previous(high - 1)
        if first is None or last is None or first > last:
            return None
        count = self._nominal.count(low, high)
        return Span(count, first - segment.offset, last - segment.offset)
