"""A slow, plain answer to "when does this fire?", written apart from the triggers.

It walks every real minute (or second) of a window and looks at the clock on the wall. Nothing of
ndscheduler is used here, nor any cron library: the texts of the fields are read anew.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache, cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

MONTHS = ["-", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CRONTAB_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
NTH = {"1st": 0, "2nd": 1, "3rd": 2, "4th": 3, "5th": 4, "last": -1}

# Naive local time -> does it match.
Matcher = Callable[[datetime], bool]


@dataclass(frozen=True)
class Clock:
    """What the clock of a zone shows: pairs of an instant (UTC) and the local time (naive) then."""

    shown: list[tuple[datetime, datetime]]

    @cached_property
    def nominal(self) -> list[tuple[datetime, datetime]]:
        """Each local time once, shown or skipped, and the instant when a fixed job fires for it.

        The first instant that shows it; of a time that is never shown, the instant of the leap.
        """
        step = self.shown[1][0] - self.shown[0][0]
        first = {wall: instant for instant, wall in reversed(self.shown)}
        leaps: dict[datetime, datetime] = {}
        for (_, earlier), (instant, later) in pairwise(self.shown):
            for number in range(1, (later - earlier) // step):
                leaps.setdefault(earlier + step * number, instant)
        return list({**leaps, **first}.items())


def wall_clock(zone: str, start: datetime, stop: datetime, step: timedelta) -> Clock:
    """The clock at every `step` of real time in [start, stop)."""
    tz = ZoneInfo(zone)
    instants = [start + step * number for number in range((stop - start) // step)]
    return Clock([(instant, instant.astimezone(tz).replace(tzinfo=None)) for instant in instants])


def fires(matches: Matcher, is_periodic: bool, clock: Clock) -> list[datetime]:
    """When a job fires whose fields match as `matches` tells, over the whole of `clock`."""
    if is_periodic:
        return [instant for instant, wall in clock.shown if matches(wall)]
    return sorted({instant for wall, instant in clock.nominal if matches(wall)})


def transitions(zone: str, start: datetime, stop: datetime) -> list[datetime]:
    """The instants, to the minute, at which the zone's offset changes in [start, stop)."""
    tz = ZoneInfo(zone)
    days = [start + DAY * number for number in range((stop - start) // DAY + 1)]
    offsets = [day.astimezone(tz).utcoffset() for day in days]
    return [
        next(
            day + MINUTE * number
            for number in range(1441)
            if (day + MINUTE * number).astimezone(tz).utcoffset() != before
        )
        for day, (before, after) in zip(days, pairwise(offsets), strict=False)
        if before != after
    ]


def cron_matcher(fields: dict[str, str]) -> Matcher:
    """Cron fields of a job: all must match. Every field that matters must be given."""
    get = fields.get
    hours = numbers(get("hour", "*"), 0, 23)
    minutes = numbers(get("minute", "*"), 0, 59)
    seconds = numbers(get("second", "0"), 0, 59)
    year = get("year", "*")
    months = numbers(get("month", "*"), 1, 12, MONTHS)
    weeks = numbers(get("week", "*"), 1, 53)
    weekdays = numbers(get("day_of_week", "*"), 0, 6, WEEKDAYS)

    @cache
    def date_matches(day: date) -> bool:
        return (
            (year == "*" or day.year in numbers(year, 1970, 9999))
            and day.month in months
            and day.isocalendar()[1] in weeks
            and day.weekday() in weekdays
            and any(day_matches(part, day) for part in get("day", "*").split(","))
        )

    return lambda wall: (
        wall.minute in minutes
        and wall.hour in hours
        and wall.second in seconds
        and date_matches(wall.date())
    )


def day_matches(part: str, day: date) -> bool:
    """One part of the day field: a number, a range, last, 1st mon, last fri."""
    length = calendar.monthrange(day.year, day.month)[1]
    if part == "last":
        return day.day == length
    if " " not in part:
        return day.day in numbers(part, 1, 31)
    nth, weekday = part.split()
    candidates = [
        number
        for number in range(1, length + 1)
        if date(day.year, day.month, number).weekday() == WEEKDAYS.index(weekday)
    ]
    return NTH[nth] < len(candidates) and candidates[NTH[nth]] == day.day


def crontab_matcher(line: str) -> Matcher:
    """A crontab line: day or day of week where both are restricted, else both."""
    minute, hour, day, month, weekday = line.lower().split()
    minutes, hours = numbers(minute, 0, 59), numbers(hour, 0, 23)
    weekdays = {number % 7 for number in numbers(weekday, 0, 7, CRONTAB_DAYS)}

    @cache
    def date_matches(when: date) -> bool:
        on_day = when.day in numbers(day, 1, 31)
        on_weekday = when.isoweekday() % 7 in weekdays
        either = day[0] != "*" and weekday[0] != "*"
        return when.month in numbers(month, 1, 12, MONTHS) and (
            (on_day or on_weekday) if either else (on_day and on_weekday)
        )

    return lambda wall: (
        wall.second == 0
        and wall.minute in minutes
        and wall.hour in hours
        and date_matches(wall.date())
    )


def numbers(text: str, low: int, high: int, names: list[str] | None = None) -> set[int]:
    """The numbers that a list of "*", "5", "1-5" and "mon-fri", with or without "/step", names."""

    def number(word: str) -> int:
        return names.index(word) if names and word in names else int(word)

    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            begin, end = low, high
        else:
            begin = number(first)
            end = number(last) if last else (high if step else begin)
        found |= {value for value in range(begin, end + 1) if (value - begin) % int(step or 1) == 0}
    return found


def utc(*parts: int) -> datetime:
    """A UTC instant from year, month, day, hour, minute, second."""
    return datetime(*parts, tzinfo=timezone.utc)
