"""Query parameters and headers, checked; errors name the parameter, unknown ones are ignored."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from ndscheduler.corescheduler.clock import FIRST_INSTANT
from ndscheduler.corescheduler.constants import AUDIT_LOG_DICT, ExecutionState, JobStatus
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.service import (
    JOB_SORTS,
    NEXT_RUN,
    AuditFilter,
    ExecutionFilter,
    JobFilter,
    PageRequest,
)
from ndscheduler.corescheduler.service_checks import parse_instant, shortened

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
# As many as a job may have.
MAX_TAGS = 50
DEFAULT_RANGE = timedelta(minutes=10)

_REV = re.compile(r'(?:W/)?"?([0-9]{1,18})(?:-[0-9a-f]+)?"?')
_STATES = {state.label: state for state in ExecutionState} | {
    "queued": ExecutionState.SCHEDULED,
    "scheduled_error": ExecutionState.SCHEDULED_ERROR,
}


class Query:
    """The query parameters of one request. `values_of(name)` gives all values of one name."""

    def __init__(self, values_of: Callable[[str], list[str]]) -> None:
        self._values_of = values_of

    def text(self, name: str) -> str | None:
        """The last value of `name`; None when there is none or it is empty."""
        values = self._values_of(name)
        return values[-1] or None if values else None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """The whole number `name`, from `least` to `most`."""
        values = self._values_of(name)
        return _whole_number(values[-1], name, least, most) if values else default

    def is_paged(self) -> bool:
        """True when the client asks for one page, not for the whole list."""
        return bool(self._values_of("limit") or self._values_of("cursor"))

    def page(self) -> PageRequest:
        """The page that `limit` and `cursor` ask for, with a total."""
        limit = self.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        return PageRequest(limit=limit, cursor=self.text("cursor"), with_total=True)

    def jobs(self) -> JobFilter:
        """Which jobs: q, tag (may be repeated), paused, job_class_string, status."""
        return JobFilter(
            q=self.text("q"),
            tags=self._tags(),
            is_paused=self._flag("paused"),
            job_class_string=self.text("job_class_string"),
            statuses=_statuses(self.text("status")),
        )

    def job_sort(self) -> str:
        """The order of jobs: `sort`, by default the next to fire first."""
        sort = self.text("sort") or NEXT_RUN
        if sort.removeprefix("-") not in JOB_SORTS:
            known = ", ".join(JOB_SORTS)
            reason = f'{shortened(sort)} is no order; the orders are {known}, or "-" and one'
            raise InvalidInput("sort", reason)
        return sort

    def includes(self, *known: str) -> frozenset[str]:
        """What `include` asks for beside the usual: some of `known`."""
        asked = frozenset((self.text("include") or "").split(",")) - {""}
        for word in sorted(asked.difference(known)):
            reason = f"{shortened(word)} can not be included; {', '.join(known)} can"
            raise InvalidInput("include", reason)
        return asked

    def executions(self, now: datetime) -> ExecutionFilter:
        """Which executions: q, state, job_id, tag, trigger_kind, host, requested_by, time range."""
        start, end = self.time_range(now)
        return ExecutionFilter(
            q=self.text("q"),
            states=_states(self.text("state")),
            job_id=self.text("job_id"),
            tag=self.text("tag"),
            trigger_kind=self.text("trigger_kind"),
            host=self.text("host"),
            requested_by=self.text("requested_by"),
            time_start=start,
            time_end=end,
        )

    def audit_logs(self, now: datetime) -> AuditFilter:
        """Which audit entries: q, job_id, user, event, time_range_start and _end."""
        start, end = self.time_range(now)
        return AuditFilter(
            q=self.text("q"),
            job_id=self.text("job_id"),
            user=self.text("user"),
            event=_event(self.text("event")),
            time_start=start,
            time_end=end,
        )

    def time_range(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """time_range_start and time_range_end; for a whole list the last 10 minutes by default."""
        start = self.instant("time_range_start")
        end = self.instant("time_range_end")
        if start and end and end < start:
            raise InvalidInput("time_range_end", "is before time_range_start")
        if self.is_paged():
            return start, end
        return start or now - DEFAULT_RANGE, end or now

    def span(self, now: datetime, default: timedelta, most: timedelta) -> tuple[datetime, datetime]:
        """time_range_start and time_range_end, by default the time `default` up to `now`.

        Raises InvalidInput for more than `most`.
        """
        given_end = self.instant("time_range_end")
        end = given_end or now
        start = self.instant("time_range_start") or earlier(end, default)
        if end < start and given_end is None:
            raise InvalidInput("time_range_start", "is after now, and there is no time_range_end")
        if end < start:
            raise InvalidInput("time_range_end", "is before time_range_start")
        if end - start > most:
            reason = f"is more than {most.days} days before time_range_end"
            raise InvalidInput("time_range_start", reason)
        return start, end

    def instant(self, name: str) -> datetime | None:
        """The instant that `name` names."""
        values = self._values_of(name)
        return parse_instant(values[-1], name) if values else None

    def _tags(self) -> tuple[str, ...]:
        # Each is a condition of its own, of which databases take so many.
        tags = tuple(dict.fromkeys(tag for tag in self._values_of("tag") if tag))
        if len(tags) > MAX_TAGS:
            raise InvalidInput("tag", f"may be there at most {MAX_TAGS} times")
        return tags

    def _flag(self, name: str) -> bool | None:
        text = self.text(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false", "1", "0"):
            raise InvalidInput(name, f"must be true or false, not {shortened(text)}")
        return text.lower() in ("true", "1")


def earlier(instant: datetime, duration: timedelta) -> datetime:
    """The instant so long before `instant`, or the first that there is."""
    return FIRST_INSTANT if instant - FIRST_INSTANT < duration else instant - duration


def expected_rev(if_match: str | None) -> int | None:
    """The rev that an If-Match header names; None when it names none or is `*`.

    Takes the bare rev and the Etag of the job, which begins with the rev.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = _REV.fullmatch(if_match.strip())
    if match is None:
        raise InvalidInput("If-Match", "must be the rev of the job, such as 3")
    return int(match[1])


def _whole_number(text: str, name: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise InvalidInput(name, f"must be a whole number from {least} to {most}")
    return int(text)


def _statuses(text: str | None) -> tuple[JobStatus, ...]:
    words = [] if text is None else text.split(",")
    return tuple(dict.fromkeys(_status(word.strip()) for word in words))


def _status(word: str) -> JobStatus:
    try:
        return JobStatus(word.lower())
    except ValueError as error:
        known = ", ".join(JobStatus)
        reason = f"{shortened(word)} is no status of a job; those are {known}"
        raise InvalidInput("status", reason) from error


def _states(text: str | None) -> tuple[ExecutionState, ...]:
    words = [] if text is None else text.split(",")
    return tuple(dict.fromkeys(_state(word.strip()) for word in words))


def _state(word: str) -> ExecutionState:
    if word.lower() in _STATES:
        return _STATES[word.lower()]
    if re.fullmatch(r"[0-9]{1,2}", word) and int(word) in list(ExecutionState):
        return ExecutionState(int(word))
    labels = ", ".join(state.label for state in ExecutionState)
    raise InvalidInput("state", f"{shortened(word)} is no state; the states are {labels}")


def _event(text: str | None) -> int | None:
    if text is None:
        return None
    for number, label in AUDIT_LOG_DICT.items():
        if text.lower() == label.lower() or text == str(number):
            return number
    raise InvalidInput("event", f"{shortened(text)} is no event of the audit log")
