"""/api/v1/instances: the scheduler processes of this database."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.shapes import instance_json


class Handler(ApiHandler):
    """The instances."""

    async def get(self) -> None:
        """GET /api/v1/instances: every scheduler process known, the newest first."""
        instances = await self.blocking(self.service.instances)
        self.write_json({"instances": [instance_json(view) for view in instances]})
