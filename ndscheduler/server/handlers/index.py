"""/: the page."""

from __future__ import annotations

import json
import logging
from html import escape
from typing import Any

from ndscheduler.corescheduler.errors import DatastoreUnavailable
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.about import about
from ndscheduler.server.errors import PageNotBuilt, Unauthenticated
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.handlers.session import session_json
from ndscheduler.server.shapes import meta_info_json

logger = logging.getLogger(__name__)

# Only templates of 0.x use it.
META_INFOS = "jobs_meta_info"
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
        await self._find_reader()
        info = self._page_info()
        self.render(
            self.context.config.APP_INDEX_PAGE,
            jobs_meta_info=await self._meta_infos() if self._names(META_INFOS) else None,
            website_info=info,
            current_user=self.username,
            page_info=json.dumps(info),
            page_asset=self._page_asset,
        )

    def _names(self, variable: str) -> bool:
        """Whether the template, or one that it takes in, names this variable."""
        template_path = self.get_template_path()
        assert template_path is not None
        loader = self.create_template_loader(template_path)
        return variable in loader.load(self.context.config.APP_INDEX_PAGE).code

    async def _meta_infos(self) -> str:
        if self.principal is None:
            return "[]"
        # To find them imports every job class.
        infos = await self.in_thread(self.service.job_classes)
        hides = self.hides_secrets
        shown = (meta_info_json(info, hides_secrets=hides) for info in infos if not info.error)
        return script_json(list(shown))

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

    def _page_info(self) -> dict[str, Any]:
        """What our page knows before it has asked anything."""
        principal = self.principal
        info = about(self.context, self.username)
        if principal is None:
            # Who has not logged in reads how the page is called, and no more. Templates of 0.x
            # find all names.
            title = self.context.config.WEBSITE_TITLE
            info = {**dict.fromkeys(info, ""), "title": title, "job_packages": {}}
        return {
            **info,
            "job_versions": info["job_packages"],
            "admin_user": principal is not None and principal.role is Role.ADMIN,
            "job_defaults": self._job_defaults(),
            "session": session_json(principal),
            "auth": self.context.config.AUTH,
        }

    async def _find_reader(self) -> None:
        """Who reads the page; nobody, where that can not be found out: then the page asks again."""
        try:
            self.principal = await self.find_principal()
        except (Unauthenticated, DatastoreUnavailable) as error:
            logger.info("The page goes out to nobody: %s", error)
        self.username = self.get_username()

    def _job_defaults(self) -> dict[str, Any]:
        """What a new job gets where its form says nothing."""
        config = self.context.config
        return {
            "misfire_grace_time": config.JOB_MISFIRE_GRACE_SEC,
            "coalesce": config.JOB_COALESCE,
            "max_instances": config.JOB_MAX_INSTANCES,
        }


class PrefixHandler(ApiHandler):
    """URL_PREFIX without a slash behind it."""

    async def get(self) -> None:
        """GET URL_PREFIX: redirects to the page, with the query."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.context.config.URL_PREFIX}/{query}", permanent=True)


def script_json(value: Any) -> str:
    """`value` as JSON in which nothing can end a <script> element or begin a tag."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
