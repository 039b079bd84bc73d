"""Query parameters and headers, as `queries` checks them. Unknown parameters are ignored."""

from __future__ import annotations

from dataclasses import dataclass

from ndscheduler.corescheduler.constants import JobStatus
from ndscheduler.corescheduler.service import JOB_SORTS
from ndscheduler.server.handlers.upcoming import MOST_FIRES, MOST_HOURS
from ndscheduler.server.openapi.schemas import TEXT, Schema, array, one_of
from ndscheduler.server.queries import MAX_LIMIT

TIME = "A time in ISO 8601, or seconds since 1970."


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `place` is "query" or "header"."""

    name: str
    description: str
    schema: Schema
    place: str = "query"


def _text(name: str, description: str) -> Parameter:
    return Parameter(name, description, TEXT)


def _number(name: str, description: str, most: int) -> Parameter:
    return Parameter(name, description, {"type": "integer", "minimum": 1, "maximum": most})


def _include(word: str, what: str) -> Parameter:
    return _word("include", what, [word])


def _word(name: str, description: str, words: list[str]) -> Parameter:
    # An empty one is as if it were not there.
    return Parameter(name, description, one_of(["", *words]))


_SORTS = [word for sort in JOB_SORTS for word in (sort, f"-{sort}")]
_STATUS = "|".join(JobStatus)

JOB_ID = _text("job_id", "The id of a job.")
TAG = _text("tag", "A tag of jobs.")
SEARCH = _text("q", "Words that a name, a class, a description ... contains.")

PAGE = (
    _number("limit", "How many; with it, or with `cursor`, the list is one page.", MAX_LIMIT),
    _text("cursor", "`next_cursor` or `previous_cursor` of another page."),
)
RANGE_START = _text("time_range_start", TIME)
RANGE = (RANGE_START, _text("time_range_end", TIME))
JOBS = (
    SEARCH,
    Parameter("tag", "Tags that a job must all have.", array(TEXT)),
    _word("paused", "Paused jobs, or active ones.", ["true", "false", "1", "0"]),
    _text("job_class_string", "The class."),
    Parameter(
        "status",
        "Statuses, a comma between; a job has one of them.",
        {"type": "string", "pattern": f"^(({_STATUS})(,({_STATUS}))*)?$"},
    ),
    _word("sort", "The order.", _SORTS),
)
EXECUTIONS = (
    SEARCH,
    _text("state", "States by name or number, a comma between."),
    JOB_ID,
    TAG,
    _text("trigger_kind", "What caused it: schedule, manual, retry or chain."),
    _text("host", "The host it ran on."),
    _text("requested_by", "Who asked for it."),
)
LOGS = (SEARCH, JOB_ID, _text("user", "Who did it."), _text("event", "What was done."))
UNTIL = _text("until", TIME)
FIRES = _number("limit", "How many.", MOST_FIRES)
HOURS = _number("hours", "How many hours.", MOST_HOURS)
INCLUDE_SUMMARY = _include("summary", "How the jobs did.")
INCLUDE_BRIEF = _include("brief", "The beginning of each result in place of the result.")
INCLUDE_NEIGHBOURS = _include("neighbours", "The executions beside it, and its attempts.")
LAST_EVENT_ID = _text("last_event_id", "Behind which event to go on.")
IF_MATCH = Parameter("If-Match", "The `rev` that the job must have.", TEXT, "header")
