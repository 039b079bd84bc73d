"""Arguments and results as JSON text, with the Python types that JSON lacks.

datetime, date, Decimal, bytes and tuple are written as an object with one key that names the
type, such as ``{"$date": "2026-01-31"}``, and come back as they were. An object of the user's
that looks like one of these is wrapped in ``{"$dict": ...}``, so nothing is mistaken for a tag.

What the upgrade from 0.x found and JSON cannot hold stands as ``{"$unreadable": "its text"}``. It
is shown, and nothing runs with it.

A client names a secret as ``{"$secret": "NAME"}``. In the database that is an object of the user's:
there a secret stands in a form that no earlier release could write, so that no old argument is
ever taken for one.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ndscheduler.corescheduler.errors import InvalidArgument

Json = Any
# Tags, and what makes the value of a tag's inside, which may raise TypeError or ValueError.
Tags = dict[str, Callable[[Any], Any]]

# Stands for a value that is not shown to who asks.
HIDDEN: Json = {"$hidden": True}

MAX_DEPTH = 100
MAX_SECRET_NAME = 200


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a value that can not be kept; `text` shows it to a person."""

    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands for the text that SECRETS_FILE has under `name` when a job starts."""

    name: str

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for what is no name."""
        if not isinstance(self.name, str):
            raise TypeError("The name of a secret must be text.")
        if not self.name.strip() or len(self.name) > MAX_SECRET_NAME:
            raise ValueError(f"The name of a secret has 1 to {MAX_SECRET_NAME} characters.")


def encode(value: object, field: str) -> str:
    """`value` as compact JSON text. Raises InvalidArgument that names `field` and the spot."""
    return json.dumps(_tagged(value, field, 0), ensure_ascii=False, separators=(",", ":"))


def encode_keywords(kwargs: Mapping[str, object], field: str) -> str:
    """`kwargs` as JSON text of an object that is never read as a tag itself."""
    for name in kwargs:
        _checked_key(name, field)
    tagged = {name: _tagged(value, f"{field}.{name}", 1) for name, value in kwargs.items()}
    return json.dumps(tagged, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value that `encode` was given."""
    return _untagged(json.loads(text), "value", _FROM_STORED)


def decode_keywords(text: str) -> dict[str, Any]:
    """The keyword arguments that `encode_keywords` was given."""
    stored = json.loads(text)
    return {name: _untagged(value, name, _FROM_STORED) for name, value in stored.items()}


def from_json(value: Json, field: str) -> Any:
    """The value that a client's JSON stands for, tags resolved. Raises InvalidArgument."""
    return _untagged(value, field, _FROM_CLIENT)


def plain(text: str) -> Json:
    """The JSON of encoded `text` as the REST API shows it: tuples are lists, other tags stay.

    A client that sends it back means the same, but for tuples.
    """
    value = json.loads(text)
    return _shown(value) if any(f'"{tag}"' in text for tag in _SHOWN_OTHERWISE) else value


def plain_or_text(text: str) -> Json:
    """As `plain`; of text that is no JSON, as only a broken row holds, the text as it stands."""
    try:
        return plain(text)
    except ValueError:
        return text


def find_unreadable(text: str) -> str | None:
    """What stands in encoded `text` for a value that could not be kept; None if there is none."""
    if '"$unreadable"' not in text:
        return None
    try:
        found = _first_unreadable(decode(text))
    except (ValueError, InvalidArgument):
        return None
    return None if found is None else found.text


def encode_result(value: object) -> str:
    """What a job returned, as indented JSON with sorted keys.

    Raises TypeError, as json.dumps does, for what JSON can not hold; a tuple becomes a list.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        # The same text, without the encoder that indents, which is ten times as slow.
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False, default=_result_tag)


def _tagged(value: object, field: str, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise InvalidArgument(field, f"is nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _checked_text(value, field)
    if isinstance(value, float):
        return _checked_float(value, field)
    if isinstance(value, list):
        return [_tagged(item, f"{field}[{i}]", depth + 1) for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return {
            "$tuple": [_tagged(item, f"{field}[{i}]", depth + 1) for i, item in enumerate(value)]
        }
    if isinstance(value, dict):
        return _tagged_dict(value, field, depth)
    tag = _tag_of(value)
    if tag is None:
        raise InvalidArgument(field, f"a {type(value).__name__} can not be kept as JSON")
    return tag


def _first_unreadable(value: object) -> Unreadable | None:
    if isinstance(value, Unreadable):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(_first_unreadable, value)), None)
    return None


def _tagged_dict(value: dict[Any, Any], field: str, depth: int) -> Json:
    for key in value:
        _checked_key(key, field)
    tagged = {key: _tagged(item, f"{field}.{key}", depth + 1) for key, item in value.items()}
    looks_like_tag = len(tagged) == 1 and not _STORED_TAGS.isdisjoint(tagged)
    return {"$dict": tagged} if looks_like_tag else tagged


def _checked_key(key: object, field: str) -> str:
    if not isinstance(key, str):
        raise InvalidArgument(field, f"the key {key!r} is not a string")
    return _checked_text(key, field)


def _tag_of(value: object) -> Json:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, Unreadable):
        return {"$unreadable": _checked_text(value.text, "value")}
    if isinstance(value, Secret):
        # Earlier releases wrote texts only here, and start nothing with what they can not read.
        return {"$unreadable": {"$secret": _checked_text(value.name, "value")}}
    return None


def _result_tag(value: object) -> Json:
    tag = _tag_of(value)
    if tag is None:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return tag


def _checked_text(value: str, field: str) -> str:
    if "\x00" in value:
        raise InvalidArgument(field, "contains a NUL character, which databases refuse")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidArgument(field, "contains a lone surrogate, which is not text") from error
    return value


def _checked_float(value: float, field: str) -> float:
    if not math.isfinite(value):
        raise InvalidArgument(field, f"{value} is not a JSON number")
    return value


def _untagged(value: Json, field: str, tags: Tags) -> Any:
    if isinstance(value, list):
        return [_untagged(item, f"{field}[{index}]", tags) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "$dict" and isinstance(inner, dict):
            value = inner
        elif key in tags or key == "$tuple":
            return _value_of(key, inner, field, tags)
    return {name: _untagged(item, f"{field}.{name}", tags) for name, item in value.items()}


def _value_of(tag: str, inner: Json, field: str, tags: Tags) -> Any:
    if tag == "$hidden":
        raise InvalidArgument(field, "is hidden from you: leave arguments out to keep them")
    try:
        return _tuple_of(inner, field, tags) if tag == "$tuple" else tags[tag](inner)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise InvalidArgument(field, f"{inner!r} is not a value for {tag}") from error


def _tuple_of(inner: Json, field: str, tags: Tags) -> tuple[Any, ...]:
    if not isinstance(inner, list):
        raise TypeError("a list is needed")
    return tuple(_untagged(item, f"{field}[{i}]", tags) for i, item in enumerate(inner))


def _unreadable(inner: Json) -> Unreadable:
    if not isinstance(inner, str):
        raise TypeError("text is needed")
    return Unreadable(inner)


def _unreadable_or_secret(inner: Json) -> Unreadable | Secret:
    name = _stored_secret(inner)
    return _unreadable(inner) if name is None else Secret(name)


def _stored_secret(inner: Json) -> str | None:
    """The name of the secret that the inside of a stored tag names; None if it names none."""
    name = inner.get("$secret") if isinstance(inner, dict) and len(inner) == 1 else None
    return name if isinstance(name, str) else None


_ANYWHERE: Tags = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$bytes": lambda inner: base64.b64decode(inner, validate=True),
}
_FROM_STORED: Tags = {**_ANYWHERE, "$unreadable": _unreadable_or_secret}
_FROM_CLIENT: Tags = {
    **_ANYWHERE,
    "$unreadable": _unreadable,
    "$secret": Secret,
    "$hidden": lambda inner: HIDDEN,
}
_STORED_TAGS = frozenset((*_FROM_STORED, "$tuple", "$dict"))
# Tags of clients that are objects of the user's in the database.
_OF_CLIENTS_ALONE = frozenset(_FROM_CLIENT) - _STORED_TAGS
_SHOWN_OTHERWISE = ("$tuple", *sorted(_OF_CLIENTS_ALONE))


def _shown(value: Json) -> Json:
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "$tuple" and isinstance(inner, list):
            return _shown(inner)
        if key == "$unreadable" and (name := _stored_secret(inner)) is not None:
            return {"$secret": name}
        if key == "$dict" and isinstance(inner, dict):
            return {"$dict": _shown_items(inner)}
        if key in _OF_CLIENTS_ALONE:
            return {"$dict": _shown_items(value)}
    return _shown_items(value)


def _shown_items(value: dict[str, Any]) -> Json:
    return {key: _shown(item) for key, item in value.items()}
