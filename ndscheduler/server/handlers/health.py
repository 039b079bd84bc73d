"""/healthz and /readyz: for load balancers and container managers."""

from __future__ import annotations

from ndscheduler.server.errors import NotReady
from ndscheduler.server.handlers.base import ApiHandler


class LiveHandler(ApiHandler):
    """Whether the process answers."""

    async def get(self) -> None:
        """GET /healthz: 200 as long as the web server answers; asks no database."""
        self.write_json({"status": "ok"})


class ReadyHandler(ApiHandler):
    """Whether the scheduler works."""

    async def get(self) -> None:
        """GET /readyz: 200 when the database answers and the scheduler's loop works, else 503.

        Asks no database itself, so it answers at once also while none of them answers.
        """
        problem = self.service.find_problem()
        if problem is not None:
            raise NotReady(problem)
        self.write_json({"status": "ok"})
