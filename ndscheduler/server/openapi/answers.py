"""What comes out: the JSON of jobs, executions and the rest, as `shapes` and its like write it.

What users' own code decides, such as arguments and what a job class says of itself, is free.
"""

from __future__ import annotations

from collections.abc import Mapping

from ndscheduler.corescheduler.account_models import AccountSource
from ndscheduler.corescheduler.attention import Kind
from ndscheduler.corescheduler.constants import TriggerKind
from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.schedule_warnings import WarningCode
from ndscheduler.server.auth.principal import Way
from ndscheduler.server.openapi.schemas import (
    ANYTHING,
    COUNT,
    DAY,
    INSTANT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    Schema,
    array,
    mapping,
    one_of,
    or_null,
    record,
    ref,
)
from ndscheduler.server.shapes import CRON_FIELDS

MAYBE_TEXT = or_null(TEXT)
MAYBE_INSTANT = or_null(INSTANT)
MAYBE_NUMBER = or_null(NUMBER)
ARGUMENTS = {"pub_args": or_null(array(ANYTHING)), "kwargs": or_null({"type": "object"})}
CRON_STRINGS = dict.fromkeys(CRON_FIELDS, TEXT)
ROLE = or_null(one_of(Role))
# Users' code may add states and events of its own to those that are there.
STATE = {**TEXT, "description": "scheduled, running, stopping, stopped, failed, succeeded, ..."}
COUNTS_BY_STATE = mapping(COUNT)

JOB = record(
    {
        "job_id": TEXT,
        "name": TEXT,
        "next_run_time": {**TEXT, "description": 'A time, or "" where there is none.'},
        "job_class_string": TEXT,
        **ARGUMENTS,
        **CRON_STRINGS,
        "trigger": ANYTHING,
        "timezone": TEXT,
        "start_date": MAYBE_INSTANT,
        "end_date": MAYBE_INSTANT,
        "misfire_grace_time": or_null(WHOLE),
        "coalesce": YES_NO,
        "max_instances": COUNT,
        "overlap": TEXT,
        "executor": TEXT,
        "retry_on_crash": YES_NO,
        "tags": array(TEXT),
        "description": MAYBE_TEXT,
        "rev": COUNT,
        "paused": YES_NO,
        "paused_by": MAYBE_TEXT,
        "paused_at": MAYBE_INSTANT,
        "paused_until": MAYBE_INSTANT,
        "paused_reason": MAYBE_TEXT,
        "created_at": INSTANT,
        "updated_at": INSTANT,
    },
    maybe={"error": TEXT, "summary": ref("JobSummary")},
)

BRIEF = {
    "execution_id": TEXT,
    "state": STATE,
    "scheduled_time": INSTANT,
    "started_time": MAYBE_INSTANT,
    "finished_time": MAYBE_INSTANT,
    "duration": MAYBE_NUMBER,
}

JOB_SUMMARY = record(
    {
        "recent": array({"type": "array", "minItems": 4, "maxItems": 4}),
        "last": {
            "anyOf": [
                record({**BRIEF, "error_summary": MAYBE_TEXT, "reason": MAYBE_TEXT}),
                {"type": "null"},
            ]
        },
        "running": COUNT,
        "queued": COUNT,
        "usual_duration": MAYBE_NUMBER,
        "ended": COUNTS_BY_STATE,
        "failures_in_a_row": COUNT,
    }
)

JOB_OF_EXECUTION = record(
    {
        "job_id": TEXT,
        "name": TEXT,
        "task_name": TEXT,
        "pub_args": ARGUMENTS["pub_args"],
        "timezone": TEXT,
        **CRON_STRINGS,
    }
)

EXECUTION = record(
    {
        "execution_id": TEXT,
        "state": STATE,
        "hostname": MAYBE_TEXT,
        "pid": or_null(WHOLE),
        "task_id": MAYBE_TEXT,
        "description": MAYBE_TEXT,
        "scheduled_time": INSTANT,
        "updated_time": INSTANT,
        "job_id": TEXT,
        "job_name": TEXT,
        "job_class_string": TEXT,
        **ARGUMENTS,
        "fire_time": MAYBE_INSTANT,
        "first_fire_time": MAYBE_INSTANT,
        "count": COUNT,
        "started_time": MAYBE_INSTANT,
        "finished_time": MAYBE_INSTANT,
        "trigger_kind": one_of(TriggerKind),
        "requested_by": MAYBE_TEXT,
        "attempt": COUNT,
        "retry_of": MAYBE_TEXT,
        "reason": MAYBE_TEXT,
        "error_summary": MAYBE_TEXT,
        "exit_code": or_null(WHOLE),
    },
    maybe={
        "result": MAYBE_TEXT,
        "result_brief": MAYBE_TEXT,
        "result_length": or_null(COUNT),
        "duration": MAYBE_NUMBER,
        "delay": MAYBE_NUMBER,
        "job": JOB_OF_EXECUTION,
        "previous_id": MAYBE_TEXT,
        "next_id": MAYBE_TEXT,
        "attempts": array(record({**BRIEF, "attempt": COUNT, "retry_of": MAYBE_TEXT})),
    },
)

AUDIT_ENTRY = record(
    {
        "id": TEXT,
        "job_id": TEXT,
        "job_name": TEXT,
        "event": TEXT,
        "user": TEXT,
        "remote": MAYBE_TEXT,
        "created_time": INSTANT,
        "description": MAYBE_TEXT,
        "changes": or_null({"type": "object"}),
    }
)

JOB_CLASS = {
    **record(
        {
            "job_class_string": TEXT,
            "package": TEXT,
            "error": MAYBE_TEXT,
            "notes": ANYTHING,
            "arguments": ANYTHING,
            "example_arguments": ANYTHING,
        }
    ),
    # What meta_info() says.
    "additionalProperties": True,
}

PREVIEW = record(
    {
        "description": TEXT,
        "trigger": {"type": "object"},
        "timezone": TEXT,
        "never_fires": YES_NO,
        "fire_times": array(record({"utc": INSTANT, "local": TEXT})),
        "warnings": array(record({"code": one_of(WarningCode), "sentence": TEXT})),
    }
)

INSTANCE = record(
    {
        "id": TEXT,
        "kind": TEXT,
        "hostname": TEXT,
        "pid": WHOLE,
        "version": TEXT,
        "started_at": INSTANT,
        "heartbeat_at": INSTANT,
        "stopped_at": MAYBE_INSTANT,
        "is_alive": YES_NO,
        "lease_seconds": NUMBER,
        "load": record({"running": COUNT, "threads": or_null(COUNT)}),
    }
)

STATS = record(
    {
        "jobs": record({"total": COUNT, "active": COUNT, "paused": COUNT}),
        "live": COUNTS_BY_STATE,
        "ended": COUNTS_BY_STATE,
        "since": INSTANT,
        "success_rate": MAYBE_NUMBER,
        "next_run": {
            "anyOf": [
                record({"job_id": TEXT, "name": TEXT, "fire_time": INSTANT}),
                {"type": "null"},
            ]
        },
        "broken_jobs": COUNT,
        "jobs_without_next_run": COUNT,
    }
)
PERIOD = {"counts": COUNTS_BY_STATE, "mean_duration": MAYBE_NUMBER}
HOUR, DAY_OF_MANY = record({"hour": INSTANT, **PERIOD}), record({"day": DAY, **PERIOD})

ATTENTION_ITEM = record(
    {
        "kind": one_of(Kind),
        "job_id": TEXT,
        "job_name": TEXT,
        "since": MAYBE_INSTANT,
        "last_time": INSTANT,
        "count": COUNT,
        "execution_id": MAYBE_TEXT,
        "sentence": TEXT,
    }
)

FIRE = record({"job_id": TEXT, "job_name": TEXT, "fire_time": INSTANT, "tags": array(TEXT)})

ABOUT_TEXTS = ("title", "version", "host", "user", "help_url", "issues_url", "timezone", "username")
ABOUT = record({**dict.fromkeys(ABOUT_TEXTS, TEXT), "job_packages": mapping(TEXT)})

SESSION = record(
    {
        "username": MAYBE_TEXT,
        "role": ROLE,
        "way": or_null(one_of(Way)),
        "login_required": YES_NO,
    },
    maybe={"source": or_null(one_of(AccountSource))},
)

ACCOUNT = record(
    {
        "name": TEXT,
        "role": ROLE,
        "source": one_of(AccountSource),
        "is_disabled": YES_NO,
        "created_at": MAYBE_INSTANT,
        "updated_at": MAYBE_INSTANT,
    }
)

TOKEN_FIELDS = {
    "id": TEXT,
    "name": TEXT,
    "role": ROLE,
    "made_by": TEXT,
    "created_at": INSTANT,
    "expires_at": MAYBE_INSTANT,
    "last_used_at": MAYBE_INSTANT,
}

ERROR = record({"error": TEXT}, maybe={"field": TEXT})

COMPONENTS: Mapping[str, Schema] = {
    "Job": JOB,
    "JobSummary": JOB_SUMMARY,
    "Execution": EXECUTION,
    "AuditEntry": AUDIT_ENTRY,
    "JobClass": JOB_CLASS,
    "Preview": PREVIEW,
    "Instance": INSTANCE,
    "Stats": STATS,
    "AttentionItem": ATTENTION_ITEM,
    "Fire": FIRE,
    "About": ABOUT,
    "Session": SESSION,
    "Account": ACCOUNT,
    "Token": record(TOKEN_FIELDS),
    "NewToken": record({**TOKEN_FIELDS, "token": TEXT}),
    "Error": ERROR,
}
