"""What handlers work with."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ndscheduler.config import Config
from ndscheduler.config_sections import OWN_PAGE_POLICY
from ndscheduler.config_types import STATIC_DIR
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import JobService
from ndscheduler.server.auth.gate import Gate
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.page_files import PageFiles
from ndscheduler.server.stream.streams import Streams

# The setting of the Application under which handlers find their Context.
CONTEXT_SETTING = "ndscheduler_context"


@dataclass(frozen=True)
class Context:
    """The scheduler, the service on it, the threads that may wait for them, who may come in."""

    manager: SchedulerManager
    service: JobService
    blocking: BlockingCalls
    config: Config
    streams: Streams
    gate: Gate

    @property
    def zone(self) -> ZoneInfo:
        """The scheduler's time zone, in which next run times are written."""
        return ZoneInfo(str(self.manager.timezone))

    @functools.cached_property
    def page_files(self) -> PageFiles:
        """The built files of the page."""
        return PageFiles(Path(self.config.STATIC_DIR_PATH), follows_builds=self.config.DEBUG)

    @property
    def content_security_policy(self) -> str:
        """The policy of our own page, or for a page that replaces it the one of the settings."""
        config = self.config
        own = (STATIC_DIR, STATIC_DIR, "index.html")
        page = (config.STATIC_DIR_PATH, config.TEMPLATE_DIR_PATH, config.APP_INDEX_PAGE)
        return OWN_PAGE_POLICY if page == own else config.CONTENT_SECURITY_POLICY
