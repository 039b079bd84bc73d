"""/api/v1/tags: the tags of jobs."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler


class Handler(ApiHandler):
    """The tags."""

    async def get(self) -> None:
        """GET /api/v1/tags: every tag and how many jobs have it, by tag."""
        tags = await self.blocking(self.service.tags)
        self.write_json({"tags": [{"tag": tag, "jobs": jobs} for tag, jobs in tags]})
