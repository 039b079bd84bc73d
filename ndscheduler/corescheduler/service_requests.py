"""What a user may send, as pydantic models; the service takes these and nothing rawer.

Types are strict: "5" is no number and true is no 1. Two leniencies stay for clients of old: a
cron field may be a whole number, and `pub_args` may be null, "" or 0 for "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    model_validator,
)

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.definitions import UNSET, JobFields
from ndscheduler.corescheduler.errors import InvalidInput, MissingParameter
from ndscheduler.corescheduler.service_checks import parse_instant, shortened, validated

SCHEDULE_FIELDS = ("month", "day", "week", "day_of_week", "hour", "minute")
# One of these must be there; the order is that of the message of old. `week` does not count.
REQUIRED_CRON_FIELDS = ("month", "day", "hour", "minute", "day_of_week")
REQUIRED_FIELDS = ("name", "job_class_string")

READ_ONLY_FIELDS = frozenset(
    [
        "job_id",
        "next_run_time",
        "rev",
        "paused",
        "paused_by",
        "paused_at",
        "paused_until",
        "paused_reason",
        "created_at",
        "updated_at",
        "executor",
        "error",
    ]
)

TEN_YEARS_SECONDS = 10 * 366 * 24 * 3600


def _cron_text(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise ValueError("must be a string such as '*/5', or a whole number")


def instant_field(field: str) -> BeforeValidator:
    """Takes what `parse_instant` takes, and numbers."""

    def parse(value: Any) -> Any:
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ValueError("must be a time such as 2026-01-31T13:00:00Z, or null")
        return _parsed(str(value), field)

    return BeforeValidator(parse)


def _parsed(text: str, field: str) -> datetime:
    try:
        return parse_instant(text, field)
    except InvalidInput as error:
        # pydantic turns a ValueError into a problem of this field.
        raise ValueError(error.reason) from error


def _overlap(value: Any) -> Any:
    if value == "skip":
        return value
    if value in ("queue", "replace"):
        raise ValueError(f"{value!r} is not available yet; use 'skip'")
    raise ValueError("must be 'skip'")


def _tag(value: Any) -> Any:
    if isinstance(value, str) and (not value.strip() or "," in value):
        raise ValueError("must be a word or words, without a comma")
    return value.strip() if isinstance(value, str) else value


# What the description of the API says where a validator takes more than the type, or less.
TIME_OR_NULL = WithJsonSchema({"type": ["string", "number", "null"]})
CRON_SCHEMA = WithJsonSchema({"type": ["string", "integer", "null"], "maxLength": 1000})
TAG_SCHEMA = WithJsonSchema({"type": "string", "maxLength": 100, "pattern": r"^[^,]*[^\s,][^,]*$"})
OVERLAP_SCHEMA = WithJsonSchema({"type": "string", "enum": ["skip"]})
LIST_OR_NONE = WithJsonSchema({"anyOf": [{"type": "array"}, {"enum": [None, "", 0]}]})
TRIGGER_SCHEMA = WithJsonSchema(
    {
        "type": ["object", "null"],
        "properties": {"type": {"enum": ["cron", "crontab", "interval", "date"]}},
        "required": ["type"],
    }
)
NEEDS_SCHEDULE: dict[str, JsonValue] = {
    "anyOf": [{"required": [name]} for name in (*REQUIRED_CRON_FIELDS, "trigger")]
}

CronText = Annotated[
    Annotated[str, Field(max_length=1000)] | None, BeforeValidator(_cron_text), CRON_SCHEMA
]
Tag = Annotated[str, Field(max_length=100), BeforeValidator(_tag), TAG_SCHEMA]
TriggerFields = Annotated[dict[str, Any] | None, TRIGGER_SCHEMA]
Reason = Annotated[str, Field(max_length=1000)] | None


class Request(BaseModel):
    """A body that is checked strictly and never changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class JobRequest(Request):
    """A job as POST and PUT describe it, after the old rules are met. Only fields sent are set."""

    model_config = ConfigDict(json_schema_extra=NEEDS_SCHEDULE)

    name: str = Field(min_length=1, max_length=1000)
    job_class_string: str = Field(min_length=1, max_length=500)
    pub_args: Annotated[list[Any], LIST_OR_NONE] = []
    kwargs: dict[str, Any] | None = None
    month: CronText = None
    day: CronText = None
    week: CronText = None
    day_of_week: CronText = None
    hour: CronText = None
    minute: CronText = None
    trigger: TriggerFields = None
    timezone: str | None = Field(None, min_length=1, max_length=100)
    start_date: Annotated[datetime | None, instant_field("start_date"), TIME_OR_NULL] = None
    end_date: Annotated[datetime | None, instant_field("end_date"), TIME_OR_NULL] = None
    misfire_grace_time: int | None = Field(None, ge=1, le=TEN_YEARS_SECONDS)
    coalesce: bool = True
    max_instances: int = Field(1, ge=1, le=10_000)
    overlap: Annotated[str, BeforeValidator(_overlap), OVERLAP_SCHEMA] = "skip"
    tags: list[Tag] = Field([], max_length=50)
    description: str | None = Field(None, max_length=10_000)
    retry_on_crash: bool = False

    def to_fields(self) -> JobFields:
        """The fields that were sent, and the schedule; every other one is UNSET."""
        sent = self.model_fields_set
        plain = sent - {*SCHEDULE_FIELDS, "trigger", "pub_args", "kwargs", "tags"}
        values = {name: getattr(self, name) for name in plain}
        return JobFields(
            **values,
            trigger=self.schedule(),
            pub_args=arguments(self.pub_args, "pub_args") if "pub_args" in sent else UNSET,
            kwargs=arguments(self.kwargs or {}, "kwargs") if "kwargs" in sent else UNSET,
            tags=tuple(dict.fromkeys(self.tags)) if "tags" in sent else UNSET,
        )

    def schedule(self) -> dict[str, Any]:
        """The trigger as `make_trigger` takes it."""
        return schedule_of(self)


class PreviewRequest(Request):
    """A schedule to look at, before a job has it."""

    model_config = ConfigDict(json_schema_extra=NEEDS_SCHEDULE)

    month: CronText = None
    day: CronText = None
    week: CronText = None
    day_of_week: CronText = None
    hour: CronText = None
    minute: CronText = None
    trigger: TriggerFields = None
    timezone: str | None = Field(None, min_length=1, max_length=100)
    start_date: Annotated[datetime | None, instant_field("start_date"), TIME_OR_NULL] = None
    end_date: Annotated[datetime | None, instant_field("end_date"), TIME_OR_NULL] = None
    after: Annotated[datetime | None, instant_field("after"), TIME_OR_NULL] = None
    count: int = Field(10, ge=1, le=100)

    def schedule(self) -> dict[str, Any]:
        """The trigger as `make_trigger` takes it."""
        return schedule_of(self)


class PauseRequest(Request):
    """Why a job is paused, and when it goes on by itself."""

    reason: Reason = None
    until: Annotated[datetime | None, instant_field("until"), TIME_OR_NULL] = None


class ResumeRequest(Request):
    """Resuming takes no fields."""


class SkipNextRequest(Request):
    """Why the next fire is skipped."""

    reason: Reason = None


class RunRequest(Request):
    """Arguments for one execution; those of the job where absent.

    `arguments_of` is an execution of the job whose arguments are taken again, by who need not be
    shown them.
    """

    pub_args: list[Any] = []
    kwargs: dict[str, Any] = {}
    arguments_of: str | None = Field(None, min_length=1, max_length=191)

    @model_validator(mode="after")
    def take_arguments_from_one_place(self) -> RunRequest:
        """Refuses arguments beside `arguments_of`."""
        if self.arguments_of is not None and len(self.model_fields_set) > 1:
            raise ValueError("give either arguments_of, or pub_args and kwargs")
        return self

    def given(self, field: str) -> Any:
        """The argument values of `field`, or UNSET if it was not sent."""
        return arguments(getattr(self, field), field) if field in self.model_fields_set else UNSET


def job_request(body: Mapping[str, Any]) -> JobRequest:
    """`body` as a JobRequest. Raises InvalidInput; what was required of old is missed first."""
    for field in REQUIRED_FIELDS:
        if field not in body:
            raise MissingParameter(field)
    _require_schedule(body)
    _refuse_unknown(body)
    fields = dict(body)
    if fields.get("pub_args", []) in (None, "", 0) and fields["pub_args"] is not False:
        fields["pub_args"] = []
    return validated(JobRequest, fields)


def preview_request(body: Mapping[str, Any]) -> PreviewRequest:
    """`body` as a PreviewRequest. Raises InvalidInput."""
    _require_schedule(body)
    return validated(PreviewRequest, dict(body))


def arguments(value: Any, field: str) -> Any:
    """The argument values that JSON `value` stands for (see `codec`). Raises InvalidArgument."""
    return codec.from_json(value, field)


def schedule_of(request: JobRequest | PreviewRequest) -> dict[str, Any]:
    """The trigger of `request` as `make_trigger` takes it."""
    if request.trigger is not None:
        return request.trigger
    values = {name: getattr(request, name) for name in SCHEDULE_FIELDS}
    cron = {name: value for name, value in values.items() if value is not None}
    return {"type": "cron", **cron}


def _require_schedule(body: Mapping[str, Any]) -> None:
    cron = [name for name in SCHEDULE_FIELDS if body.get(name) is not None]
    if body.get("trigger") is not None:
        if cron:
            raise InvalidInput("trigger", f"give either trigger or {cron[0]}, not both")
        return
    if not any(name in REQUIRED_CRON_FIELDS for name in cron):
        names = list(REQUIRED_CRON_FIELDS)
        raise InvalidInput("", f"Require at least one of following parameters: {names}")


def _refuse_unknown(body: Mapping[str, Any]) -> None:
    for field in body:
        if field in JobRequest.model_fields:
            continue
        if field in READ_ONLY_FIELDS:
            raise InvalidInput(field, "can not be set; leave it out")
        if field in ("year", "second"):
            hint = f'write it as {{"trigger": {{"type": "cron", "{field}": ...}}}}'
            raise InvalidInput(field, f"is no field of a job; {hint}")
        reason = "is no field of a job; keyword arguments of run() go into `kwargs`"
        raise InvalidInput(field if len(field) <= 60 else shortened(field), reason)
