"""JSON as it goes out."""

from __future__ import annotations

import json
from typing import Any

import orjson

CONTENT_TYPE = "application/json; charset=UTF-8"


def dumps(value: Any) -> bytes:
    """`value` as JSON that may stand inside a <script> element: "</" is written "<\\/"."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        # What orjson refuses and old rows may hold: integers above 64 bits, lone surrogates.
        text = json.dumps(value, separators=(",", ":")).encode("ascii")
    return text.replace(b"</", b"<\\/")
