"""Stand-ins for what a pickle names or holds: they carry names and values, and do nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from typing import Any

from ndscheduler.corescheduler.triggers import get_zone

_SHOWN_ITEMS = 10
_SHOWN_DEPTH = 3
_SHOWN_LENGTH = 200


@dataclass(frozen=True, eq=False)
class OldName:
    """A class or function that a pickle names. It is never imported."""

    module: str
    name: str

    @property
    def dotted(self) -> str:
        """Its dotted name."""
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class OldObject:
    """An object as a pickle tells it: how it was made, and the state that it was given."""

    made_by: Any
    args: Any = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)

    @property
    def class_name(self) -> str:
        """The dotted name of its class; "" where there is none."""
        return self.made_by.dotted if isinstance(self.made_by, OldName) else ""


@dataclass(frozen=True, eq=False)
class OldSet:
    """A set or frozenset; its members are not hashed."""

    members: list[Any]


@dataclass(frozen=True, eq=False)
class OldKey:
    """A key of a dict that is no text, number or bytes; it is not hashed by its value."""

    value: Any


class OldText(bytes):
    """A `str` of Python 2: bytes that nearly always are text."""

    @property
    def text(self) -> str:
        """The bytes as UTF-8, or where they are none, as Latin-1."""
        try:
            return self.decode("utf-8")
        except UnicodeDecodeError:
            return self.decode("latin-1")


@dataclass(frozen=True, eq=False)
class OldZone:
    """A time zone: by name, and by the offset that it has for one datetime (pytz) or for ever."""

    name: str | None
    offset: timedelta | None = None

    def tzinfo(self) -> tzinfo:
        """A zone to reckon with. Raises ValueError if this machine has none of the name."""
        if self.offset is not None:
            return timezone(self.offset)
        return get_zone(self.name).tz


def as_text(value: Any) -> Any:
    """Text of Python 2 as text; everything else as it is."""
    return value.text if isinstance(value, OldText) else value


def describe(value: Any, depth: int = 0) -> str:
    """A short text that shows `value` to a person; it calls nothing of the value's."""
    if depth > _SHOWN_DEPTH:
        return "..."
    value = as_text(value)
    if isinstance(value, OldName):
        return value.dotted
    if isinstance(value, OldZone):
        return value.name or str(value.offset)
    if isinstance(value, OldKey):
        return describe(value.value, depth + 1)
    if isinstance(value, OldSet):
        return _listed("{", value.members, "}", depth)
    if isinstance(value, OldObject):
        return _described_object(value, depth)
    if isinstance(value, (list, tuple)):
        begin, end = ("[", "]") if isinstance(value, list) else ("(", ")")
        return _listed(begin, value, end, depth)
    if isinstance(value, dict):
        return _described_dict(value, depth)
    if isinstance(value, int) and value.bit_length() > 1000:
        return "a number of more than 1,000 bits"
    return _short(repr(value[:_SHOWN_LENGTH] if isinstance(value, (str, bytes)) else value))


def _described_object(value: OldObject, depth: int) -> str:
    name = value.class_name or describe(value.made_by, depth + 1)
    parts = value.args if isinstance(value.args, (list, tuple)) else (value.args,)
    shown = _listed("(", [*parts[:_SHOWN_ITEMS], *value.items[:_SHOWN_ITEMS]], ")", depth)
    state = "" if value.state is None else f" {describe(value.state, depth + 1)}"
    return f"{name}{shown}{state}"


def _described_dict(value: dict[Any, Any], depth: int) -> str:
    pairs = [
        f"{describe(key, depth + 1)}: {describe(item, depth + 1)}"
        for key, item in list(value.items())[:_SHOWN_ITEMS]
    ]
    return _short("{" + ", ".join(pairs) + (", ..." if len(value) > len(pairs) else "") + "}")


def _listed(begin: str, values: Any, end: str, depth: int) -> str:
    shown = ", ".join(describe(value, depth + 1) for value in values[:_SHOWN_ITEMS])
    return _short(begin + shown + (", ..." if len(values) > _SHOWN_ITEMS else "") + end)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
