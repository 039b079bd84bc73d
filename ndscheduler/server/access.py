"""Which role a request needs. The table is that of the routes; a test goes through all of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from tornado.web import RequestHandler

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.errors import RoleTooLow, Unauthenticated

SAFE_METHODS = ("GET", "HEAD")
# For handlers of users' own, and methods that no route names.
DEFAULT_READ = Role.VIEWER
DEFAULT_WRITE = Role.EDITOR

# The roles by method; None serves everybody. HEAD needs what GET needs.
Roles = Mapping[str, Role | None]


def needed_role(handler: type[RequestHandler], method: str) -> Role | None:
    """The role that `method` of this handler needs; None serves everybody."""
    name = "GET" if method == "HEAD" else method
    default = DEFAULT_READ if name == "GET" else DEFAULT_WRITE
    for kind in handler.__mro__:
        roles = _roles_by_handler().get(kind)
        if roles is None or name not in roles:
            continue
        # What a user's handler adds to one of ours is not public because that has no such method.
        is_added = handler is not kind and not _takes(kind, name)
        return default if roles[name] is None and is_added else roles[name]
    return default


def _takes(handler: type[RequestHandler], method: str) -> bool:
    missing = getattr(RequestHandler, method.lower())
    return getattr(handler, method.lower(), missing) is not missing


def refuse_unless(role: Role | None, needed: Role | None, wants_basic: bool) -> None:
    """Raise Unauthenticated or RoleTooLow where who has `role` may not do what needs `needed`."""
    if needed is None:
        return
    if role is None:
        raise Unauthenticated(wants_basic=wants_basic)
    if not role.includes(needed):
        raise RoleTooLow(role.value, needed.value)


@functools.cache
def _roles_by_handler() -> dict[type[RequestHandler], Roles]:
    # The routes know the handlers, whose base asks here.
    from ndscheduler.server.routes import ROLES_OF_OTHERS, routes

    found = {handler: dict(roles) for handler, roles in ROLES_OF_OTHERS.items()}
    for route in routes("v1"):
        found.setdefault(route.handler, {}).update(route.roles)
    return dict(found)
