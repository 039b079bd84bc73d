"""/static/: the files of the page."""

from __future__ import annotations

from typing import ClassVar

from tornado.web import StaticFileHandler

from ndscheduler.server.handlers.base import BaseHandler


class Handler(BaseHandler, StaticFileHandler):
    """Files, with the headers and the errors of all other answers."""

    max_body_bytes: ClassVar[int | None] = 0
