"""What the body of a request may be."""

from __future__ import annotations

from tornado.httputil import HTTPServerRequest

from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.server.errors import BodyTooLarge, Overloaded

READING_METHODS = ("POST", "PUT")
# What the bodies that are coming in may take together, but for the first of each, so that those of
# most requests always find room. Who has not logged in may open thousands of connections.
ROOM_BYTES = 64 * 1024 * 1024
FREE_BYTES = 16 * 1024
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class BodyRoom:
    """Counts what the bodies that are coming in take. On the IOLoop only."""

    def __init__(self, limit: int = ROOM_BYTES) -> None:
        self._left = limit

    @property
    def left(self) -> int:
        """How many bytes more there is room for."""
        return self._left

    def take(self, length: int) -> bool:
        """Whether there is room for so many bytes more, which are taken then."""
        if length > self._left:
            return False
        self._left -= length
        return True

    def give_back(self, length: int) -> None:
        """So many bytes that were taken are kept no more."""
        self._left += length


def has_json(request: HTTPServerRequest) -> bool:
    """Whether `request` has a body that it calls JSON."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    is_json = media_type.startswith("application/json") or media_type.endswith("+json")
    return is_json and bool(request.body)


def refuse_other_types(request: HTTPServerRequest) -> None:
    """Raise InvalidInput where a body is not called JSON, also where none is needed.

    Pages of other sites can send many other types without a browser asking whether they may; but
    not with methods that read no body. There one without a type is ignored, as of old.
    """
    is_form = getattr(request, "has_unread_form", False)
    is_named = is_form or "Content-Type" in request.headers
    if not request.body or has_json(request):
        return
    if is_named or request.method in READING_METHODS:
        raise InvalidInput("Content-Type", "must be application/json")


def keep_form_unread(request: HTTPServerRequest) -> None:
    """Let Tornado not read a form in the body, before anybody has asked whether it is wanted."""
    if request.headers.get("Content-Type", "").strip().lower().startswith(FORMS):
        del request.headers["Content-Type"]
        request.has_unread_form = True  # type: ignore[attr-defined]


def refuse_large_body(request: HTTPServerRequest, limit: int) -> None:
    """Raise BodyTooLarge where the body has more than `limit` bytes, Overloaded without room."""
    if getattr(request, "body_had_no_room", False):
        raise Overloaded
    if getattr(request, "body_was_cut", False) or len(request.body) > limit:
        raise BodyTooLarge(limit)
