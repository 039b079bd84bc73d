"""Instants as users write them: ISO 8601, with an offset or in the job's time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from dateutil.parser import isoparse

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.zones import Zone

_LENGTH_MAX = 64
_SECOND = timedelta(seconds=1)
# isoparse also takes 2026 or 2026-01, which would be guesses here.
_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)|\d{8}(?!\d)|\d{4}-?W\d\d-?\d", re.ASCII)


def parse_instant(value: Any, zone: Zone, field: str) -> datetime:
    """The instant that ISO 8601 text or a datetime stands for: aware, UTC.

    Without an offset it is a time in `zone`: the first pass of an hour that comes twice, the first
    instant after a gap. Raises InvalidTrigger that names `field`.
    """
    moment = value if isinstance(value, datetime) else _parsed(value, field)
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(timezone.utc)
        reading = moment.replace(tzinfo=timezone.utc) - EPOCH
        seconds = reading // _SECOND
        instant = zone.first_instant_reading(seconds)
        in_a_gap = instant + zone.offset_at(instant) != seconds
        micros = timedelta(0) if in_a_gap else reading % _SECOND
        return EPOCH + timedelta(seconds=instant) + micros
    except (OverflowError, ValueError) as error:
        raise InvalidTrigger(field, f"{value!s} is out of range") from error


def _parsed(value: Any, field: str) -> datetime:
    if not isinstance(value, str):
        kind = type(value).__name__
        raise InvalidTrigger(field, f"must be a date and time in ISO 8601, not {kind}")
    text = value.strip()
    if len(text) > _LENGTH_MAX or not _WHOLE_DATE.match(text):
        raise InvalidTrigger(field, _not_iso(text))
    try:
        return isoparse(text)
    except (ValueError, OverflowError) as error:
        raise InvalidTrigger(field, _not_iso(text)) from error


def _not_iso(text: str) -> str:
    return f"{text[:_LENGTH_MAX]!r} is not a date and time in ISO 8601, as 2026-01-31T12:00:00Z is"
