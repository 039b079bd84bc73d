"""/api/v1/logs: who changed what."""

from __future__ import annotations

import functools

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.server.handlers.lists import ListHandler
from ndscheduler.server.shapes import audit_json


class Handler(ListHandler):
    """The audit log."""

    async def get(self) -> None:
        """GET /api/v1/logs: the audit log, by default of the last 10 minutes, newest first. 400."""
        which = self.list_query.audit_logs(utc_now())
        fetch = functools.partial(self.service.list_audit_logs, which)
        await self.write_list("logs", fetch, audit_json, id_key="id")
