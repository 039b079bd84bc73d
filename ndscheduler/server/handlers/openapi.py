"""/api/v1/openapi.json: the description of the API."""

from __future__ import annotations

from ndscheduler.server.handlers.base import ApiHandler


class Handler(ApiHandler):
    """The description."""

    async def get(self) -> None:
        """GET /api/v1/openapi.json: all that is served, in OpenAPI 3.1."""
        # The routes know this handler.
        from ndscheduler.server.openapi.document import describe
        from ndscheduler.server.routes import routes

        api = self.request.path.removesuffix("/openapi.json")
        self.write_json(
            describe(
                routes(api.rpartition("/")[2]),
                api=api,
                cookie_name=self.session_cookie.name,
                url_prefix=self.context.config.URL_PREFIX,
            )
        )
