"""What all handlers share: who asks, what they sent, how errors and headers go out.

`BaseHandler` is for users' own handlers too; `ApiHandler` adds the rules of the REST API.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from ndscheduler.corescheduler.errors import InvalidInput, NdschedulerError
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.service_checks import check_text, parse_json_object
from ndscheduler.server import compression, json_out
from ndscheduler.server.access import SAFE_METHODS
from ndscheduler.server.auth.principal import ANONYMOUS, Way
from ndscheduler.server.bodies import has_json, refuse_large_body, refuse_other_types
from ndscheduler.server.errors import (
    MethodNotAllowed,
    UrlNotFound,
    in_one_line,
    problem_of,
    status_of,
)
from ndscheduler.server.handlers.admission import AdmittingHandler
from ndscheduler.server.security_headers import security_headers

if TYPE_CHECKING:
    from ndscheduler.corescheduler.datastore.base import DatastoreBase
    from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
    from ndscheduler.corescheduler.service import JobService

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# A setting of the Application: true from the moment on that the server is to end.
STOPPING_SETTING = "ndscheduler_stopping"
MAX_BODY_BYTES = 1024 * 1024


class BaseHandler(AdmittingHandler):
    """A handler with the scheduler at hand; users' handlers derive from it.

    `@run_on_executor` of tornado.concurrent works in it: the threads are those of the REST API.
    """

    # Longer bodies are not kept while they come in; None leaves it to Tornado (100 MiB).
    max_body_bytes: ClassVar[int | None] = None

    username: str = ""

    @property
    def scheduler_manager(self) -> SchedulerManager:
        """The Python API of the scheduler."""
        return self.context.manager

    @property
    def datastore(self) -> DatastoreBase:
        """The scheduler's database."""
        return self.context.manager.get_datastore()

    @property
    def service(self) -> JobService:
        """The actions of the REST API."""
        return self.context.service

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for work that blocks."""
        return self.context.blocking.executor

    @property
    def actor(self) -> Actor:
        """Who asks, and from where, for the audit log."""
        return Actor(self.username or ANONYMOUS, self.request.remote_ip)

    @functools.cached_property
    def json_args(self) -> Any:
        """The JSON object in the body; None when the body is no JSON. Raises InvalidInput."""
        return parse_json_object(self.request.body) if has_json(self.request) else None

    def prepare(self) -> None:
        """Called before the method; users' handlers may override it."""
        self.username = self.get_username()

    def get_username(self) -> str:
        """The name that goes into the audit log."""
        return self.get_current_user() or ANONYMOUS

    def get_current_user(self) -> str | None:
        """The name of who is logged in; None where nobody is asked."""
        principal = self.principal
        return None if principal is None or principal.way is Way.OPEN else principal.name

    def query_values(self, name: str) -> list[str]:
        """All values of the query parameter `name`. Raises InvalidInput for what is no text."""
        values = self.request.query_arguments.get(name, [])
        return [check_text(self.decode_argument(value, name).strip(), name) for value in values]

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A part of the URL as text. Raises InvalidInput."""
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(name or "", "The URL is not UTF-8.") from error

    async def blocking(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises, run in a thread that may wait for the database.

        Raises DatastoreUnavailable as soon as the database is known not to answer.
        """
        return await self.context.blocking.run_on_database(function, *args, **kwargs)

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function`, which asks no database, returns or raises, run in a thread."""
        return await self.context.blocking.run(function, *args, **kwargs)

    def write_json(self, value: Any) -> None:
        """Answer with `value` as JSON."""
        self.set_header("Content-Type", json_out.CONTENT_TYPE)
        self.write(compression.compressed(self, json_out.dumps(value)))

    def set_default_headers(self) -> None:
        """Headers of every answer, errors included."""
        self.set_header("Server", "ndscheduler")
        policy = self.context.content_security_policy
        headers = security_headers(self.request, self.context.config, policy)
        for name, value in headers.items():
            self.set_header(name, value)
        if self.application.settings.get(STOPPING_SETTING):
            # The next request is for another instance.
            self.set_header("Connection", "close")

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with an error, its status from the one table; cut a list that had begun."""
        error = _error_in(kwargs)
        if self._headers_written and not self._finished:
            # A whole but shorter list would be a lie; a cut connection is an error to the client.
            self.detach().close()
            return
        super().send_error(status_of(error) if error else status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every error is `{"error": sentence}`, whatever DEBUG says: no traceback goes out."""
        error = _error_in(kwargs)
        if status_code == 405 and not isinstance(error, MethodNotAllowed):
            error = MethodNotAllowed(str(self.request.method), self.allowed_methods())
        problem = problem_of(error, status_code, self.request.method in SAFE_METHODS)
        for name, value in problem.headers.items():
            self.set_header(name, value)
        self.write_json(problem.body)
        self.finish()

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what the server did wrong with its traceback, what the client did in one line."""
        if isinstance(value, StreamClosedError):
            logger.debug("The client of %s went away.", self._request_summary())
        elif isinstance(value, HTTPError):
            # Such as of a file that there is not; Tornado writes its path as it was sent.
            logger.warning("%s: %s", self._request_summary(), in_one_line(str(value)))
        elif isinstance(value, NdschedulerError) and status_of(value) != 500:
            # It may quote what the client has sent, which must not look like lines of the log.
            logger.info("%s: %s", self._request_summary(), in_one_line(str(value)))
        else:
            super().log_exception(typ, value, tb)

    def allowed_methods(self) -> tuple[str, ...]:
        """The methods that this URL takes."""
        return tuple(
            name
            for name in self.SUPPORTED_METHODS
            if getattr(type(self), name.lower()) is not getattr(RequestHandler, name.lower())
        )


class ApiHandler(BaseHandler):
    """A handler of the REST API."""

    max_body_bytes: ClassVar[int | None] = MAX_BODY_BYTES

    # Whether a body of another type is refused, also where none is needed.
    takes_json_alone: ClassVar[bool] = True

    # The methods of the URL without an id and of the URL with one.
    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD")
    item_methods: ClassVar[tuple[str, ...]] = ()

    def set_default_headers(self) -> None:
        """Answers of the API are never kept by caches."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        """Refuse what no method here may get."""
        if self.request.path.endswith("/") and self.request.path != "/":
            self._leave_out_slash()
        elif self.request.method not in self.allowed_methods():
            raise MethodNotAllowed(str(self.request.method), self.allowed_methods())
        else:
            if self.max_body_bytes is not None:
                refuse_large_body(self.request, self.max_body_bytes)
            super().prepare()
            if self.takes_json_alone and self.request.method not in SAFE_METHODS:
                refuse_other_types(self.request)

    @property
    def is_preflight(self) -> bool:
        """True for what browsers ask before a request of another site, which does nothing."""
        has_header = "Access-Control-Request-Method" in self.request.headers
        return has_header and self.request.method == "OPTIONS"

    async def head(self, *args: str) -> None:
        """HEAD: the headers that GET gives."""
        answer = self.get(*args)
        if answer is not None:
            await answer

    def allowed_methods(self) -> tuple[str, ...]:
        """The methods that this URL takes."""
        # Tornado sets path_args late: a method that HTTP does not know is refused before.
        has_id = any(getattr(self, "path_args", None) or ())
        return self.item_methods if has_id else self.collection_methods

    @property
    def json_body(self) -> dict[str, Any]:
        """The JSON object that the request must have. Raises InvalidInput."""
        if not has_json(self.request):
            raise InvalidInput("", "The body must be a JSON object.")
        body: dict[str, Any] = self.json_args
        return body

    def form_field(self, name: str) -> str:
        """[compat] A field of a form of 0.x. Raises InvalidInput."""
        values = self.request.body_arguments.get(name)
        if not values:
            raise InvalidInput(name, "is required")
        return check_text(self.decode_argument(values[-1], name), name)

    @property
    def optional_json_body(self) -> dict[str, Any]:
        """The JSON object in the body, empty when there is no body. Raises InvalidInput."""
        return self.json_body if self.request.body else {}

    def _leave_out_slash(self) -> None:
        if self.request.method not in SAFE_METHODS:
            raise UrlNotFound(self.request.path)
        query = f"?{self.request.query}" if self.request.query else ""
        path = self.context.config.URL_PREFIX + self.request.path.rstrip("/")
        self.redirect(path + query, permanent=True)


class NotFoundHandler(ApiHandler):
    """Every URL that nothing else takes."""

    def prepare(self) -> None:
        """Refuse the request."""
        raise UrlNotFound(self.request.path)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """[compat] `LoginHandler` and `LogoutHandler`, which stand in a module of their own."""
        if name not in ("LoginHandler", "LogoutHandler"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ndscheduler.server.handlers import login

        return getattr(login, name)


def _error_in(kwargs: dict[str, Any]) -> BaseException | None:
    exc_info = kwargs.get("exc_info")
    error: BaseException | None = exc_info[1] if exc_info else None
    return error
