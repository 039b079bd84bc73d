"""/api/v1/stats: counts."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.queries import Query
from ndscheduler.server.shapes import stats_json


class Handler(ApiHandler):
    """The counts that tiles show."""

    async def get(self) -> None:
        """GET /api/v1/stats: counts of jobs and of executions (of the last 24 hours). 400."""
        since = Query(self.query_values).since()
        self.write_json(stats_json(await self.blocking(self.service.stats, since)))
