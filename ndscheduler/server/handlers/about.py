"""/api/v1/about: what the page says of the installation."""

from __future__ import annotations

from ndscheduler.server.about import about
from ndscheduler.server.handlers.base import ApiHandler


class Handler(ApiHandler):
    """The installation."""

    async def get(self) -> None:
        """GET /api/v1/about: title, versions, links, and who asks."""
        # The versions are those of what is imported by now.
        await self.in_thread(self.service.job_classes)
        self.write_json(about(self.context, self.username))
