"""Time zones of 0.x by their names in the IANA database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.dateutil_zones import as_zone
from ndscheduler.corescheduler.datastore.legacy.inert import OldZone, describe
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import get_zone

_HOUR = timedelta(hours=1)
# Of fixed offsets the IANA database has whole hours, from Etc/GMT+12 to Etc/GMT-14.
_LEAST, _MOST = -12, 14


class UnmappedZone(Exception):
    """The zone has no exact counterpart; `shown` is what it was."""

    def __init__(self, shown: str, reason: str) -> None:
        super().__init__(reason)
        self.shown = shown


def zone_name(zone: Any) -> str:
    """The IANA name of what a trigger of 0.x has as its time zone. Raises UnmappedZone."""
    zone = as_zone(zone)
    if not isinstance(zone, OldZone):
        raise UnmappedZone(describe(zone), f"the time zone {describe(zone)} has no IANA name")
    if zone.name is None:
        return _fixed(zone.offset or timedelta(0))
    try:
        return get_zone(zone.name).name
    except InvalidTrigger as error:
        raise UnmappedZone(zone.name, error.reason) from error


def _fixed(offset: timedelta) -> str:
    if not offset:
        return "UTC"
    hours, rest = divmod(offset, _HOUR)
    if rest or not _LEAST <= hours <= _MOST:
        shown = f"UTC{'-' if offset < timedelta(0) else '+'}{abs(offset)}"
        raise UnmappedZone(shown, f"no time zone has the fixed offset {shown}")
    # POSIX counts westwards: Etc/GMT+5 is five hours behind UTC.
    return f"Etc/GMT{-hours:+d}"
