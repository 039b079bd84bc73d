"""Crontab lines, with the meaning that crontab gives them.

Source: crontab(5) of Vixie cron and cronie. Where the two differ, or say nothing, the comments
say what is done here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger as ApsCronTrigger

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.base import Bounds
from ndscheduler.corescheduler.triggers.cron import WallClockTrigger
from ndscheduler.corescheduler.triggers.dates import DateRule, Dates
from ndscheduler.corescheduler.triggers.nominal import NominalTimes, TimesOfDay
from ndscheduler.corescheduler.triggers.zones import Zone

EXPRESSION = "trigger.expression"

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_LENGTH_MAX = 1000
_PART = re.compile(
    r"(?P<first>\*|[0-9]+|[a-z]+)(?:-(?P<last>[0-9]+|[a-z]+))?(?:/(?P<step>[0-9]+))?"
)
_SUNDAY = 7


@dataclass(frozen=True)
class Field:
    """One of the five fields: its name, the values it may have, and names for them."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of month", 1, 31)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTH = Field("month", 1, 12, _MONTHS)
DAY_OF_WEEK = Field("day of week", 0, _SUNDAY, _WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY, MONTH, DAY_OF_WEEK)


class CrontabTrigger(WallClockTrigger):
    """Fires as cron would for the line "minute hour day month day-of-week", or for @daily & co."""

    type = "crontab"

    def __init__(self, expression: Any, zone: Zone, bounds: Bounds) -> None:
        self.expression = _normalised(expression)
        self._texts = _five_fields(self.expression)
        super().__init__(_nominal_times(self._texts), zone, bounds)

    @property
    def takes_either_day(self) -> bool:
        """True if the days of the month and those of the week each do: both are restricted."""
        return _restricts_both_days(self._texts)

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, "expression": self.expression}

    def describe(self) -> str:
        return f"crontab[{self.expression}]"

    def to_apscheduler(self) -> BaseTrigger:
        """Equal save where day and day of week are both restricted: APScheduler can not say or."""
        minute, hour, day, month, day_of_week = map(_listed, FIELDS, self._texts)
        return ApsCronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=day_of_week,
            start_date=self.start,
            end_date=self.end,
            timezone=self.zone.tz,
        )


def _normalised(expression: Any) -> str:
    """The line with single spaces. Raises InvalidTrigger unless it is a line of sane length."""
    if not isinstance(expression, str):
        raise InvalidTrigger(EXPRESSION, f"must be a string, not {type(expression).__name__}")
    if len(expression) > _LENGTH_MAX:
        raise InvalidTrigger(EXPRESSION, f"is longer than {_LENGTH_MAX} characters")
    return " ".join(expression.split())


def _five_fields(expression: str) -> tuple[str, ...]:
    """The texts of the five fields, lower case, @-names replaced by what they stand for."""
    line = expression.lower()
    if line == "@reboot":
        raise InvalidTrigger(EXPRESSION, "@reboot names no time; a job needs a time to fire at")
    if line.startswith("@") and line not in NICKNAMES:
        known = ", ".join(NICKNAMES)
        raise InvalidTrigger(EXPRESSION, f"{expression!r} is not one of {known}")
    texts = tuple(NICKNAMES.get(line, line).split())
    if len(texts) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise InvalidTrigger(
            EXPRESSION, f"a crontab line has five fields ({names}), not {len(texts)}"
        )
    return texts


def _nominal_times(texts: tuple[str, ...]) -> NominalTimes:
    minutes, hours, days, months, weekdays = map(_members, FIELDS, texts)
    either = _restricts_both_days(texts)
    rule = DateRule(
        months=months, days=days, weekdays=frozenset(map(_from_monday, weekdays)), either=either
    )
    return NominalTimes(Dates(rule), TimesOfDay(hours, minutes, (0,)))


def _restricts_both_days(texts: tuple[str, ...]) -> bool:
    # A field that starts with "*", even "*/2", counts as unrestricted: Vixie cron's DOM_STAR.
    return not texts[2].startswith("*") and not texts[4].startswith("*")


def _members(field: Field, text: str) -> frozenset[int]:
    """The values that the text of a field names; of days of the week, Sunday may be 0 and 7."""
    return frozenset(value for part in text.split(",") for value in _range(field, part))


def _range(field: Field, part: str) -> range:
    """The values of one part of a list: "*", "5", "1-5", "mon-fri", each with or without "/step".

    "5/10" is 5-59/10, as in cronie; older crons read it as 5.
    """
    match = _PART.fullmatch(part)
    if match is None or (match["first"] == "*" and match["last"]):
        raise _bad(field, part, f"is not understood{_hint(part)}")
    step = _step(field, part, match["step"])
    if match["first"] == "*":
        return range(field.low, field.high + 1, step)
    first = _number(field, part, match["first"])
    if match["last"] is None:
        # The week of "1/2" ends on Saturday: Sunday, its 7, is already the week's 0.
        end = field.high - (field is DAY_OF_WEEK)
        return range(first, (max(first, end) if match["step"] else first) + 1, step)
    last = _number(field, part, match["last"])
    if match["last"] == "sun" and first > 0:
        last = _SUNDAY
    if last < first:
        raise _bad(field, part, "is a range that ends before it begins")
    return range(first, last + 1, step)


def _step(field: Field, part: str, text: str | None) -> int:
    values = field.high - field.low + (0 if field is DAY_OF_WEEK else 1)
    step = 1 if text is None else int(text)
    if not 1 <= step <= values:
        raise _bad(field, part, f"has a step that is not between 1 and {values}")
    return step


def _number(field: Field, part: str, text: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdigit():
        names = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
        words = f"is not understood; write {field.low} to {field.high}{names}{_hint(part)}"
        raise _bad(field, part, words)
    number = int(text)
    if not field.low <= number <= field.high:
        raise _bad(field, part, f"is out of range: {field.low} to {field.high}")
    return number


def _bad(field: Field, part: str, reason: str) -> InvalidTrigger:
    return InvalidTrigger(EXPRESSION, f"{part!r} in the field {field.name} {reason}")


def _hint(part: str) -> str:
    """What to say about signs that other schedulers know and crontab does not."""
    if any(sign in part for sign in "?#") or part in ("l", "w") or re.fullmatch("[0-9]+[lw]", part):
        return "; ?, L, W and # are not part of crontab (cron fields take 'last' and '1st mon')"
    return ""


def _from_monday(weekday: int) -> int:
    """crontab's day of the week (0 and 7 are Sunday) as Python's (0 is Monday)."""
    return (weekday - 1) % 7


def _listed(field: Field, text: str) -> str:
    """The field as an APScheduler expression."""
    if text == "*":
        return text
    members = _members(field, text)
    if field is DAY_OF_WEEK:
        members = frozenset(map(_from_monday, members))
    return ",".join(map(str, sorted(members)))
