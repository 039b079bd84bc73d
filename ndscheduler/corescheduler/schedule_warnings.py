"""What may surprise the author of a schedule, said before a job has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ndscheduler.corescheduler.clock import LAST_INSTANT, MICROSECOND
from ndscheduler.corescheduler.triggers import ClockChange, CrontabTrigger, Trigger

_YEAR = timedelta(days=366)
_MINUTE = timedelta(minutes=1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A digit behind a slash is a step, not a day.
_DAY_NUMBER = re.compile(r"(?<![/\w])[0-6](?!\w)")


class WarningCode(str, Enum):
    """What a warning is about."""

    NEVER_FIRES = "never_fires"
    EVERY_SECOND = "every_second"
    CLOCK_CHANGE = "clock_change"
    MONDAY_IS_ZERO = "monday_is_zero"
    DAY_AND_DAY_OF_WEEK = "day_and_day_of_week"


@dataclass(frozen=True, slots=True)
class ScheduleWarning:
    """One thing to know of a schedule, in a sentence."""

    code: WarningCode
    sentence: str


def schedule_warnings(trigger: Trigger, after: datetime) -> list[ScheduleWarning]:
    """What may surprise in the fire times of `trigger` later than `after`; often nothing."""
    found = [
        (WarningCode.NEVER_FIRES, _never_fires(trigger, after)),
        (WarningCode.EVERY_SECOND, _every_second(trigger, after)),
        (WarningCode.MONDAY_IS_ZERO, _monday_is_zero(trigger)),
        (WarningCode.DAY_AND_DAY_OF_WEEK, _day_and_day_of_week(trigger)),
    ]
    warnings = [ScheduleWarning(code, sentence) for code, sentence in found if sentence]
    changes = trigger.clock_changes(after, _later(after, _YEAR))
    return warnings + [
        ScheduleWarning(WarningCode.CLOCK_CHANGE, _clock_change(change, trigger.timezone))
        for change in changes
    ]


def _never_fires(trigger: Trigger, after: datetime) -> str | None:
    if trigger.next_fire(after) is not None:
        return None
    if trigger.end is not None and trigger.end <= after:
        return "It never fires: its end has passed."
    return "It never fires: no time to come fits it."


def _every_second(trigger: Trigger, after: datetime) -> str | None:
    first = trigger.next_fire(after)
    if first is None:
        return None
    tally = trigger.tally(first - MICROSECOND, _later(first, _MINUTE) - MICROSECOND)
    if tally is None or tally.count < 60:
        return None
    return "It fires every second: that is 3,600 executions in an hour."


def _monday_is_zero(trigger: Trigger) -> str | None:
    text = str(trigger.to_json().get("day_of_week", "")) if trigger.type == "cron" else ""
    named = _DAY_NUMBER.sub(lambda match: _DAYS[int(match[0])], text)
    if named == text:
        return None
    return f"In day_of_week 0 is Monday, unlike in crontab: {text} means {named}."


def _day_and_day_of_week(trigger: Trigger) -> str | None:
    if isinstance(trigger, CrontabTrigger):
        if not trigger.takes_either_day:
            return None
        return (
            "It fires on the days of the month that it names, and on the days of the week too: "
            "in a crontab line either will do."
        )
    fields = trigger.to_json() if trigger.type == "cron" else {}
    if "*" in (fields.get("day", "*"), fields.get("day_of_week", "*")):
        return None
    return (
        "It fires only on days that fit both day and day_of_week, unlike in crontab, "
        "where either will do."
    )


def _clock_change(change: ClockChange, zone: str) -> str:
    date = change.before.date().isoformat()
    before, after = _clock(change.before), _clock(change.after)
    if change.is_gap:
        fires = change.count + change.meets_one
        which = _times(change, change.after if change.meets_one else change.last)
        what = f"the fire at {which} comes" if fires == 1 else f"the fires at {which} come as one"
        return f"On {date} clocks in {zone} go from {before} to {after}: {what} at {after}."
    which = _times(change, change.last)
    comes, fires_once = ("comes", "it fires") if change.count == 1 else ("come", "they fire")
    return (
        f"On {date} clocks in {zone} go back from {before} to {after}: "
        f"{which} {comes} twice, and {fires_once} the first time only."
    )


def _times(change: ClockChange, last: datetime) -> str:
    """The times that `change` concerns, up to `last`, in words."""
    if change.first == last:
        return _clock(last)
    is_pair = change.count + (last != change.last) == 2
    return f"{_clock(change.first)} {'and' if is_pair else 'to'} {_clock(last)}"


def _clock(reading: datetime) -> str:
    return reading.strftime("%H:%M:%S" if reading.second else "%H:%M")


def _later(instant: datetime, duration: timedelta) -> datetime:
    return LAST_INSTANT if LAST_INSTANT - instant < duration else instant + duration
