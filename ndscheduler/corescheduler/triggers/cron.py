"""Triggers that read a wall clock: cron fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger as ApsCronTrigger

from ndscheduler.corescheduler.clock import EPOCH, to_micros
from ndscheduler.corescheduler.triggers.base import Bounds, ClockChange, Trigger
from ndscheduler.corescheduler.triggers.cron_fields import compile_fields, nominal_times
from ndscheduler.corescheduler.triggers.mapping import Shift, Span, zoned
from ndscheduler.corescheduler.triggers.nominal import NominalTimes
from ndscheduler.corescheduler.triggers.zones import Zone

_MICROS = 1_000_000


class WallClockTrigger(Trigger):
    """Base of the triggers that fire when the clock of a zone shows one of a set of times."""

    def __init__(self, nominal: NominalTimes, zone: Zone, bounds: Bounds) -> None:
        super().__init__(zone, bounds)
        self._times = zoned(nominal, zone)

    def clock_changes(self, after: datetime, until: datetime) -> list[ClockChange]:
        first = max(to_micros(after) + 1, self._from)
        last = min(to_micros(until), self._to)
        start, stop = -(-first // _MICROS), last // _MICROS + 1
        shifts = self._times.shifts(start, stop) if start < stop else []
        return [_clock_change(shift) for shift in shifts]

    def _next(self, micros: int) -> int | None:
        second = self._times.next(-(-micros // _MICROS))
        return None if second is None else second * _MICROS

    def _span(self, first: int, last: int) -> Span | None:
        span = self._times.span(-(-first // _MICROS), last // _MICROS + 1)
        if span is None:
            return None
        return Span(span.count, span.first * _MICROS, span.last * _MICROS)


def _clock_change(shift: Shift) -> ClockChange:
    return ClockChange(
        at=EPOCH + timedelta(seconds=shift.at),
        before=_reading(shift.before),
        after=_reading(shift.after),
        count=shift.count,
        first=_reading(shift.first),
        last=_reading(shift.last),
        meets_one=shift.meets_one,
    )


def _reading(nominal: int) -> datetime:
    """What the clock shows, naive."""
    return EPOCH.replace(tzinfo=None) + timedelta(seconds=nominal)


class CronTrigger(WallClockTrigger):
    """Fires when all cron fields match: year month day week day_of_week hour minute second.

    Unlike crontab, day and day_of_week are AND-ed, and day_of_week 0 is Monday.
    """

    type = "cron"

    def __init__(self, values: Mapping[str, Any], zone: Zone, bounds: Bounds) -> None:
        fields = compile_fields(values)
        super().__init__(nominal_times(fields), zone, bounds)
        self._strings = {name: field.text for name, field in fields.items()}
        self._given = {name: field.text for name, field in fields.items() if not field.is_default}

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, **self._given}

    def cron_strings(self) -> dict[str, str]:
        return {name: self._strings[name] for name in super().cron_strings()}

    def describe(self) -> str:
        return f"cron[{', '.join(f'{name}={text!r}' for name, text in self._given.items())}]"

    def to_apscheduler(self) -> BaseTrigger:
        return ApsCronTrigger(
            **self._given, start_date=self.start, end_date=self.end, timezone=self.zone.tz
        )
