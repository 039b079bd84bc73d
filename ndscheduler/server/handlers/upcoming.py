"""/api/v1/upcoming: what comes next."""

from __future__ import annotations

from datetime import timedelta

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.overview_shapes import fire_json, hour_ahead_json
from ndscheduler.server.queries import Query

AHEAD = timedelta(hours=6)
FIRES = 50
MOST_FIRES = 500
HOURS = 24
MOST_HOURS = 72


class Handler(ApiHandler):
    """The next fires of all jobs."""

    async def get(self) -> None:
        """GET /api/v1/upcoming: the next fires of all active jobs, in order. 400.

        `until` is by default 6 hours ahead, `limit` 50.
        """
        query, now = Query(self.query_values), utc_now()
        until = query.instant("until") or now + AHEAD
        limit = query.number("limit", FIRES, 1, MOST_FIRES)
        found = await self.blocking(self.service.upcoming.fires, now, until, limit)
        fires = [fire_json(fire) for fire in found.fires]
        self.write_json({"fires": fires, "truncated": found.is_truncated})


class HoursHandler(ApiHandler):
    """How many fires each hour to come has."""

    async def get(self) -> None:
        """GET /api/v1/upcoming/hours: how many fires this hour and the next ones have. 400."""
        hours = Query(self.query_values).number("hours", HOURS, 1, MOST_HOURS)
        found = await self.blocking(self.service.upcoming.hours, utc_now(), hours)
        self.write_json({"hours": [hour_ahead_json(hour) for hour in found]})
