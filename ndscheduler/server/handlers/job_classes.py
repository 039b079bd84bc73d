"""/api/v1/job-classes: what a job can run."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.shapes import job_class_json


class Handler(ApiHandler):
    """The job classes."""

    async def get(self) -> None:
        """GET /api/v1/job-classes: the job classes, and with `error` modules that do not import."""
        infos = await self.in_thread(self.service.job_classes)
        hides = self.hides_secrets
        shown = [job_class_json(info, hides_secrets=hides) for info in infos]
        self.write_json({"job_classes": shown})
