"""Time zones as segments of constant offset, exact to the second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.errors import InvalidTrigger

DAY = 86_400

_CHUNK = 366 * DAY
_FIRST_SECOND = (datetime.min - EPOCH.replace(tzinfo=None)) // timedelta(seconds=1) + 2 * DAY
_LAST_SECOND = (datetime.max - EPOCH.replace(tzinfo=None)) // timedelta(seconds=1) - 2 * DAY

_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_NAME_MAX = 64
# These load where the system has them, but mean the machine's own zone or count leap seconds.
_NOT_ZONES = ("localtime", "posixrules", "posix/", "right/")


class Segment(NamedTuple):
    """The instants [start, stop) while local time is UTC + `offset` seconds."""

    start: int
    stop: int
    offset: int


class Zone:
    """One time zone. An instant is a whole second since 1970-01-01 UTC.

    A *reading* is what a clock on the wall shows, as seconds since 1970-01-01 on that clock.
    """

    def __init__(self, name: str, tz: tzinfo) -> None:
        self.name = name
        self.tz = tz
        self._chunks: dict[int, tuple[Segment, ...]] = {}
        fixed = tz.utcoffset(None)
        self._always: tuple[Segment, ...] | None = None
        if fixed is not None:
            self._always = (Segment(-(10**15), 10**15, int(fixed.total_seconds())),)

    def segments(self, start: int, stop: int) -> Sequence[Segment]:
        """The segments that share an instant with [start, stop), in order, not clipped to it."""
        if self._always is not None:
            return self._always
        return [
            segment
            for index in range(start // _CHUNK, (stop - 1) // _CHUNK + 1)
            for segment in self._chunk(index)
            if segment.stop > start and segment.start < stop
        ]

    def first_instant_reading(self, reading: int) -> int:
        """The first instant at which the clock shows `reading` or later.

        The first pass of an hour that comes twice; the first instant after a gap.
        """
        # Offsets are less than a day, so it is less than a day away from `reading`.
        for segment in self.segments(reading - DAY, reading + DAY):
            instant = max(segment.start, reading - segment.offset)
            if instant < segment.stop:
                return instant
        raise AssertionError(f"{self.name} has an offset of a day or more near {reading}")

    def highest_reading(self, instant: int) -> int:
        """The latest time that the clock has shown up to and at `instant`.

        It is later than the clock's present reading while an hour is passed the second time.
        """
        if self._always is not None:
            return instant + self._always[0].offset
        return max(
            min(instant, segment.stop - 1) + segment.offset
            for segment in self.segments(instant - 2 * DAY, instant + 1)
        )

    def _chunk(self, index: int) -> tuple[Segment, ...]:
        found = self._chunks.get(index)
        if found is None:
            found = self._chunks[index] = tuple(self._measured(index * _CHUNK))
        return found

    def _measured(self, start: int) -> Iterator[Segment]:
        """The segments of [start, start + _CHUNK), by asking for the offset once a day.

        Source: in tzdata 2026 the two transitions of any zone that lie closest together are 95
        hours apart (Africa/Freetown, 1939), and zoneinfo does not tell its transitions.
        """
        stop = start + _CHUNK
        offset = self.offset_at(start)
        for day in range(start, stop, DAY):
            next_offset = self.offset_at(day + DAY)
            if next_offset != offset:
                change = self._change_between(day, day + DAY)
                yield Segment(start, change, offset)
                start, offset = change, next_offset
        # A change at the very end belongs to the next chunk, and leaves nothing here.
        if start < stop:
            yield Segment(start, stop, offset)

    def offset_at(self, instant: int) -> int:
        # A day off either end of what datetime holds is near enough to the ends.
        bounded = min(max(instant, _FIRST_SECOND), _LAST_SECOND)
        offset = (EPOCH + timedelta(seconds=bounded)).astimezone(self.tz).utcoffset()
        return 0 if offset is None else int(offset.total_seconds())

    def _change_between(self, low: int, high: int) -> int:
        """The instant in (low, high] at which the offset of `low` is over."""
        before = self.offset_at(low)
        while high - low > 1:
            middle = (low + high) // 2
            if self.offset_at(middle) == before:
                low = middle
            else:
                high = middle
        return high


def get_zone(name: Any) -> Zone:
    """The zone with the IANA name `name`. Raises InvalidTrigger that names the field timezone."""
    if not isinstance(name, str):
        raise InvalidTrigger("timezone", f"must be a string, not {type(name).__name__}")
    if name == "":
        raise InvalidTrigger("timezone", "must not be empty; UTC is a good choice")
    if len(name) > _NAME_MAX or not _NAME.fullmatch(name) or name.startswith(_NOT_ZONES):
        raise InvalidTrigger("timezone", f"{name[:_NAME_MAX]!r} is not the name of a time zone")
    return _loaded(name)


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The names of all time zones that a job may have, in order."""
    known = (name for name in available_timezones() if not name.startswith(_NOT_ZONES))
    # "Factory" stands for a zone that nobody has chosen yet.
    return tuple(sorted(name for name in known if name != "Factory"))


@lru_cache(maxsize=1024)
def _loaded(name: str) -> Zone:
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidTrigger("timezone", _unknown(name)) from error


def _unknown(name: str) -> str:
    near = get_close_matches(name, available_timezones(), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"no time zone is called {name!r}{hint}"
