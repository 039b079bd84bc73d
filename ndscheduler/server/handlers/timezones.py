"""/api/v1/timezones: the time zones that a job may have."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler


class Handler(ApiHandler):
    """The time zones."""

    async def get(self) -> None:
        """GET /api/v1/timezones: the names of all time zones, and the scheduler's own."""
        names = await self.in_thread(self.service.timezones)
        self.write_json({"timezones": names, "default": str(self.scheduler_manager.timezone)})
