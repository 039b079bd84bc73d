"""Who may come in: what happens to a request before a handler of ours or of users' sees it."""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.access import SAFE_METHODS, needed_role, refuse_unless
from ndscheduler.server.auth.cookies import SessionCookie
from ndscheduler.server.auth.principal import Principal
from ndscheduler.server.context import CONTEXT_SETTING, Context
from ndscheduler.server.errors import Unauthenticated
from ndscheduler.server.hosts import refuse_cross_site, refuse_foreign_host


class AdmittingHandler(RequestHandler):
    """A handler that serves only who may be served."""

    # Who asks; None for who has shown nothing, which only public URLs serve.
    principal: Principal | None = None

    @property
    def context(self) -> Context:
        """What this server works with, also in an Application that a user has built."""
        context = self.application.settings.get(CONTEXT_SETTING)
        if isinstance(context, Context):
            return context
        from ndscheduler.server.server import SchedulerServer

        return SchedulerServer.current().context

    async def _execute(self, transforms: Any, *args: Any, **kwargs: Any) -> None:
        """Let in who may come in, then let Tornado do the rest.

        Here and not in `prepare`: that is for users' handlers to override, and they need not await.
        """
        self._transforms = transforms
        try:
            refuse_foreign_host(self.request.host, self.context.config)
            if self.is_preflight:
                self.set_status(204)
                self.finish()
            else:
                await self._admit()
        except Unauthenticated as error:
            error.wants_basic = not self._is_of_a_browser
            self._handle_request_exception(error)
        except Exception as error:  # noqa: BLE001 - answered as every error of a handler is
            self._handle_request_exception(error)
        if self._finished:
            self._drop_body()
        else:
            await super()._execute(transforms, *args, **kwargs)

    async def _admit(self) -> None:
        """Find out who asks. Raises Unauthenticated, RoleTooLow and what else `Gate` raises."""
        if self.request.method not in SAFE_METHODS:
            refuse_cross_site(self.request)
        needed = needed_role(type(self), str(self.request.method))
        if needed is not None:
            self.principal = await self.find_principal()
            self.refuse_below(needed)

    def _drop_body(self) -> None:
        """Read on after a refusal: what takes its body as it comes in is waited for otherwise."""
        prepared = self._prepared_future
        # Done already where the connection is gone.
        if prepared is not None and not prepared.done():
            prepared.set_result(None)

    def refuse_below(self, needed: Role) -> None:
        """Go on only if who asks has this role. Raises Unauthenticated, RoleTooLow."""
        role = None if self.principal is None else self.principal.role
        refuse_unless(role, needed, wants_basic=not self._is_of_a_browser)

    @property
    def _is_of_a_browser(self) -> bool:
        """True where a challenge of Basic would open a window of the browser's own."""
        # Over plain HTTP browsers do not send the first; all that there are send the second.
        headers = self.request.headers
        agent: str = headers.get("User-Agent", "")
        return "Sec-Fetch-Mode" in headers or agent.startswith("Mozilla/")

    async def find_principal(self) -> Principal | None:
        """Who asks; None for who shows nothing. Raises what `Gate.admit` raises."""
        return await self.context.gate.admit(self.request, self.session_cookie.read())

    @property
    def hides_secrets(self) -> bool:
        """True unless who asks may edit jobs: what job classes mark secret is not for others."""
        return self.principal is None or not self.principal.role.includes(Role.EDITOR)

    @property
    def session_cookie(self) -> SessionCookie:
        """The cookie of this request's login."""
        return SessionCookie(self, self.context.config)

    @property
    def is_preflight(self) -> bool:
        """True for what browsers ask before a request of another site, which does nothing."""
        return False
