"""Every URL."""

from __future__ import annotations

from tornado.web import RequestHandler

from ndscheduler.server.handlers import (
    about,
    attention,
    audit_logs,
    executions,
    health,
    index,
    instances,
    job_classes,
    jobs,
    stats,
    stream,
    tags,
    timezones,
    triggers,
    upcoming,
)


def routes(version: str) -> list[tuple[str, type[RequestHandler]]]:
    """URL patterns and their handlers; `version` is that of the API, such as "v1".

    A URL of a list may end in a slash: the handler redirects then.
    """
    api = f"/api/{version}"
    return [
        (r"/", index.Handler),
        (rf"{api}/jobs/?", jobs.Handler),
        (rf"{api}/jobs/([^/]+)/pause", jobs.PauseHandler),
        (rf"{api}/jobs/([^/]+)/resume", jobs.ResumeHandler),
        (rf"{api}/jobs/([^/]+)/skip-next", jobs.SkipNextHandler),
        (rf"{api}/jobs/(.+)", jobs.Handler),
        (rf"{api}/executions/?", executions.Handler),
        (rf"{api}/executions/(.+)", executions.Handler),
        (rf"{api}/logs", audit_logs.Handler),
        (rf"{api}/job-classes", job_classes.Handler),
        (rf"{api}/triggers/preview", triggers.Handler),
        (rf"{api}/stats", stats.Handler),
        (rf"{api}/stats/hours", stats.HoursHandler),
        (rf"{api}/stats/days", stats.DaysHandler),
        (rf"{api}/attention", attention.Handler),
        (rf"{api}/upcoming", upcoming.Handler),
        (rf"{api}/upcoming/hours", upcoming.HoursHandler),
        (rf"{api}/timezones", timezones.Handler),
        (rf"{api}/about", about.Handler),
        (rf"{api}/tags", tags.Handler),
        (rf"{api}/instances", instances.Handler),
        (rf"{api}/stream", stream.Handler),
        (r"/healthz", health.LiveHandler),
        (r"/readyz", health.ReadyHandler),
    ]
