"""/api/v1/logs: who changed what."""

from __future__ import annotations

import functools
from dataclasses import replace

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.server.handlers.lists import ListHandler
from ndscheduler.server.shapes import audit_json


class Handler(ListHandler):
    """The audit log."""

    async def get(self) -> None:
        """GET /api/v1/logs: the audit log, by default of the last 10 minutes, newest first. 400."""
        hides = self.hides_secrets
        which = replace(self.list_query.audit_logs(utc_now()), hides_arguments=hides)
        fetch = functools.partial(self.service.list_audit_logs, which)
        shape = functools.partial(audit_json, hides_secrets=hides)
        await self.write_list("logs", fetch, shape, id_key="id")
