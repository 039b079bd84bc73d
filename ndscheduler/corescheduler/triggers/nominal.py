"""Sets of nominal times: what a clock on the wall shows, with no zone and no transition.

A nominal time is an integer: seconds since 1970-01-01 00:00:00 on that clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date

from ndscheduler.corescheduler.triggers.dates import Dates
from ndscheduler.corescheduler.triggers.zones import DAY

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class TimesOfDay:
    """The times of day hour:minute:second with each part in its set, numbered in order from 0."""

    def __init__(
        self, hours: Iterable[int], minutes: Iterable[int], seconds: Iterable[int]
    ) -> None:
        self.hours = tuple(sorted(hours))
        self._minutes = tuple(sorted(minutes))
        self._seconds = tuple(sorted(seconds))
        self._per_hour = len(self._minutes) * len(self._seconds)
        self.count = len(self.hours) * self._per_hour
        self.first = self.at(0)
        self.last = self.at(self.count - 1)

    def rank(self, second: int) -> int:
        """How many of the times are earlier than `second` of the day: the number of the next."""
        hour, rest = divmod(second, 3600)
        hours = bisect_left(self.hours, hour)
        rank = hours * self._per_hour
        if hours == len(self.hours) or self.hours[hours] != hour:
            return rank
        minute, left = divmod(rest, 60)
        minutes = bisect_left(self._minutes, minute)
        rank += minutes * len(self._seconds)
        if minutes == len(self._minutes) or self._minutes[minutes] != minute:
            return rank
        return rank + bisect_left(self._seconds, left)

    def at(self, number: int) -> int:
        """The second of the day of time number `number`."""
        hour, rest = divmod(number, self._per_hour)
        minute, second = divmod(rest, len(self._seconds))
        return self.hours[hour] * 3600 + self._minutes[minute] * 60 + self._seconds[second]


class NominalTimes:
    """Every time of `times` on every date of `dates`."""

    def __init__(self, dates: Dates, times: TimesOfDay) -> None:
        self._dates = dates
        self._times = times

    @property
    def covers_every_hour(self) -> bool:
        """True when the hour may be any of the 24."""
        return len(self._times.hours) == 24

    def next(self, nominal: int) -> int | None:
        """The first of the times at or after `nominal`; None when there is none up to 9999."""
        day, second = divmod(nominal, DAY)
        ordinal = day + _EPOCH_ORDINAL
        found = self._dates.next(ordinal)
        if found == ordinal:
            number = self._times.rank(second)
            if number < self._times.count:
                return day * DAY + self._times.at(number)
            found = self._dates.next(ordinal + 1)
        return None if found is None else (found - _EPOCH_ORDINAL) * DAY + self._times.first

    def previous(self, nominal: int) -> int | None:
        """The last of the times at or before `nominal`; None when there is none from 1970 on."""
        day, second = divmod(nominal, DAY)
        ordinal = day + _EPOCH_ORDINAL
        found = self._dates.previous(ordinal)
        if found == ordinal:
            number = self._times.rank(second + 1) - 1
            if number >= 0:
                return day * DAY + self._times.at(number)
            found = self._dates.previous(ordinal - 1)
        return None if found is None else (found - _EPOCH_ORDINAL) * DAY + self._times.last

    def count(self, start: int, stop: int) -> int:
        """How many of the times lie in [start, stop)."""
        if start >= stop:
            return 0
        first_day, last_day = start // DAY + _EPOCH_ORDINAL, stop // DAY + _EPOCH_ORDINAL
        whole_days = self._dates.count(first_day, last_day)
        return whole_days * self._times.count + self._earlier(stop) - self._earlier(start)

    def _earlier(self, nominal: int) -> int:
        """How many of the times are earlier than `nominal` on the same day."""
        day, second = divmod(nominal, DAY)
        return self._times.rank(second) if day + _EPOCH_ORDINAL in self._dates else 0
