"""Makes triggers: from what a user wrote, and from what the database keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.base import Bounds, Trigger
from ndscheduler.corescheduler.triggers.cron import CronTrigger
from ndscheduler.corescheduler.triggers.cron_fields import CRON_FIELDS
from ndscheduler.corescheduler.triggers.crontab import CrontabTrigger
from ndscheduler.corescheduler.triggers.date import DateTrigger
from ndscheduler.corescheduler.triggers.instants import parse_instant
from ndscheduler.corescheduler.triggers.interval import (
    MICROS_PER_UNIT,
    IntervalTrigger,
    interval_micros,
)
from ndscheduler.corescheduler.triggers.zones import Zone, get_zone

Maker = Callable[[Mapping[str, Any], Zone, Bounds], Trigger]


def make_trigger(
    spec: Mapping[str, Any],
    timezone: str = "UTC",
    start: datetime | None = None,
    end: datetime | None = None,
    now: datetime | None = None,
) -> Trigger:
    """The trigger that `spec` describes: {"type": "cron" | "crontab" | "interval" | "date", ...}.

    A spec of cron fields alone needs no type. Naive datetimes are times in `timezone`. An
    interval without an anchor is anchored at `start`, else at `now`. Raises InvalidTrigger that
    names the field as the user wrote it.
    """
    if not isinstance(spec, Mapping):
        raise InvalidTrigger("trigger", f"must be an object, not {type(spec).__name__}")
    zone = get_zone(timezone)
    bounds = Bounds(
        None if start is None else parse_instant(start, zone, "start_date"),
        None if end is None else parse_instant(end, zone, "end_date"),
    )
    kind = _kind(spec)
    _refuse_unknown(spec, kind)
    if kind == "interval" and spec.get("anchor") is None:
        spec = {**spec, "anchor": bounds.start or now or utc_now()}
    return _MAKERS[kind](spec, zone, bounds)


@lru_cache(maxsize=32768)
def parse_trigger(
    trigger_json: str, timezone: str, start: datetime | None, end: datetime | None
) -> Trigger:
    """The trigger that a row holds. Raises InvalidTrigger when the row is broken."""
    try:
        spec = json.loads(trigger_json)
    except (ValueError, RecursionError) as error:
        raise InvalidTrigger("trigger", "the stored text is not JSON") from error
    # Anchored at the present, its fire times would move with every restart.
    if isinstance(spec, dict) and spec.get("type") == "interval" and not spec.get("anchor"):
        raise InvalidTrigger("trigger.anchor", "is missing from the stored interval")
    return make_trigger(spec, timezone, start, end)


def trigger_text(trigger: Trigger) -> str:
    """The trigger as the JSON text that a row holds; `parse_trigger` reads it."""
    return json.dumps(trigger.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _kind(spec: Mapping[str, Any]) -> str:
    kind = spec.get("type")
    if kind is None and spec and set(spec) <= set(CRON_FIELDS):
        return "cron"
    if not isinstance(kind, str) or kind not in _MAKERS:
        known = ", ".join(_MAKERS)
        raise InvalidTrigger("trigger.type", f"must be one of {known}")
    return kind


def _refuse_unknown(spec: Mapping[str, Any], kind: str) -> None:
    for name in spec:
        if name != "type" and name not in _KEYS[kind]:
            known = ", ".join(_KEYS[kind])
            reason = f"is not part of a trigger of type {kind}, which has {known}"
            raise InvalidTrigger(f"trigger.{str(name)[:100]}", reason)


def _cron(spec: Mapping[str, Any], zone: Zone, bounds: Bounds) -> Trigger:
    return CronTrigger(spec, zone, bounds)


def _crontab(spec: Mapping[str, Any], zone: Zone, bounds: Bounds) -> Trigger:
    return CrontabTrigger(spec.get("expression"), zone, bounds)


def _interval(spec: Mapping[str, Any], zone: Zone, bounds: Bounds) -> Trigger:
    anchor = parse_instant(spec["anchor"], zone, "trigger.anchor")
    return IntervalTrigger(interval_micros(spec), anchor, zone, bounds)


def _date(spec: Mapping[str, Any], zone: Zone, bounds: Bounds) -> Trigger:
    return DateTrigger(parse_instant(spec.get("run_date"), zone, "trigger.run_date"), zone, bounds)


_MAKERS: dict[str, Maker] = {
    "cron": _cron,
    "crontab": _crontab,
    "interval": _interval,
    "date": _date,
}

_KEYS: dict[str, tuple[str, ...]] = {
    "cron": CRON_FIELDS,
    "crontab": ("expression",),
    "interval": (*MICROS_PER_UNIT, "anchor"),
    "date": ("run_date",),
}
