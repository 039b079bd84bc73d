"""/api/v1/executions: what ran, and running a job now."""

from __future__ import annotations

import functools
from typing import ClassVar

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.corescheduler.service_requests import RunRequest
from ndscheduler.server.errors import NotAvailable
from ndscheduler.server.handlers.lists import ListHandler
from ndscheduler.server.shapes import execution_json, whole_execution_json


class Handler(ListHandler):
    """The list of executions, one execution, and running a job."""

    item_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST", "DELETE")

    async def get(self, execution_id: str | None = None) -> None:
        """GET /api/v1/executions, GET /api/v1/executions/{execution_id}: all; one. 404."""
        await (self.get_execution(execution_id) if execution_id else self.get_executions())

    async def get_executions(self) -> None:
        """GET /api/v1/executions: by default those of the last 10 minutes. 400."""
        query = self.list_query
        order = "scheduled" if query.is_paged() else "updated"
        which = query.executions(utc_now())
        is_brief = bool(query.includes("brief"))
        read = self.service.list_executions_in_brief if is_brief else self.service.list_executions
        fetch = functools.partial(read, which, order=order)
        shape = functools.partial(execution_json, hides_secrets=self.hides_secrets)
        await self.write_list("executions", fetch, shape, id_key="execution_id")

    async def get_execution(self, execution_id: str) -> None:
        """GET /api/v1/executions/{execution_id}: one execution. 400, 404."""
        with_neighbours = bool(self.list_query.includes("neighbours"))
        view = await self.blocking(self.service.get_execution, execution_id, with_neighbours)
        self.write_json(whole_execution_json(view, hides_secrets=self.hides_secrets))

    async def post(self, job_id: str) -> None:
        """POST /api/v1/executions/{job_id}: run a job now; `{"execution_id"}` at once. 400, 404.

        Optional body: `pub_args` and `kwargs`, in place of those of the job, or `arguments_of`, an
        execution that had them; 403 where they are not those of the job and who asks is no editor.
        """
        request = validated(RunRequest, self.optional_json_body)
        if not await self.blocking(self.service.runs_as_defined, job_id, request):
            # With other arguments a job does something else, such as run another program.
            self.refuse_below(Role.EDITOR)
        execution_id = await self.blocking(self.service.run_job, job_id, request, self.actor)
        self.write_json({"execution_id": execution_id})

    async def delete(self, execution_id: str) -> None:
        """DELETE /api/v1/executions/{execution_id}: 501; an execution can not be stopped yet."""
        raise NotAvailable("This release can not stop an execution.")
