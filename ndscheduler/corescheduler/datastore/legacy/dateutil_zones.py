"""Time zones of dateutil, which arguments hold, and schedules since APScheduler 3.7."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.inert import OldObject, OldZone, as_text

_FOLDER = "/zoneinfo/"


def as_zone(value: Any) -> Any:
    """The OldZone that `value`, an object of dateutil's, stands for; all else as it is."""
    if not isinstance(value, OldObject):
        return value
    reader = _READERS.get(value.class_name)
    zone = None if reader is None or not isinstance(value.args, tuple) else reader(value)
    return value if zone is None else zone


def _utc(_zone: OldObject) -> OldZone:
    return OldZone("UTC", timedelta(0))


def _offset(zone: OldObject) -> OldZone | None:
    """Of (name, offset), or of the state that has both."""
    state = zone.state if isinstance(zone.state, dict) else {}
    offset = state.get("_offset", zone.args[1] if len(zone.args) == 2 else None)
    if isinstance(offset, int):
        offset = timedelta(seconds=offset) if abs(offset) < 86_400 else None
    is_offset = isinstance(offset, timedelta) and abs(offset) < timedelta(days=1)
    return OldZone(None, offset) if is_offset else None


def _file(zone: OldObject) -> OldZone | None:
    """Of a file of the IANA database, whose path ends with the zone's name."""
    texts = [text for text in map(as_text, zone.args) if isinstance(text, str)]
    return OldZone(texts[-1].rpartition(_FOLDER)[2]) if texts else None


_READERS: dict[str, Callable[[OldObject], OldZone | None]] = {
    "dateutil.tz.tzutc": _utc,
    "dateutil.tz.tz.tzutc": _utc,
    "dateutil.tz.tzoffset": _offset,
    "dateutil.tz.tz.tzoffset": _offset,
    "dateutil.tz.tzfile": _file,
    "dateutil.tz.tz.tzfile": _file,
    "dateutil.tz._tzfile._unpickle": _file,
    "dateutil.zoneinfo.gettz": _file,
}
