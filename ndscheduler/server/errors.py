"""From exceptions to answers: one table of statuses, one shape of error bodies."""

from __future__ import annotations

import http.client
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tornado.web import HTTPError

from ndscheduler.corescheduler.errors import (
    DatastoreUnavailable,
    InvalidInput,
    NdschedulerError,
    NotFound,
    OutcomeUnknown,
    StaleJob,
)

RETRY_AFTER_SECONDS = 5
BASIC_CHALLENGE = 'Basic realm="ndscheduler", charset="UTF-8"'
BEARER_CHALLENGE = 'Bearer realm="ndscheduler"'


class RequestError(NdschedulerError):
    """A request that no handler takes, whatever it asks for."""


class UrlNotFound(RequestError):
    """Nothing is at this URL."""

    def __init__(self, path: str) -> None:
        super().__init__(f"There is nothing at {path}")


class MethodNotAllowed(RequestError):
    """The URL exists, but does not take this method."""

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(f"{method} is not possible here; {', '.join(self.allowed)} is.")


class BodyTooLarge(RequestError):
    """The body is longer than this URL takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is too large: at most {limit} bytes are taken.")


class CrossSiteRequest(RequestError):
    """A page of another site asks a browser to change something here."""

    def __init__(self) -> None:
        super().__init__("Pages of other sites may not change anything here.")


class ForeignHost(RequestError):
    """The request names a host that this server does not go by."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"This server does not go by the name {host[:100]!r}: name it in ALLOWED_HOSTS."
        )


class Unauthenticated(RequestError):
    """Who asks is not known, and has to be."""

    def __init__(self, sentence: str = "Log in first.", wants_basic: bool = False) -> None:
        super().__init__(sentence)
        self.wants_basic = wants_basic


class BadCredentials(Unauthenticated):
    """A login was refused. It is not said why: that would tell which accounts there are."""

    def __init__(self) -> None:
        super().__init__("The user name or the password is wrong.")


class RoleTooLow(RequestError):
    """Who asks is known, and may not do this."""

    def __init__(self, has: str, needs: str) -> None:
        super().__init__(f"This needs the role {needs}; yours is {has}.")


class TooManyAttempts(RequestError):
    """A login comes too soon after others that were refused."""

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, math.ceil(wait_seconds))
        super().__init__(f"Too many attempts to log in; try again in {self.wait_seconds} s.")


class NotAvailable(RequestError):
    """This release does not do this."""


class Overloaded(RequestError):
    """More requests are waiting than the server will queue."""

    def __init__(self) -> None:
        super().__init__("Too many requests are waiting; try again soon.")


class PageNotBuilt(RequestError):
    """The files of the page are missing: this is a checkout in which nobody has built them."""


class DirectoryUnavailable(RequestError):
    """The directory that knows some of the accounts, such as LDAP, does not answer."""

    def __init__(self) -> None:
        super().__init__("The directory of accounts does not answer now; try again soon.")


class TooManyStreams(RequestError):
    """More clients listen to the stream of changes than this process serves."""

    def __init__(self) -> None:
        super().__init__("Too many streams are open; try again soon.")


class ClientTooSlow(RequestError):
    """A client does not take what it has asked for."""

    def __init__(self) -> None:
        super().__init__("The client is too slow, and was let go.")


class NotReady(RequestError):
    """The server is up, but its scheduler does not work now."""


# An exception gets the status of the nearest class above it; all others are 500.
STATUSES: dict[type[Exception], int] = {
    InvalidInput: 400,
    Unauthenticated: 401,
    RoleTooLow: 403,
    CrossSiteRequest: 403,
    ForeignHost: 403,
    NotFound: 404,
    UrlNotFound: 404,
    MethodNotAllowed: 405,
    ClientTooSlow: 408,
    StaleJob: 412,
    BodyTooLarge: 413,
    TooManyAttempts: 429,
    NotAvailable: 501,
    DatastoreUnavailable: 503,
    Overloaded: 503,
    DirectoryUnavailable: 503,
    TooManyStreams: 503,
    NotReady: 503,
    PageNotBuilt: 503,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is answered."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def status_of(error: BaseException) -> int:
    """The status of `error`."""
    if isinstance(error, HTTPError):
        return error.status_code
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 500


def problem_of(error: BaseException | None, status: int, is_safe: bool) -> Problem:
    """How to answer `error`, or a bare `status`. Says nothing of what is inside the server.

    `is_safe` is True for a request that changes nothing.
    """
    if error is None or status == 500 or isinstance(error, HTTPError):
        return Problem(status, {"error": _neutral_sentence(error, status)})
    body = {"error": _sentence(error, is_safe)}
    if isinstance(error, InvalidInput) and error.field:
        body["field"] = error.field
    return Problem(status, body, _headers(error, status))


def in_one_line(text: str) -> str:
    """`text` with escapes in place of what would begin a line, or change what a terminal shows."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _sentence(error: BaseException, is_safe: bool) -> str:
    # What the database's client library says may name hosts and users; that is for the log.
    if isinstance(error, OutcomeUnknown) and not is_safe:
        return (
            "The database does not answer now, and whether the change took effect is not known: "
            "look before you try again."
        )
    if isinstance(error, DatastoreUnavailable):
        return "The database does not answer now; try again soon."
    return " ".join(str(error).splitlines())


def _headers(error: BaseException, status: int) -> dict[str, str]:
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, Unauthenticated):
        # Basic makes browsers ask in a window of their own.
        return {"WWW-Authenticate": BASIC_CHALLENGE if error.wants_basic else BEARER_CHALLENGE}
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.wait_seconds)}
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}


def _neutral_sentence(error: BaseException | None, status: int) -> str:
    if isinstance(error, HTTPError) and error.reason:
        return str(error.reason)
    if status == 500:
        return "The server failed to answer this request; its log says why."
    return http.client.responses.get(status, "Unknown status")
