"""Triggers that APScheduler 3 has pickled, as triggers of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.inert import OldName, OldObject, as_text, describe
from ndscheduler.corescheduler.datastore.legacy.old_zones import UnmappedZone, zone_name
from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers import CRON_FIELDS, Trigger, make_trigger
from ndscheduler.corescheduler.triggers.cron_fields import compile_fields

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_POSITIONS = ("1st", "2nd", "3rd", "4th", "5th", "last")
_DEEPEST = 10
_EXPRESSIONS = "apscheduler.triggers.cron.expressions."


class UnmappedTrigger(Exception):
    """The trigger has no exact counterpart; the reason in a clause."""


@dataclass(frozen=True)
class OldSchedule:
    """When a job of 0.x fires. `spec` and `timezone` are what a row holds, also where they are bad.

    `problems` are clauses; with none, `make()` gives the trigger.
    """

    spec: dict[str, Any]
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    jitter: Any = None
    problems: tuple[str, ...] = field(default=())

    def make(self) -> Trigger:
        """The trigger. Raises InvalidTrigger."""
        return make_trigger(self.spec, self.timezone, self.start, self.end)


def schedule_of(trigger: Any) -> OldSchedule:
    """What a pickled trigger says, and what of it has no exact counterpart here."""
    try:
        schedule = _read(trigger)
    except UnmappedTrigger as error:
        return _unreadable(trigger, str(error))
    if schedule.problems:
        return schedule
    try:
        schedule.make()
    except InvalidTrigger as error:
        return replace(schedule, problems=(f"the schedule is refused: {error}",))
    return schedule


def _read(trigger: Any, depth: int = 0) -> OldSchedule:
    if not isinstance(trigger, OldObject):
        raise UnmappedTrigger("it has no trigger")
    if trigger.class_name in _COMBINATIONS:
        return _combined(_state(trigger), depth)
    reader = _READERS.get(trigger.class_name)
    if reader is None:
        raise UnmappedTrigger(f"a trigger of the class {trigger.class_name} has no counterpart")
    return reader(_state(trigger))


def _unreadable(trigger: Any, reason: str) -> OldSchedule:
    return OldSchedule({"type": "0.x", "text": describe(trigger)}, problems=(reason,))


def _state(thing: OldObject) -> dict[str, Any]:
    """The attributes of an object: of its dict, of its slots (a list or tuple of two), or both."""
    parts = thing.state if isinstance(thing.state, (list, tuple)) else (thing.state,)
    merged: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, dict):
            merged |= part
    return merged


def _cron(state: dict[str, Any]) -> OldSchedule:
    texts, given = {}, {}
    for cron_field in _list(state.get("fields")):
        inner = _state(cron_field) if isinstance(cron_field, OldObject) else {}
        name = as_text(inner.get("name"))
        if name not in CRON_FIELDS:
            raise UnmappedTrigger(f"{describe(name)} is no cron field")
        texts[name] = ",".join(_expression(part) for part in _list(inner.get("expressions")))
        if inner.get("is_default") is not True:
            given[name] = texts[name]
    if set(texts) != set(CRON_FIELDS):
        raise UnmappedTrigger("some of its cron fields are missing")
    spec = {"type": "cron", **_shortest(texts, given)}
    return _bounded(state, spec, jitter=state.get("jitter"))


def _shortest(texts: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """The fields to name, so that all others get the texts they have."""
    for candidate in (given, {"second": texts["second"]}):
        try:
            compiled = compile_fields(candidate)
        except InvalidTrigger:
            continue
        if {name: cron_field.text for name, cron_field in compiled.items()} == texts:
            return candidate
    return {name: texts[name] for name in CRON_FIELDS}


def _expression(part: Any) -> str:
    """One expression of a field, as it is written. Source: APScheduler 3 expressions.py."""
    name = part.class_name if isinstance(part, OldObject) else ""
    render = _RENDERERS.get(name.removeprefix(_EXPRESSIONS))
    if render is None or not name.startswith(_EXPRESSIONS):
        raise UnmappedTrigger(f"{describe(part)} is no cron expression")
    state = _state(part)
    try:
        return render(state)
    except (TypeError, IndexError) as error:
        raise UnmappedTrigger(f"{describe(part)} is no cron expression") from error


def _all_text(state: dict[str, Any]) -> str:
    step = _number(state, "step")
    return f"*/{step}" if step else "*"


def _range_text(state: dict[str, Any]) -> str:
    first, last, step = (_number(state, name) for name in ("first", "last", "step"))
    if first == last:
        return str(first)
    text = str(first) if last is None else f"{first}-{last}"
    return f"{text}/{step}" if step else text


def _named(names: tuple[str, ...], base: int) -> Callable[[dict[str, Any]], str]:
    def text(state: dict[str, Any]) -> str:
        first, last = _index(state, "first", base), _number(state, "last")
        if last is None or last == first + base:
            return names[first]
        return f"{names[first]}-{names[_index(state, 'last', base)]}"

    return text


def _position_text(state: dict[str, Any]) -> str:
    position, weekday = _index(state, "option_num"), _index(state, "weekday")
    return f"{_POSITIONS[position]} {_WEEKDAYS[weekday]}"


_RENDERERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "AllExpression": _all_text,
    "RangeExpression": _range_text,
    "MonthRangeExpression": _named(_MONTHS, 1),
    "WeekdayRangeExpression": _named(_WEEKDAYS, 0),
    "WeekdayPositionExpression": _position_text,
    "LastDayOfMonthExpression": lambda state: "last",
}


def _interval(state: dict[str, Any]) -> OldSchedule:
    interval, start = state.get("interval"), state.get("start_date")
    if not isinstance(interval, timedelta) or not isinstance(start, datetime):
        raise UnmappedTrigger("its interval or its start can not be read")
    anchor = _instant(start, "start_date").isoformat()
    # APScheduler counts from the start, which is also the first fire: an anchor says both.
    spec = {"type": "interval", "seconds": interval.total_seconds(), "anchor": anchor}
    return _bounded({**state, "start_date": None}, spec, jitter=state.get("jitter"))


def _date(state: dict[str, Any]) -> OldSchedule:
    run_date = _instant(state.get("run_date"), "run_date")
    return OldSchedule({"type": "date", "run_date": run_date.isoformat()})


def _combined(state: dict[str, Any], depth: int) -> OldSchedule:
    triggers = [_part(trigger) for trigger in _list(state.get("triggers"))]
    if depth >= _DEEPEST:
        raise UnmappedTrigger("triggers within triggers without end have no counterpart")
    if len(triggers) != 1:
        shown = "".join(f" {number}: {_shown(each)}" for number, each in enumerate(triggers[:5], 1))
        raise UnmappedTrigger(
            f"a combination of {len(triggers)} triggers has no counterpart{shown and ','}{shown}"
        )
    schedule = _read(triggers[0], depth + 1)
    return replace(schedule, jitter=state.get("jitter") or schedule.jitter)


def _part(trigger: Any) -> Any:
    """A trigger within another: APScheduler 3.11 keeps "module:class" and its state."""
    reference = as_text(trigger[0]) if isinstance(trigger, tuple) and len(trigger) == 2 else None
    if not isinstance(reference, str):
        return trigger
    module, _, name = reference.partition(":")
    return OldObject(OldName(module, name), state=trigger[1])


def _shown(trigger: Any) -> str:
    """What a trigger within another says, for its owner to write it anew."""
    try:
        # Of those that are combined themselves no more is told.
        schedule = _read(trigger, _DEEPEST)
    except UnmappedTrigger:
        return describe(trigger)
    return f"{json.dumps(schedule.spec)} in {schedule.timezone}"


_TRIGGERS = "apscheduler.triggers."
_READERS: dict[str, Callable[[dict[str, Any]], OldSchedule]] = {
    _TRIGGERS + "cron.CronTrigger": _cron,
    _TRIGGERS + "interval.IntervalTrigger": _interval,
    _TRIGGERS + "date.DateTrigger": _date,
}
_COMBINATIONS = (_TRIGGERS + "combining.AndTrigger", _TRIGGERS + "combining.OrTrigger")


def _bounded(state: dict[str, Any], spec: dict[str, Any], jitter: Any) -> OldSchedule:
    """The schedule with its zone and bounds; a zone without counterpart is a problem of it."""
    start, end = (
        None if state.get(name) is None else _instant(state.get(name), name)
        for name in ("start_date", "end_date")
    )
    try:
        name, problems = zone_name(state.get("timezone")), ()
    except UnmappedZone as error:
        return OldSchedule(spec, error.shown[:100], start, end, jitter, (str(error),))
    return OldSchedule(spec, name, start, end, jitter, problems)


def _instant(value: Any, name: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise UnmappedTrigger(f"its {name} {describe(value)} can not be read")
    try:
        return value.astimezone(timezone.utc)
    except OverflowError as error:
        raise UnmappedTrigger(f"its {name} {describe(value)} is no time in UTC") from error


def _list(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > 1000:
        raise UnmappedTrigger("a list in it can not be read")
    return list(value)


def _number(state: dict[str, Any], name: str) -> int | None:
    value = state.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**6:
        raise TypeError("a number is needed")
    return value


def _index(state: dict[str, Any], name: str, base: int = 0) -> int:
    value = _number(state, name)
    if value is None or value < base:
        raise IndexError(name)
    return value - base
