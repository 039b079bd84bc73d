"""/passwd: [compat] the form of 0.x that changes a password."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.server.handlers import password


class Handler(password.Handler):
    """[compat] The form that changes a password."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    takes_json_alone: ClassVar[bool] = False

    async def get(self) -> None:
        """GET /passwd: to the page that changes a password."""
        self.redirect("./#password")

    async def post(self) -> None:
        """POST /passwd: the form fields `password` and `new_pwd`; 200. 400, 401, 429.

        A `username` must be that of who is logged in.
        """
        name = self.form_field("username") if "username" in self.request.body_arguments else None
        if name is not None and name != self.username:
            raise InvalidInput("username", f"is not that of who is logged in, {self.username}")
        await self.change(self.form_field("password"), self.form_field("new_pwd"))
