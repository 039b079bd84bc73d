"""The checks that every value from outside passes: JSON bodies, text, instants, words.

Each failure is an InvalidInput that names the field as the user wrote it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from dateutil.parser import isoparser
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ndscheduler.corescheduler.clock import EPOCH
from ndscheduler.corescheduler.codec import MAX_DEPTH
from ndscheduler.corescheduler.errors import InvalidInput

Model = TypeVar("Model", bound=BaseModel)

_ISO_8601 = isoparser(sep="T")
# No time is longer. What looks for one in a text of a megabyte would hold up the server for hours.
MAX_TIME = 100
# No request has so many. Each that nobody knows costs time to be told of.
MAX_FIELDS = 1000
_EPOCH_SECONDS = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
# "10:00:00 02:00": in a query, "+" means a space.
_LOST_PLUS = re.compile(r"(.*[0-9]{2}:[0-9]{2}\S*) ([0-9]{2}(:?[0-9]{2})?)")

_SENTENCES = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_too_short": "must be a non-empty string",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a JSON object",
    "too_long": "must have at most {max_length} items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}


def parse_json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, with no text, number or nesting that could not be kept.

    Raises InvalidInput. `[]` is an object too: that is how PHP clients write an empty one.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InvalidInput("", "The body is not UTF-8.") from error
    except RecursionError as error:
        raise InvalidInput("", "The body is nested too deeply.") from error
    except ValueError as error:
        raise InvalidInput("", f"The body is not JSON: {error}.") from error
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("", "The body must be a JSON object.")
    if len(value) > MAX_FIELDS:
        raise InvalidInput("", f"The body has more than {MAX_FIELDS} fields.")
    for field, item in value.items():
        check_text(field, "A field's name")
        check_json(item, field)
    return value


def check_json(value: object, field: str) -> None:
    """Raise InvalidInput if `value` holds text or numbers no database keeps, or is too deep."""
    # A stack of iterators, not recursion: the input decides how deep this goes.
    stack = [iter([value])]
    while stack:
        item = next(stack[-1], stack)
        if item is stack:
            stack.pop()
        elif isinstance(item, str):
            check_text(item, field)
        elif isinstance(item, float) and not math.isfinite(item):
            raise InvalidInput(field, "has a number that is too large")
        elif isinstance(item, (list, dict)):
            if len(stack) > MAX_DEPTH:
                raise InvalidInput(field, f"is nested deeper than {MAX_DEPTH} levels")
            stack.append(_children(item))


def check_text(text: str, field: str) -> str:
    """`text`. Raises InvalidInput if it is nothing that databases keep as text."""
    if "\x00" in text:
        raise InvalidInput(field, "contains a NUL character")
    if not is_utf8(text):
        raise InvalidInput(field, "contains a lone surrogate, which is not text")
    return text


def is_utf8(text: str) -> bool:
    """True unless `text` holds a lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def validated(model: type[Model], fields: dict[str, Any]) -> Model:
    """`fields` as a `model`. Raises InvalidInput with the first problem, its field named."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise _first_problem(error) from error


def parse_instant(text: str, field: str) -> datetime:
    """The instant that `text` names, aware, UTC. Raises InvalidInput that names `field`.

    ISO 8601 with any offset; without one it is UTC, and a date alone is its midnight. Digits
    alone are seconds since 1970-01-01 UTC.
    """
    text = text.strip()
    try:
        if len(text) > MAX_TIME:
            raise ValueError("too long")
        if _EPOCH_SECONDS.fullmatch(text):
            return EPOCH + timedelta(seconds=float(text))
        lost = _LOST_PLUS.fullmatch(text)
        text = f"{lost[1]}+{lost[2]}" if lost else text
        moment = _ISO_8601.isoparse(text.upper().replace(" ", "T", 1))
        if moment.tzinfo is None:
            return moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        reason = (
            f"{shortened(text)} is not a time; write it like 2026-01-31T13:00:00Z "
            "or as seconds since 1970"
        )
        raise InvalidInput(field, reason) from error


def shortened(text: str) -> str:
    """`text` quoted, cut so that a message stays one readable sentence."""
    return repr(text if len(text) <= 60 else text[:60] + "...")


def _children(value: list[Any] | dict[str, Any]) -> Iterator[Any]:
    if isinstance(value, list):
        return iter(value)
    return (part for pair in value.items() for part in pair)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _first_problem(error: ValidationError) -> InvalidInput:
    # Unknown names last: a client that forgot `name` hears that before anything else.
    problems = sorted(error.errors(), key=lambda problem: problem["type"] == "extra_forbidden")
    first = problems[0]
    return InvalidInput(_path(first), _sentence(first))


def _path(problem: ErrorDetails) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"]]
    return "".join(parts).removeprefix(".")


def _sentence(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return str(context["error"])
    if problem["type"] == "extra_forbidden":
        return "is no field of this request"
    template = _SENTENCES.get(problem["type"])
    return template.format(**context) if template else problem["msg"]
