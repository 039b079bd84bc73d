"""/api/v1/stream: what changes, as it happens."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from ndscheduler.server.errors import ClientTooSlow
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.stream.events import CONTENT_TYPE
from ndscheduler.server.stream.streams import ANYBODY, LOGGED_OUT, Listener, Stream

# How often it is asked whether who listens may still do so.
CHECK_SECONDS = 15.0


class Handler(ApiHandler):
    """The stream of changes."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET",)

    _stream: Stream | None = None

    async def get(self) -> None:
        """GET /api/v1/stream: Server-Sent Events, for as long as the client listens. 503."""
        who = self.principal
        hides = self.hides_secrets
        listener = ANYBODY if who is None else Listener(who.session or who.token, who.name, hides)
        with self.context.streams.open(self._last_event_id(), listener) as self._stream:
            self.set_header("Content-Type", CONTENT_TYPE)
            # The next request should find another instance while this one stops.
            self.set_header("Connection", "close")
            self.set_header("X-Accel-Buffering", "no")
            checked_at = asyncio.get_running_loop().time()
            async for part in self._stream.parts():
                now = asyncio.get_running_loop().time()
                if who is not None and now - checked_at >= CHECK_SECONDS:
                    checked_at = now
                    if not await self.context.gate.still_admits(who):
                        self._stream.end(LOGGED_OUT)
                        continue
                await self._send(part)

    def on_connection_close(self) -> None:
        """The client has gone."""
        if self._stream is not None:
            self._stream.end(None)

    def _last_event_id(self) -> str | None:
        """Behind which event to go on: browsers send a header, others may name it in the URL."""
        values = self.query_values("last_event_id")
        return self.request.headers.get("Last-Event-ID") or (values[-1] if values else None)

    async def _send(self, part: bytes) -> None:
        self.write(part)
        sent = asyncio.ensure_future(self.flush())
        patience = self.context.streams.limits.patience_seconds
        done, _ = await asyncio.wait((sent,), timeout=patience)
        if not done:
            raise ClientTooSlow
        sent.result()
