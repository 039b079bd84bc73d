"""/: the page."""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
from typing import Any

from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.version import __version__


class Handler(ApiHandler):
    """The page, made from the template APP_INDEX_PAGE in TEMPLATE_DIR_PATH."""

    async def get(self) -> None:
        """GET /: the page.

        Templates get `jobs_meta_info`, JSON text of what the job classes say of themselves that
        is safe inside a <script> element too; `website_info`; `current_user`; `static_url`.
        """
        infos = await self.in_thread(self.service.job_classes)
        self.render(
            self.context.config.APP_INDEX_PAGE,
            jobs_meta_info=script_json([info.as_meta_info() for info in infos if not info.error]),
            website_info=self._website_info(),
            current_user=self.username,
        )

    def _website_info(self) -> dict[str, Any]:
        config = self.context.config
        return {
            "title": config.WEBSITE_TITLE,
            "version": __version__,
            "job_versions": _versions(config.JOB_CLASS_PACKAGES),
            "user": _process_user(),
            "host": socket.gethostname(),
            "admin_user": False,
            "help_url": config.HELP_URL,
            "issues_url": config.ISSUES_URL,
        }


def script_json(value: Any) -> str:
    """`value` as JSON in which nothing can end a <script> element or begin a tag."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _versions(packages: list[str]) -> dict[str, str]:
    loaded = {name: sys.modules.get(name) for name in packages}
    return {name: str(getattr(module, "__version__", "")) for name, module in loaded.items()}


def _process_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # In a container the user id need not have a name.
        return str(os.getuid())
