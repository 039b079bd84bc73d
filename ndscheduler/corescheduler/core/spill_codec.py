"""Finishes as lines of JSON, for files that a later process reads."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from ndscheduler.corescheduler.clock import from_micros, to_micros
from ndscheduler.corescheduler.constants import kind_of, state_of
from ndscheduler.corescheduler.models import Execution, Finish

# A file of another format is left alone.
FORMAT = 1

_EXECUTION_FIELDS = frozenset(field.name for field in fields(Execution))
_FINISH_FIELDS = frozenset(field.name for field in fields(Finish))
_INSTANTS = frozenset(
    field.name
    for field in (*fields(Execution), *fields(Finish))
    if str(field.type).startswith("datetime")
)


def encode_line(values: dict[str, Any]) -> bytes:
    """`values` as one line, its end included."""
    # ASCII only, so that no text of a user's, however odd, can break the file.
    return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"


def encode_finish(finish: Finish) -> bytes:
    """`finish` as one line, its end included."""
    values = {name: _plain(getattr(finish, name)) for name in _FINISH_FIELDS - {"execution"}}
    execution = finish.execution
    snapshot = {name: _plain(getattr(execution, name)) for name in _EXECUTION_FIELDS}
    return encode_line({**values, "execution": snapshot})


def decode_finish(line: bytes) -> Finish:
    """The finish in `line`. Raises ValueError if it is none, or not whole."""
    try:
        values = json.loads(line)
        execution = Execution(**_typed(values.pop("execution"), _EXECUTION_FIELDS))
        return Finish(execution=execution, **_typed(values, _FINISH_FIELDS))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no finish: {type(error).__name__} {error}") from error


def decode_head(line: bytes) -> dict[str, Any] | None:
    """What the first line of a file says of it; None if it is not of this format."""
    try:
        head = json.loads(line)
    except ValueError:
        return None
    return head if isinstance(head, dict) and head.get("format") == FORMAT else None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_micros(value)
    return value.value if isinstance(value, Enum) else value


def _typed(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """`values` as the record takes them; what only another release knows is left out."""
    return {name: _typed_value(name, value) for name, value in values.items() if name in names}


def _typed_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _INSTANTS:
        return from_micros(value)
    if name == "state":
        return state_of(value)
    return kind_of(value) if name == "trigger_kind" else value
