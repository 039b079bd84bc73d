"""The Tornado application: the routes, and bodies that never fill the memory."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from tornado import httputil
from tornado.web import Application, RequestHandler

from ndscheduler.config import Config
from ndscheduler.server.bodies import FREE_BYTES, BodyRoom, keep_form_unread
from ndscheduler.server.handlers.base import NotFoundHandler
from ndscheduler.server.handlers.index import PrefixHandler
from ndscheduler.server.proxies import TrustedProxies
from ndscheduler.server.routes import routes
from ndscheduler.server.url_prefix import (
    is_bare_prefix,
    put_before_static_urls,
    take_prefix_off,
)


class SchedulerApplication(Application):
    """All URLs of the server."""

    def __init__(self, version: str, config: Config, **settings: Any) -> None:
        settings.setdefault("default_handler_class", NotFoundHandler)
        served = [(route.pattern, route.handler) for route in routes(version)]
        super().__init__(list(served), **settings)
        self._proxies = TrustedProxies(config.TRUSTED_PROXIES)
        self._prefix = config.URL_PREFIX
        self.body_room = BodyRoom()
        # Not before: the routes of files are those of a server at the root.
        put_before_static_urls(self.settings, config.URL_PREFIX)

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        """What answers `request`; every request comes by here before anything looks at it."""
        self._proxies.apply(request)
        if is_bare_prefix(request, self._prefix):
            return self.get_handler_delegate(request, PrefixHandler)
        take_prefix_off(request, self._prefix)
        return super().find_handler(request, **kwargs)

    def get_handler_delegate(
        self,
        request: httputil.HTTPServerRequest,
        target_class: type[RequestHandler],
        target_kwargs: dict[str, Any] | None = None,
        path_args: list[bytes] | None = None,
        path_kwargs: dict[str, bytes] | None = None,
    ) -> Any:
        """What feeds a request to its handler; with a limit where the handler class has one."""
        if getattr(target_class, "takes_json_alone", False):
            keep_form_unread(request)
        delegate = super().get_handler_delegate(
            request, target_class, target_kwargs, path_args, path_kwargs
        )
        limit = getattr(target_class, "max_body_bytes", None)
        if limit is None:
            return delegate
        return _LimitedBody(delegate, request, limit, self.body_room)


class _LimitedBody(httputil.HTTPMessageDelegate):
    """Passes a request on, but of a body that is too long, or that there is no room for, nothing.

    The rest is read and dropped, not refused at once: a client that is still sending would see
    its connection reset in place of the answer.
    """

    def __init__(
        self,
        delegate: httputil.HTTPMessageDelegate,
        request: httputil.HTTPServerRequest,
        limit: int,
        room: BodyRoom,
    ) -> None:
        self._delegate = delegate
        self._request = request
        self._limit = limit
        self._room = room
        self._received = 0
        self._taken = 0

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> Awaitable[None] | None:
        """Pass the headers on."""
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass a part of the body on, as long as the whole is not too long."""
        self._received += len(chunk)
        is_too_long = self._received > self._limit
        if not is_too_long and self._takes_room(len(chunk)):
            return self._delegate.data_received(chunk)
        # ApiHandler.prepare answers 413 or 503. Half a form could not be parsed, so it is none.
        name = "body_was_cut" if is_too_long else "body_had_no_room"
        setattr(self._request, name, True)
        self._request.headers.pop("Content-Type", None)
        return None

    def finish(self) -> None:
        """The request is complete."""
        self._give_back()
        self._delegate.finish()

    def on_connection_close(self) -> None:
        """The client went away."""
        self._give_back()
        self._delegate.on_connection_close()

    def _takes_room(self, length: int) -> bool:
        """Whether so much more may be kept; once it may not, nothing more is."""
        if getattr(self._request, "body_had_no_room", False):
            return False
        if self._received <= FREE_BYTES:
            return True
        if not self._room.take(length):
            return False
        self._taken += length
        return True

    def _give_back(self) -> None:
        self._room.give_back(self._taken)
        self._taken = 0
