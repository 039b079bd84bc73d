"""Lists: one page when the client asks for one, else the whole list, streamed when it is long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ndscheduler.corescheduler.service import Page, PageRequest
from ndscheduler.server import json_out
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.json_out import Json
from ndscheduler.server.queries import Query
from ndscheduler.server.shapes import page_json

T = TypeVar("T")

# Whole lists up to this many rows are one answer with an Etag; longer ones go out in parts.
STREAM_ROWS = 1000


class ListHandler(ApiHandler):
    """A handler that answers with lists."""

    @property
    def list_query(self) -> Query:
        """The query parameters of this request."""
        return Query(self.query_values)

    async def write_list(
        self,
        key: str,
        fetch: Callable[[PageRequest], Page[T]],
        shape: Callable[[T], Json],
        id_key: str,
    ) -> None:
        """Answer with the list that `fetch` reads page by page, its items `shape`d under `key`.

        `id_key` is the key in a shaped item by which it is told from all others.
        """
        query = self.list_query
        if query.is_paged():
            page = await self.blocking(fetch, query.page())
            self.write_json(page_json(key, page, [shape(item) for item in page.items]))
            return
        page = await self.blocking(fetch, PageRequest(limit=STREAM_ROWS))
        if page.next_cursor is None:
            self.write_json({key: [shape(item) for item in page.items]})
        else:
            await _Stream(self, key, fetch, shape, id_key).write(page)


class _Stream(Generic[T]):
    """A long list on its way out, one short transaction a page.

    Rows may move while it lasts: a job that fires comes again farther down, an execution that
    is updated jumps to the top. So what was sent is known by id and sent once, and the top is
    looked at again at the end.
    """

    def __init__(
        self,
        handler: ListHandler,
        key: str,
        fetch: Callable[[PageRequest], Page[T]],
        shape: Callable[[T], Json],
        id_key: str,
    ) -> None:
        self._handler = handler
        self._key = key
        self._fetch = fetch
        self._shape = shape
        self._id_key = id_key
        self._sent: set[Any] = set()

    async def write(self, first: Page[T]) -> None:
        """Send the whole list, of which `first` has been read."""
        self._handler.set_header("Content-Type", json_out.CONTENT_TYPE)
        self._handler.write(b'{"%s":[' % self._key.encode())
        page = first
        await self._send(page)
        while page.next_cursor is not None:
            page = await self._read(page.next_cursor)
            await self._send(page)
        page = await self._read(None)
        while await self._send(page) and page.next_cursor is not None:
            page = await self._read(page.next_cursor)
        self._handler.finish(b"]}")

    async def _read(self, cursor: str | None) -> Page[T]:
        return await self._handler.blocking(self._fetch, PageRequest(STREAM_ROWS, cursor))

    async def _send(self, page: Page[T]) -> bool:
        """Send what is new in `page`, wait until the client has it; False if nothing is new."""
        items = [self._shape(item) for item in page.items]
        new = [item for item in items if item[self._id_key] not in self._sent]
        if new:
            comma = b"," if self._sent else b""
            self._handler.write(comma + b",".join(json_out.dumps(item) for item in new))
            self._sent.update(item[self._id_key] for item in new)
            await self._handler.flush()
        return bool(new)
