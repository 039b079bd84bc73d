"""Instants and ids: how ndscheduler tells the time and names new rows."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
FIRST_INSTANT = datetime.min.replace(tzinfo=timezone.utc)
LAST_INSTANT = datetime.max.replace(tzinfo=timezone.utc)


def utc_now() -> datetime:
    """The present instant, aware, UTC, by this machine's clock."""
    return datetime.now(timezone.utc)


def to_micros(instant: datetime) -> int:
    """Whole microseconds from 1970-01-01 UTC to `instant`. Raises ValueError if it is naive."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} is naive; an aware datetime is needed")
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant `micros` microseconds after 1970-01-01 UTC, aware, UTC.

    What no datetime can hold becomes the first or the last instant that one can: a damaged row
    must not hide all others.
    """
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return FIRST_INSTANT if micros < 0 else LAST_INSTANT


def uptime() -> float:
    """Seconds that no clock step changes and that pass while the machine sleeps as well.

    CLOCK_BOOTTIME where the system has it (Linux), else the monotonic clock.
    """
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class SteadyClock:
    """A clock that is set by another and goes on by this machine's uptime.

    No step of this machine's wall clock moves it, so the end of a run, told here, and its start,
    told by the database, are instants of one clock.
    """

    def __init__(self) -> None:
        self._set_to = (utc_now(), uptime())

    def sync(self, instant: datetime) -> None:
        """It is `instant` now."""
        self._set_to = (instant, uptime())

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        instant, since = self._set_to
        return instant + timedelta(seconds=uptime() - since)


def new_id() -> str:
    """A new UUIDv7 as 32 hex digits: ids made later sort later, to the millisecond.

    Time-ordered keys keep inserts into a large table at its right edge. Source: RFC 9562, 5.7.
    """
    millis = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (millis & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random_bits >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & 0x3FFF_FFFF_FFFF_FFFF
    return f"{value:032x}"


def first_id_at(instant: datetime) -> str:
    """What `new_id` gives from `instant` on sorts from here on; what it gave before, before."""
    return f"{max(0, to_micros(instant)) // 1000:012x}"
