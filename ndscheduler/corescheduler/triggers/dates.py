"""Which dates a cron rule names, and how to step over the years without trying every day.

A year's calendar depends on three facts only: the weekday of 1 January, whether it is a leap
year, and whether the year before was (its last ISO week reaches into January). So the days that
a rule picks are worked out once for each of the 28 kinds of year, and shared.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

FIRST_YEAR = 1970
LAST_YEAR = 9999
ALL_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

_FIRST_ORDINAL = date(FIRST_YEAR, 1, 1).toordinal()
_LAST_ORDINAL = date(LAST_YEAR, 12, 31).toordinal()
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

LAST = -1


@dataclass(frozen=True)
class DateRule:
    """Months, days, ISO weeks and weekdays (0 is Monday) that a date must be in.

    `positions` holds (n, weekday) for the n-th such weekday of the month; n is LAST for the last.
    With `either` a date needs to match the day or the weekday; without, both.
    """

    months: frozenset[int]
    days: frozenset[int]
    weekdays: frozenset[int]
    weeks: frozenset[int] = frozenset(range(1, 54))
    positions: frozenset[tuple[int, int]] = frozenset()
    is_last_day: bool = False
    either: bool = False


class YearKind(NamedTuple):
    """All that a year's calendar depends on."""

    first_weekday: int
    is_leap: bool
    follows_leap: bool


class Dates:
    """The dates in `years` (ascending) that match `rule`, as ordinals of datetime.date."""

    def __init__(self, rule: DateRule, years: Sequence[int] = ALL_YEARS) -> None:
        self._rule = rule
        self._years = years
        self._days_by_year: dict[int, tuple[int, ...]] = {}

    def next(self, ordinal: int) -> int | None:
        """The first matching date on or after `ordinal`."""
        if ordinal > _LAST_ORDINAL:
            return None
        ordinal = max(ordinal, _FIRST_ORDINAL)
        first = bisect_left(self._years, date.fromordinal(ordinal).year)
        for index in range(first, len(self._years)):
            new_year, days = self._calendar(self._years[index])
            at = bisect_left(days, ordinal - new_year)
            if at < len(days):
                return new_year + days[at]
        return None

    def previous(self, ordinal: int) -> int | None:
        """The last matching date on or before `ordinal`."""
        if ordinal < _FIRST_ORDINAL:
            return None
        ordinal = min(ordinal, _LAST_ORDINAL)
        last = bisect_left(self._years, date.fromordinal(ordinal).year + 1)
        for index in range(last - 1, -1, -1):
            new_year, days = self._calendar(self._years[index])
            at = bisect_left(days, ordinal - new_year + 1)
            if at > 0:
                return new_year + days[at - 1]
        return None

    def count(self, start: int, stop: int) -> int:
        """How many matching dates lie in [start, stop)."""
        start, stop = max(start, _FIRST_ORDINAL), min(stop, _LAST_ORDINAL + 1)
        if start >= stop:
            return 0
        first = bisect_left(self._years, date.fromordinal(start).year)
        last = bisect_left(self._years, date.fromordinal(stop - 1).year + 1)
        total = 0
        for index in range(first, last):
            new_year, days = self._calendar(self._years[index])
            total += bisect_left(days, stop - new_year) - bisect_left(days, start - new_year)
        return total

    def __contains__(self, ordinal: int) -> bool:
        return self.next(ordinal) == ordinal

    def _calendar(self, year: int) -> tuple[int, tuple[int, ...]]:
        """The ordinal of 1 January of `year`, and the days after it that match (0 is that day)."""
        past = year - 1
        new_year = past * 365 + past // 4 - past // 100 + past // 400 + 1
        # The Gregorian calendar repeats after 400 years, weekdays and weeks too.
        days = self._days_by_year.get(year % 400)
        if days is None:
            kind = YearKind((new_year + 6) % 7, isleap(year), isleap(past))
            days = self._days_by_year[year % 400] = _days_of_year(self._rule, kind)
        return new_year, days


@lru_cache(maxsize=4096)
def _days_of_year(rule: DateRule, kind: YearKind) -> tuple[int, ...]:
    """The days of a year of this kind that match, ascending; 0 is 1 January."""
    days = []
    first = 0
    for month, length in enumerate(_month_lengths(kind), 1):
        if month in rule.months:
            days += [
                first + day - 1
                for day in _days_of_month(rule, (kind.first_weekday + first) % 7, length)
                if _iso_week(kind, first + day - 1) in rule.weeks
            ]
        first += length
    return tuple(days)


def _month_lengths(kind: YearKind) -> Iterator[int]:
    for month, length in enumerate(_MONTH_LENGTHS, 1):
        yield length + (month == 2 and kind.is_leap)


def _days_of_month(rule: DateRule, first_weekday: int, length: int) -> Iterator[int]:
    """The days of a month of `length` days that match the rule's days and weekdays."""
    for day in range(1, length + 1):
        weekday = (first_weekday + day - 1) % 7
        day_matches = (
            day in rule.days
            or (rule.is_last_day and day == length)
            or ((day + 6) // 7, weekday) in rule.positions
            or (day + 7 > length and (LAST, weekday) in rule.positions)
        )
        weekday_matches = weekday in rule.weekdays
        if (day_matches or weekday_matches) if rule.either else (day_matches and weekday_matches):
            yield day


def _iso_week(kind: YearKind, day: int) -> int:
    """The ISO 8601 week of a day of the year (0 is 1 January): the week is its Thursday's."""
    thursday = day + 3 - (kind.first_weekday + day) % 7
    if thursday < 0:
        thursday += 365 + kind.follows_leap
    elif thursday >= 365 + kind.is_leap:
        return 1
    return thursday // 7 + 1
