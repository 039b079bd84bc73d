"""/api/v1/attention: what somebody should look at."""

from __future__ import annotations

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.overview_shapes import item_json


class Handler(ApiHandler):
    """The jobs that need attention."""

    async def get(self) -> None:
        """GET /api/v1/attention: the jobs that somebody should look at, the gravest first.

        At most 100; `total` counts all.
        """
        found = await self.blocking(self.service.attention.find, utc_now())
        items = [item_json(item) for item in found.items]
        self.write_json({"items": items, "total": found.total})
