"""The cron fields of a job: checked and normalised by APScheduler's field classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apscheduler.triggers.cron import CronTrigger as ApsCronTrigger
from apscheduler.triggers.cron.expressions import (
    LastDayOfMonthExpression,
    RangeExpression,
    WeekdayPositionExpression,
)
from apscheduler.triggers.cron.fields import (
    DEFAULT_VALUES,
    MAX_VALUES,
    MIN_VALUES,
    SEPARATOR,
    BaseField,
)

from ndscheduler.corescheduler.errors import InvalidTrigger
from ndscheduler.corescheduler.triggers.dates import ALL_YEARS, LAST, DateRule, Dates
from ndscheduler.corescheduler.triggers.nominal import NominalTimes, TimesOfDay

CRON_FIELDS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")

_LENGTH_MAX = 500
_NUMBER_MAX = 10**9
_HINTS = {
    "day_of_week": "0 is Monday and 6 is Sunday; or write mon to sun",
    "month": "write 1 to 12, or jan to dec",
}


@dataclass(frozen=True, slots=True)
class CronField:
    """One checked field: its normalised text and what it names.

    `members` are the numbers of its plain and range expressions; `positions` holds (n, weekday)
    for words such as "2nd tue", with LAST for the last of a month.
    """

    text: str
    is_default: bool
    members: frozenset[int]
    positions: frozenset[tuple[int, int]]
    is_last_day: bool


def compile_fields(values: Mapping[str, Any]) -> dict[str, CronField]:
    """A checked field for each of CRON_FIELDS; those absent or None get APScheduler's defaults.

    Fields less significant than the least significant one given default to their minimum, the
    others to "*". Raises InvalidTrigger that names the field, also when none is given.
    Source: APScheduler 3.11 CronTrigger.__init__.
    """
    given = [name for name in CRON_FIELDS if values.get(name) is not None]
    if not given:
        names = ", ".join(CRON_FIELDS)
        raise InvalidTrigger("trigger", f"at least one of the cron fields is needed: {names}")
    least = CRON_FIELDS.index(given[-1])
    compiled = {}
    for place, name in enumerate(CRON_FIELDS):
        if name in given:
            compiled[name] = _compile(name, _text(name, values[name]))
        else:
            default = str(DEFAULT_VALUES[name]) if place > least else "*"
            compiled[name] = _compile(name, default, is_default=True)
    return compiled


def nominal_times(fields: Mapping[str, CronField]) -> NominalTimes:
    """The nominal times at which all of `fields` match."""
    day = fields["day"]
    rule = DateRule(
        months=fields["month"].members,
        days=day.members,
        weekdays=fields["day_of_week"].members,
        weeks=fields["week"].members,
        positions=day.positions,
        is_last_day=day.is_last_day,
    )
    year = fields["year"]
    years = ALL_YEARS if year.text == "*" else sorted(year.members)
    times = _times_of_day(*(fields[name].members for name in ("hour", "minute", "second")))
    return NominalTimes(Dates(rule, years), times)


@lru_cache(4096)
def _times_of_day(
    hours: frozenset[int], minutes: frozenset[int], seconds: frozenset[int]
) -> TimesOfDay:
    return TimesOfDay(hours, minutes, seconds)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        kind = type(value).__name__
        raise InvalidTrigger(name, f"must be a string or a whole number, not {kind}")
    if isinstance(value, int) and abs(value) > _NUMBER_MAX:
        raise InvalidTrigger(name, "is out of range")
    text = str(value)
    if len(text) > _LENGTH_MAX:
        raise InvalidTrigger(name, f"is longer than {_LENGTH_MAX} characters")
    return text


# Thousands of jobs share few expressions per field: each is compiled once.
@lru_cache(4096)
def _compile(name: str, text: str, is_default: bool = False) -> CronField:
    try:
        field = ApsCronTrigger.FIELDS_MAP[name](name, text)
    except ValueError as error:
        raise InvalidTrigger(name, _with_hint(name, str(error))) from error
    for part, expression in zip(SEPARATOR.split(text.strip()), field.expressions, strict=True):
        _check_whole(name, part, expression)
    positions = (
        (LAST if part.option_num == 5 else part.option_num + 1, part.weekday)
        for part in field.expressions
        if isinstance(part, WeekdayPositionExpression)
    )
    return CronField(
        text=str(field),
        is_default=is_default,
        members=_members(field),
        positions=frozenset(positions),
        is_last_day=any(isinstance(e, LastDayOfMonthExpression) for e in field.expressions),
    )


def _check_whole(name: str, part: str, expression: Any) -> None:
    """Refuse what APScheduler reads in part and drops in silence: mon#1, mon-fri/2, 0-0/5."""
    if not expression.value_re.fullmatch(part):
        reason = f'Unrecognized expression "{part}" for field "{name}"'
        if "#" in part:
            reason += "; for the first Monday of a month give 1st mon as the day"
        raise InvalidTrigger(name, _with_hint(name, reason))
    is_range = isinstance(expression, RangeExpression)
    if is_range and expression.step and expression.first == expression.last:
        raise InvalidTrigger(name, f"Error validating expression '{part}': one value has no step")


def _with_hint(name: str, reason: str) -> str:
    return f"{reason} ({_HINTS[name]})" if name in _HINTS else reason


def _members(field: BaseField) -> frozenset[int]:
    """The numbers that the field's plain and range expressions name."""
    low, high = MIN_VALUES[field.name], MAX_VALUES[field.name]
    members: set[int] = set()
    for part in field.expressions:
        if isinstance(part, (WeekdayPositionExpression, LastDayOfMonthExpression)):
            continue
        first = getattr(part, "first", low)
        last = getattr(part, "last", None)
        members.update(range(first, (high if last is None else last) + 1, part.step or 1))
    return frozenset(members)
