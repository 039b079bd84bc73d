"""/api/v1/stats: counts, now and by hour and day."""

from __future__ import annotations

from datetime import timedelta

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.overview_shapes import day_json, hour_json, stats_json
from ndscheduler.server.queries import Query

LAST_DAY = timedelta(hours=24)
MOST_HOURS = timedelta(days=31)
LAST_MONTH = timedelta(days=30)
MOST_DAYS = timedelta(days=400)


class Handler(ApiHandler):
    """The counts that tiles show."""

    async def get(self) -> None:
        """GET /api/v1/stats: counts of jobs and of executions (of the last 24 hours). 400."""
        since = Query(self.query_values).instant("time_range_start") or utc_now() - LAST_DAY
        self.write_json(stats_json(await self.blocking(self.service.overview.stats, since)))


class HoursHandler(ApiHandler):
    """What ended in each hour."""

    async def get(self) -> None:
        """GET /api/v1/stats/hours: how executions ended, by hour (of the last 24 hours). 400."""
        query = Query(self.query_values)
        start, end = query.span(utc_now(), LAST_DAY, MOST_HOURS)
        job_id = query.text("job_id")
        periods = await self.blocking(self.service.overview.hours, start, end, job_id)
        self.write_json({"hours": [hour_json(period) for period in periods]})


class DaysHandler(ApiHandler):
    """What ended on each day."""

    async def get(self) -> None:
        """GET /api/v1/stats/days: how executions ended, by day in UTC (of the last 30). 400."""
        query = Query(self.query_values)
        start, end = query.span(utc_now(), LAST_MONTH, MOST_DAYS)
        job_id = query.text("job_id")
        periods = await self.blocking(self.service.overview.days, start, end, job_id)
        self.write_json({"days": [day_json(period) for period in periods]})
