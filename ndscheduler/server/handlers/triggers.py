"""/api/v1/triggers/preview: when a schedule would fire."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.service_requests import preview_request
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.shapes import preview_json


class Handler(ApiHandler):
    """The preview of a schedule."""

    collection_methods: ClassVar[tuple[str, ...]] = ("POST",)

    async def post(self) -> None:
        """POST /api/v1/triggers/preview: when a schedule would fire; changes nothing. 400."""
        request = preview_request(self.json_body)
        preview = await self.in_thread(self.service.preview_trigger, request)
        self.write_json(preview_json(preview))
