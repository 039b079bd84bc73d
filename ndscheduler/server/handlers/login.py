"""/login and /logout: the forms of 0.x, which scripts with a cookie jar use."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from ndscheduler.server.handlers.session import LoginBase
from ndscheduler.server.redirects import local_path


class LoginHandler(LoginBase):
    """[compat] The login form."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    takes_json_alone: ClassVar[bool] = False

    async def get(self) -> None:
        """GET /login: to the login of the page."""
        target = self._next()
        query = f"?{urlencode({'next': target})}" if target else ""
        self.redirect(f"./#login{query}")

    async def post(self) -> None:
        """POST /login: log in with the form fields `username`, `password`; 302. 400, 401, 429.

        Leads to `next`, a field or in the URL, where that is a path of ours; else to the page.
        """
        await self.log_in(self.form_field("username"), self.form_field("password"))
        self.redirect(self._next() or "./")

    def _next(self) -> str | None:
        target = self.get_argument("next", "")
        return local_path(target, self.context.config.URL_PREFIX)


class LogoutHandler(LoginBase):
    """[compat] The logout. GET does nothing: another site could send it."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    takes_json_alone: ClassVar[bool] = False

    async def get(self) -> None:
        """GET /logout: to the page, where one can log out."""
        self.redirect("./")

    async def post(self) -> None:
        """POST /logout: log out; 302."""
        await self.log_out()
        self.redirect("./")
