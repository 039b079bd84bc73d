"""The only names of a pickle that are given a meaning; each is listed here with what it makes.

All others stay names. Nothing is looked up by a name that a pickle holds, and nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.dateutil_zones import as_zone
from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldKey,
    OldName,
    OldObject,
    OldSet,
    OldText,
    OldZone,
    as_text,
)
from ndscheduler.corescheduler.errors import InvalidTrigger

Maker = Callable[..., Any]

_ZONE_MAKER = object()
_LONGEST_DECIMAL = 1000
# Larger numbers can be chosen so that all have one hash: a dict of them takes for ever to fill.
_HASHED_BITS = 60
_LATIN_1 = ("latin1", "latin-1")


def made(name: Any, args: Any) -> Any:
    """What calling `name` with `args` gives, if it is listed; else an inert object."""
    if not isinstance(args, tuple):
        return OldObject(name, args)
    if name is _ZONE_MAKER:
        return OldZone(_text(args[0])) if args else OldObject(name, args)
    maker = _MAKERS.get((name.module, name.name)) if isinstance(name, OldName) else None
    if maker is None:
        return OldObject(name, args)
    try:
        return maker(*args)
    except (TypeError, ValueError, OverflowError, InvalidOperation, InvalidTrigger):
        return OldObject(name, args)


def as_key(value: Any) -> Any:
    """`value` as the key of a dict; what is no plain value is wrapped, so that it is not hashed."""
    value = as_text(value)
    if isinstance(value, int):
        return value if value.bit_length() <= _HASHED_BITS else OldKey(value)
    plain = value is None or isinstance(value, (str, bytes, float))
    return value if plain else OldKey(value)


def _text(value: Any) -> str:
    value = as_text(value)
    if not isinstance(value, str):
        raise TypeError("text is needed")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number is needed")
    return value


def _raw(value: Any, length: int) -> bytes:
    """The bytes that a date or datetime is kept in; Python 2 has them as str."""
    raw = value.encode("latin-1") if isinstance(value, str) else value
    if not isinstance(raw, bytes) or len(raw) != length:
        raise TypeError("bytes are needed")
    return bytes(raw)


def _datetime(raw: Any, zone: Any = None) -> datetime:
    zone = as_zone(zone)
    if zone is not None and not isinstance(zone, OldZone):
        raise TypeError("a time zone is needed")
    moment = datetime(_raw(raw, 10))  # type: ignore[arg-type, call-arg]
    return moment if zone is None else moment.replace(tzinfo=zone.tzinfo())


def _date(raw: Any) -> date:
    return date(_raw(raw, 4))  # type: ignore[arg-type, call-arg]


def _timedelta(days: Any = 0, seconds: Any = 0, micros: Any = 0) -> timedelta:
    return timedelta(_whole(days), _whole(seconds), _whole(micros))


def _fixed_offset(offset: Any, name: Any = None) -> OldZone:
    if not isinstance(offset, timedelta):
        raise TypeError("an offset is needed")
    timezone(offset)
    return OldZone(None, offset)


def _pytz_fixed_offset(minutes: Any) -> OldZone:
    return _fixed_offset(timedelta(minutes=_whole(minutes)))


def _pytz_zone(name: Any, offset: Any = None, dst: Any = None, short: Any = None) -> OldZone:
    return OldZone(_text(name), None if offset is None else timedelta(seconds=_whole(offset)))


def _utc(*_ignored: Any) -> OldZone:
    return OldZone("UTC", timedelta(0))


def _wrapped_zone(zone: Any, key: Any = None) -> OldZone:
    if not isinstance(zone, OldZone):
        raise TypeError("a time zone is needed")
    return zone


def _decimal(text: Any) -> Decimal:
    text = _text(text)
    if len(text) > _LONGEST_DECIMAL:
        raise ValueError("too long")
    return Decimal(text)


def _encoded(text: Any, encoding: Any) -> bytes:
    """What Python 3 writes for bytes in protocols 0 to 2."""
    if _text(encoding) not in _LATIN_1:
        raise ValueError("another encoding")
    return _text(text).encode("latin-1")


def _bytes(*args: Any) -> bytes:
    """Never `bytes(10 ** 12)`."""
    if len(args) == 2:
        return _encoded(*args)
    if len(args) == 1 and isinstance(args[0], (bytes, bytearray)):
        return bytes(args[0])
    if args:
        raise TypeError("bytes are needed")
    return b""


def _bytearray(*args: Any) -> bytearray:
    return bytearray(_bytes(*args))


def _set(members: Any = ()) -> OldSet:
    if not isinstance(members, (list, tuple)):
        raise TypeError("a list is needed")
    return OldSet(members if isinstance(members, list) else list(members))


def _dict(pairs: Any = ()) -> dict[Any, Any]:
    return {as_key(key): value for key, value in pairs}


def _empty_dict(*_factory: Any) -> dict[Any, Any]:
    return {}


def _attribute(owner: Any, name: Any) -> Any:
    """Of all attributes of all things, only this one: how zoneinfo makes a zone again."""
    if isinstance(owner, OldName) and owner.dotted in _ZONE_INFO and as_text(name) == "_unpickle":
        return _ZONE_MAKER
    raise TypeError("not an attribute that is given a meaning")


def _reconstructed(cls: Any, base: Any = None, state: Any = None) -> OldObject:
    return OldObject(cls, ())


_ZONE_INFO = ("zoneinfo.ZoneInfo", "backports.zoneinfo.ZoneInfo")

_MAKERS: dict[tuple[str, str], Maker] = {
    ("datetime", "datetime"): _datetime,
    ("datetime", "date"): _date,
    ("datetime", "timedelta"): _timedelta,
    ("datetime", "timezone"): _fixed_offset,
    ("decimal", "Decimal"): _decimal,
    ("pytz", "_UTC"): _utc,
    ("pytz", "_p"): _pytz_zone,
    ("pytz", "FixedOffset"): _pytz_fixed_offset,
    ("pytz", "_FixedOffset"): _pytz_fixed_offset,
    ("pytz_deprecation_shim._impl", "wrap_zone"): _wrapped_zone,
    ("zoneinfo", "ZoneInfo._unpickle"): lambda key, *_: OldZone(_text(key)),
    ("backports.zoneinfo", "ZoneInfo._unpickle"): lambda key, *_: OldZone(_text(key)),
    ("builtins", "getattr"): _attribute,
    ("__builtin__", "getattr"): _attribute,
    ("_codecs", "encode"): _encoded,
    ("builtins", "bytes"): _bytes,
    ("__builtin__", "bytes"): _bytes,
    ("builtins", "bytearray"): _bytearray,
    ("__builtin__", "bytearray"): _bytearray,
    ("builtins", "set"): _set,
    ("__builtin__", "set"): _set,
    ("builtins", "frozenset"): _set,
    ("__builtin__", "frozenset"): _set,
    ("collections", "OrderedDict"): _dict,
    ("collections", "defaultdict"): _empty_dict,
    ("copy_reg", "_reconstructor"): _reconstructed,
    ("copyreg", "_reconstructor"): _reconstructed,
}

ALLOWED_NAMES = frozenset(f"{module}.{name}" for module, name in _MAKERS)

__all__ = ["ALLOWED_NAMES", "OldText", "as_key", "made"]
