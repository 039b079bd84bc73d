"""/static/: the files of the page."""

from __future__ import annotations

import mimetypes
import os
from typing import ClassVar

from tornado.web import StaticFileHandler

from ndscheduler.server.compression import takes_gzip
from ndscheduler.server.errors import UrlNotFound
from ndscheduler.server.handlers.base import BaseHandler
from ndscheduler.server.page_files import BUILT, is_hashed

FOR_EVER = "public, max-age=31536000, immutable"


class Handler(BaseHandler, StaticFileHandler):
    """Files, with the headers and the errors of all other answers.

    A built file has its hash in its name, so it is kept by browsers for ever, and goes out
    as the build has compressed it. All other files are asked for anew each time.
    """

    max_body_bytes: ClassVar[int | None] = 0

    _is_compressed = False

    def set_default_headers(self) -> None:
        """Nothing is used again without a question, unless `set_extra_headers` says so."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-cache")

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The file to send, which for a client that takes gzip is the one beside it."""
        if "\x00" in absolute_path:
            # No file system has such a name, and Python raises ValueError for it.
            raise UrlNotFound(self.request.path)
        if is_hashed(self.path) and os.path.isfile(f"{absolute_path}.gz"):
            self.set_header("Vary", "Accept-Encoding")
            self._is_compressed = takes_gzip(self.request.headers.get("Accept-Encoding", ""))
        sent = f"{absolute_path}.gz" if self._is_compressed else absolute_path
        return super().validate_absolute_path(root, sent)

    def get_content_type(self) -> str:
        """The type of the file, compressed or not; what the build writes is UTF-8."""
        kind, encoding = mimetypes.guess_type(self.path)
        if not self.path.startswith(f"{BUILT}/") or kind is None or encoding:
            return super().get_content_type()
        return f"{kind}; charset=UTF-8" if kind.startswith("text/") else kind

    def compute_etag(self) -> str | None:
        """A hash of what is sent; kept in memory only where a file can not change."""
        if is_hashed(self.path):
            return super().compute_etag()
        return f'"{self.get_content_version(str(self.absolute_path))}"'

    def get_cache_time(self, *_: object) -> int:
        """No date of expiry: Cache-Control says it all."""
        return 0

    def set_extra_headers(self, path: str) -> None:
        """Let browsers keep what never changes."""
        if is_hashed(self.path):
            self.set_header("Cache-Control", FOR_EVER)
        if self._is_compressed:
            self.set_header("Content-Encoding", "gzip")
