"""Every URL, and the role that each of its methods needs."""

from __future__ import annotations

from dataclasses import dataclass

from tornado.web import RequestHandler

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.access import Roles
from ndscheduler.server.handlers import (
    about,
    add_user,
    attention,
    audit_logs,
    base,
    executions,
    health,
    index,
    instances,
    job_classes,
    jobs,
    login,
    openapi,
    passwd,
    password,
    session,
    static,
    stats,
    stream,
    tags,
    timezones,
    tokens,
    triggers,
    upcoming,
    users,
)

VIEWER, OPERATOR, EDITOR, ADMIN = Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN

READ: Roles = {"GET": VIEWER}
# What is needed to log in, and says nothing of what is here.
PUBLIC: Roles = dict.fromkeys(RequestHandler.SUPPORTED_METHODS)


@dataclass(frozen=True, slots=True)
class Route:
    """A URL pattern, its handler, and the roles by method."""

    pattern: str
    handler: type[RequestHandler]
    roles: Roles


def routes(version: str) -> list[Route]:
    """All routes; `version` is that of the API, such as "v1".

    A URL of a list may end in a slash: the handler redirects then.
    """
    api = f"/api/{version}"
    operates: Roles = {"POST": OPERATOR}
    job: Roles = {
        "GET": VIEWER,
        "PUT": EDITOR,
        "DELETE": EDITOR,
        "PATCH": OPERATOR,
        "OPTIONS": OPERATOR,
    }
    return [
        Route(r"/", index.Handler, PUBLIC),
        Route(r"/login", login.LoginHandler, PUBLIC),
        Route(r"/logout", login.LogoutHandler, PUBLIC),
        Route(r"/passwd", passwd.Handler, {"GET": None, "POST": VIEWER}),
        Route(r"/add_user", add_user.Handler, {"GET": None, "POST": ADMIN}),
        Route(rf"{api}/jobs/?", jobs.Handler, {"GET": VIEWER, "POST": EDITOR}),
        Route(rf"{api}/jobs/([^/]+)/pause", jobs.PauseHandler, operates),
        Route(rf"{api}/jobs/([^/]+)/resume", jobs.ResumeHandler, operates),
        Route(rf"{api}/jobs/([^/]+)/skip-next", jobs.SkipNextHandler, operates),
        Route(rf"{api}/jobs/(.+)", jobs.Handler, job),
        Route(rf"{api}/executions/?", executions.Handler, READ),
        Route(
            rf"{api}/executions/(.+)",
            executions.Handler,
            {"GET": VIEWER, "POST": OPERATOR, "DELETE": OPERATOR},
        ),
        Route(rf"{api}/logs", audit_logs.Handler, READ),
        Route(rf"{api}/job-classes", job_classes.Handler, READ),
        Route(rf"{api}/triggers/preview", triggers.Handler, {"POST": VIEWER}),
        Route(rf"{api}/stats", stats.Handler, READ),
        Route(rf"{api}/stats/hours", stats.HoursHandler, READ),
        Route(rf"{api}/stats/days", stats.DaysHandler, READ),
        Route(rf"{api}/attention", attention.Handler, READ),
        Route(rf"{api}/upcoming", upcoming.Handler, READ),
        Route(rf"{api}/upcoming/hours", upcoming.HoursHandler, READ),
        Route(rf"{api}/timezones", timezones.Handler, READ),
        Route(rf"{api}/about", about.Handler, READ),
        Route(rf"{api}/tags", tags.Handler, READ),
        Route(rf"{api}/instances", instances.Handler, READ),
        Route(rf"{api}/stream", stream.Handler, READ),
        Route(rf"{api}/openapi.json", openapi.Handler, READ),
        Route(rf"{api}/session", session.Handler, PUBLIC),
        Route(rf"{api}/password", password.Handler, {"PUT": VIEWER}),
        Route(rf"{api}/users/?", users.Handler, {"GET": ADMIN, "POST": ADMIN}),
        Route(rf"{api}/users/(.+)", users.Handler, {"GET": ADMIN, "PUT": ADMIN}),
        Route(rf"{api}/tokens/?", tokens.Handler, {"GET": ADMIN, "POST": ADMIN}),
        Route(rf"{api}/tokens/(.+)", tokens.Handler, {"DELETE": ADMIN}),
        Route(r"/healthz", health.LiveHandler, PUBLIC),
        Route(r"/readyz", health.ReadyHandler, PUBLIC),
    ]


# The files under /static/, what nothing else takes, and the way from URL_PREFIX to the page.
ROLES_OF_OTHERS: dict[type[RequestHandler], Roles] = {
    static.Handler: PUBLIC,
    base.NotFoundHandler: PUBLIC,
    index.PrefixHandler: PUBLIC,
}
