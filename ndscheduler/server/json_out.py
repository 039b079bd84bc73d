"""JSON as it goes out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import orjson

Json = dict[str, Any]

CONTENT_TYPE = "application/json; charset=UTF-8"


def dumps(value: Any) -> bytes:
    """`value` as JSON that may stand inside a <script> element: "</" is written "<\\/"."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        # What orjson refuses and old rows may hold: integers above 64 bits, lone surrogates.
        text = json.dumps(value, separators=(",", ":")).encode("ascii")
    return text.replace(b"</", b"<\\/")


def iso(instant: datetime | None) -> str | None:
    """`instant` in ISO 8601 with its offset."""
    return None if instant is None else instant.isoformat()


def seconds(duration: timedelta | None) -> float | None:
    """`duration` in seconds."""
    return None if duration is None else duration.total_seconds()
