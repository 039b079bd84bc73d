"""What is served: for each method and URL what goes in and what comes out, a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from ndscheduler.corescheduler.service_requests import (
    JobRequest,
    PauseRequest,
    PreviewRequest,
    ResumeRequest,
    RunRequest,
    SkipNextRequest,
)
from ndscheduler.server import account_requests as accounts
from ndscheduler.server.openapi import answers
from ndscheduler.server.openapi import parameters as query
from ndscheduler.server.openapi.parameters import Parameter
from ndscheduler.server.openapi.schemas import (
    COUNT,
    INSTANT,
    TEXT,
    YES_NO,
    Schema,
    array,
    one_of,
    or_null,
    record,
    ref,
)

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one URL.

    `answer` is what comes with `status`, None for nothing. `body` is what the request may have, and
    must have unless `is_body_optional`. `errors` are statuses beside those that are everywhere.
    """

    summary: str
    answer: Schema | None = None
    status: int = 200
    body: type[BaseModel] | Schema | None = None
    is_body_optional: bool = False
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    media_type: str = JSON
    is_old: bool = False


def _list(key: str, item: str) -> Schema:
    """A list, whole or a page of it."""
    cursor = or_null(TEXT)
    return record(
        {key: array(ref(item))},
        maybe={
            "next_cursor": cursor,
            "previous_cursor": cursor,
            "total": COUNT,
            "total_is_exact": YES_NO,
        },
    )


def _form(*names: str) -> Schema:
    return {**record(dict.fromkeys(names, TEXT)), "additionalProperties": True}


JOB_ID = record({"job_id": TEXT})
OK = record({"status": one_of(["ok"])})
LOGIN_ERRORS = (401, 429)

# Under /api/v1.
OF_API: Mapping[str, Operation] = {
    "GET /jobs": Operation(
        "All jobs, the next to fire first",
        _list("jobs", "Job"),
        parameters=(*query.PAGE, *query.JOBS, query.INCLUDE_SUMMARY),
    ),
    "POST /jobs": Operation("Add a job", JOB_ID, 201, JobRequest),
    "GET /jobs/{job_id}": Operation("One job", ref("Job"), parameters=(query.INCLUDE_SUMMARY,)),
    "PUT /jobs/{job_id}": Operation(
        "Change a job", JOB_ID, body=JobRequest, parameters=(query.IF_MATCH,), errors=(412,)
    ),
    "DELETE /jobs/{job_id}": Operation("Delete a job", JOB_ID),
    "PATCH /jobs/{job_id}": Operation("Pause a job", JOB_ID, is_old=True),
    "OPTIONS /jobs/{job_id}": Operation("Resume a job", JOB_ID, is_old=True),
    "POST /jobs/{job_id}/pause": Operation(
        "Pause a job", JOB_ID, body=PauseRequest, is_body_optional=True
    ),
    "POST /jobs/{job_id}/resume": Operation(
        "Resume a job", JOB_ID, body=ResumeRequest, is_body_optional=True
    ),
    "POST /jobs/{job_id}/skip-next": Operation(
        "Skip the next fire of a job", JOB_ID, body=SkipNextRequest, is_body_optional=True
    ),
    "GET /executions": Operation(
        "Executions, without limit those of the last 10 minutes",
        _list("executions", "Execution"),
        parameters=(*query.PAGE, *query.EXECUTIONS, *query.RANGE, query.INCLUDE_BRIEF),
    ),
    "GET /executions/{execution_id}": Operation(
        "One execution", ref("Execution"), parameters=(query.INCLUDE_NEIGHBOURS,)
    ),
    "POST /executions/{execution_id}": Operation(
        "Run the job of this id now; other arguments need the role editor",
        record({"execution_id": TEXT}),
        body=RunRequest,
        is_body_optional=True,
    ),
    "DELETE /executions/{execution_id}": Operation("Not in this release", errors=(501,)),
    "GET /logs": Operation(
        "The audit log, without limit of the last 10 minutes",
        _list("logs", "AuditEntry"),
        parameters=(*query.PAGE, *query.LOGS, *query.RANGE),
    ),
    "GET /job-classes": Operation(
        "What a job can run", record({"job_classes": array(ref("JobClass"))})
    ),
    "POST /triggers/preview": Operation(
        "When a schedule would fire", ref("Preview"), body=PreviewRequest
    ),
    "GET /stats": Operation("Counts", ref("Stats"), parameters=(query.RANGE_START,)),
    "GET /stats/hours": Operation(
        "How executions ended, by hour",
        record({"hours": array(answers.HOUR)}),
        parameters=(*query.RANGE, query.JOB_ID),
    ),
    "GET /stats/days": Operation(
        "How executions ended, by day",
        record({"days": array(answers.DAY_OF_MANY)}),
        parameters=(*query.RANGE, query.JOB_ID),
    ),
    "GET /attention": Operation(
        "What somebody should look at",
        record({"items": array(ref("AttentionItem")), "total": COUNT}),
    ),
    "GET /upcoming": Operation(
        "What fires next",
        record({"fires": array(ref("Fire")), "truncated": YES_NO}),
        parameters=(query.UNTIL, query.FIRES),
    ),
    "GET /upcoming/hours": Operation(
        "How many fires each hour to come has",
        record({"hours": array(record({"hour": INSTANT, "count": COUNT}))}),
        parameters=(query.HOURS,),
    ),
    "GET /timezones": Operation(
        "The time zones", record({"timezones": array(TEXT), "default": TEXT})
    ),
    "GET /about": Operation("The installation", ref("About")),
    "GET /tags": Operation(
        "The tags of jobs", record({"tags": array(record({"tag": TEXT, "jobs": COUNT}))})
    ),
    "GET /instances": Operation(
        "The scheduler processes", record({"instances": array(ref("Instance"))})
    ),
    "GET /stream": Operation(
        "Changes as they happen, Server-Sent Events without an end",
        TEXT,
        media_type="text/event-stream",
        parameters=(query.LAST_EVENT_ID,),
        errors=(408,),
    ),
    "GET /openapi.json": Operation("This description", {"type": "object"}),
    "GET /session": Operation("Who asks", ref("Session"), errors=(429,)),
    "POST /session": Operation(
        "Log in", ref("Session"), body=accounts.LoginRequest, errors=LOGIN_ERRORS
    ),
    "DELETE /session": Operation("Log out", ref("Session")),
    "PUT /password": Operation(
        "Change one's own password",
        record({"username": TEXT}),
        body=accounts.PasswordRequest,
    ),
    "GET /users": Operation("All accounts", record({"users": array(ref("Account"))})),
    "POST /users": Operation("Add an account", ref("Account"), 201, accounts.UserRequest),
    "GET /users/{name}": Operation("One account", ref("Account")),
    "PUT /users/{name}": Operation(
        "Change an account", ref("Account"), body=accounts.UserChangeRequest
    ),
    "GET /tokens": Operation("All API tokens", record({"tokens": array(ref("Token"))})),
    "POST /tokens": Operation(
        "A new API token; this answer alone has it", ref("NewToken"), 201, accounts.TokenRequest
    ),
    "DELETE /tokens/{token_id}": Operation("Revoke an API token", ref("Token")),
}

OF_ROOT: Mapping[str, Operation] = {
    "GET /": Operation("The web page", TEXT, media_type="text/html", errors=(429,)),
    "GET /healthz": Operation("Whether the process answers", OK),
    "GET /readyz": Operation("Whether the scheduler works", OK),
    "GET /login": Operation("To the login of the page", status=302, is_old=True),
    "POST /login": Operation(
        "Log in",
        status=302,
        body=_form("username", "password"),
        errors=LOGIN_ERRORS,
        is_old=True,
    ),
    "GET /logout": Operation("To the page", status=302, is_old=True),
    "POST /logout": Operation("Log out", status=302, is_old=True),
    "GET /passwd": Operation("To the page that changes a password", status=302, is_old=True),
    "POST /passwd": Operation(
        "Change one's own password",
        record({"username": TEXT}),
        body=_form("password", "new_pwd"),
        is_old=True,
    ),
    "GET /add_user": Operation("To the page of the accounts", status=302, is_old=True),
    "POST /add_user": Operation(
        "Add an account",
        ref("Account"),
        201,
        body=_form("username", "password"),
        is_old=True,
    ),
}
