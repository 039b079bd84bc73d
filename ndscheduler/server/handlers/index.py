"""/: the page."""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
from html import escape
from typing import Any

from ndscheduler.server.errors import PageNotBuilt
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.version import __version__

NOT_BUILT = '<!DOCTYPE html>\n<html lang="en">\n<title>ndscheduler</title>\n<p>{}</p>\n</html>\n'


class Handler(ApiHandler):
    """The page, made from the template APP_INDEX_PAGE in TEMPLATE_DIR_PATH."""

    def set_default_headers(self) -> None:
        """The page is asked for anew each time: it names the files of the newest build."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-cache")

    async def get(self) -> None:
        """GET /: the page.

        Templates get `page_info`, JSON text for an attribute; `page_asset("app.js")`, the URL of
        a file of the build. Those of 0.x get `jobs_meta_info`, JSON text of what the job classes
        say of themselves that is safe inside a <script> element too; `website_info`;
        `current_user`; `static_url`.
        """
        infos = await self.in_thread(self.service.job_classes)
        website_info = self._website_info()
        self.render(
            self.context.config.APP_INDEX_PAGE,
            jobs_meta_info=script_json([info.as_meta_info() for info in infos if not info.error]),
            website_info=website_info,
            current_user=self.username,
            page_info=json.dumps(self._page_info(website_info)),
            page_asset=self._page_asset,
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """That the page is not built is for a reader to see; all else is as everywhere."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, PageNotBuilt):
            self.finish(NOT_BUILT.format(escape(str(error))))
        else:
            super().write_error(status_code, **kwargs)

    def _page_asset(self, name: str) -> str:
        """The URL of a built file. Raises PageNotBuilt."""
        prefix = self.settings.get("static_url_prefix", "/static/")
        return f"{prefix}{self.context.page_files.path_of(name)}"

    def _page_info(self, website_info: dict[str, Any]) -> dict[str, Any]:
        """What our page knows before it has asked anything."""
        return {
            **website_info,
            "timezone": str(self.scheduler_manager.timezone),
            "auth": "none",
            "username": self.username,
        }

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
