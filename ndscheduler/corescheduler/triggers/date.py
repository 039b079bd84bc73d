"""The date trigger: one instant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger as ApsDateTrigger

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.triggers.base import Bounds, Trigger
from ndscheduler.corescheduler.triggers.mapping import Span
from ndscheduler.corescheduler.triggers.zones import Zone


class DateTrigger(Trigger):
    """Fires once, at `run_date` (aware, UTC)."""

    type = "date"

    def __init__(self, run_date: datetime, zone: Zone, bounds: Bounds) -> None:
        super().__init__(zone, bounds)
        self.run_date = run_date
        self._micros = to_micros(run_date)

    def _next(self, micros: int) -> int | None:
        return self._micros if micros <= self._micros else None

    def _span(self, first: int, last: int) -> Span | None:
        return Span(1, self._micros, self._micros) if first <= self._micros <= last else None

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, "run_date": self.run_date.isoformat()}

    def describe(self) -> str:
        return str(self.to_apscheduler())

    def to_apscheduler(self) -> BaseTrigger:
        return ApsDateTrigger(self.run_date, timezone=self.zone.tz)
