"""Single values of old tables: text, numbers, times, also where they are something else."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timezone
from typing import Any

from dateutil.parser import isoparse

from ndscheduler.corescheduler.clock import from_micros

ID_LENGTH = 191
_DIGEST_LENGTH = 16
_INT_32 = 2**31


def decoded(raw: bytes) -> str:
    """Bytes as UTF-8 text; what is none is shown as \\xNN."""
    return raw.decode("utf-8", "backslashreplace")


def text_of(value: Any) -> str | None:
    """`value` as text that every database takes: no NUL, no lone surrogate."""
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = decoded(bytes(value))
    text = value if isinstance(value, str) else str(value)
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def id_of(value: Any) -> str:
    """An id as it is; one that is longer than an id may be is cut, and ends with its digest."""
    text = text_of(value) or ""
    if len(text) <= ID_LENGTH:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{text[: ID_LENGTH - _DIGEST_LENGTH - 1]}-{digest}"


def whole_of(value: Any) -> int | None:
    """`value` as a number of 32 bits; None where it is none."""
    if isinstance(value, (bytes, str)):
        value = text_of(value)
        try:
            value = int(value or "", 10)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_whole = isinstance(value, int) and -_INT_32 <= value < _INT_32
    return int(value) if is_whole else None


def instant_of(value: Any) -> datetime | None:
    """An instant that 0.x stored: naive ones are UTC. None where it names none."""
    try:
        moment = value if isinstance(value, datetime) else _parsed(text_of(value))
        if moment is None:
            return None
        if moment.tzinfo is None:
            return moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def epoch_of(value: Any) -> datetime | None:
    """The instant so many seconds after 1970; None where `value` is no number."""
    if isinstance(value, (bytes, str)):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return from_micros(round(value * 1_000_000))


def _parsed(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        # Nearly all are as SQLAlchemy wrote them: 2026-11-23 07:53:48.884959.
        return datetime.fromisoformat(text)
    except ValueError:
        return isoparse(text.strip().replace(" ", "T", 1))
