"""/add_user: [compat] the form of 0.x that adds an account."""

from __future__ import annotations

from typing import ClassVar

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.handlers import users


class Handler(users.Handler):
    """[compat] The form that adds an account, which may do what a login could in 0.x."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    takes_json_alone: ClassVar[bool] = False

    async def get(self, name: str | None = None) -> None:
        """GET /add_user: to the page of the accounts."""
        self.redirect("./#users")

    async def post(self) -> None:
        """POST /add_user: the form fields `username` and `password`; 201. 400."""
        fields = {"name": self.form_field("username"), "password": self.form_field("password")}
        await self.add({**fields, "role": Role.EDITOR.value})
