"""/api/v1/jobs: the jobs, and what is done to them."""

from __future__ import annotations

import functools
from typing import ClassVar

from ndscheduler.corescheduler.models import Job
from ndscheduler.corescheduler.service_checks import validated
from ndscheduler.corescheduler.service_requests import (
    PauseRequest,
    ResumeRequest,
    SkipNextRequest,
    job_request,
)
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.handlers.lists import ListHandler
from ndscheduler.server.queries import expected_rev
from ndscheduler.server.shapes import job_json


class Handler(ListHandler):
    """The list of jobs, and one job."""

    collection_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "POST")
    item_methods: ClassVar[tuple[str, ...]] = (
        "GET",
        "HEAD",
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
    )

    _rev: int | None = None

    async def get(self, job_id: str | None = None) -> None:
        """GET /api/v1/jobs, GET /api/v1/jobs/{job_id}: the jobs; one job. 404."""
        await (self.get_job(job_id) if job_id else self.get_jobs())

    async def get_jobs(self) -> None:
        """GET /api/v1/jobs: all jobs, the next to fire first. 400."""
        query = self.list_query
        fetch = functools.partial(
            self.service.list_jobs,
            query.jobs(),
            sort=query.job_sort(),
            with_summary=bool(query.includes("summary")),
        )
        shape = functools.partial(
            job_json, zone=self.context.zone, hides_secrets=self.hides_secrets
        )
        await self.write_list("jobs", fetch, shape, id_key="job_id")

    async def get_job(self, job_id: str) -> None:
        """GET /api/v1/jobs/{job_id}: one job. 400, 404."""
        with_summary = bool(self.list_query.includes("summary"))
        view = await self.blocking(self.service.get_job, job_id, with_summary)
        self._rev = view.job.rev
        shown = job_json(view, self.context.zone, hides_secrets=self.hides_secrets)
        self.write_json(shown)

    async def post(self) -> None:
        """POST /api/v1/jobs: add a job; 201 `{"job_id"}`. 400."""
        request = job_request(self.json_body)
        job = await self.blocking(self.service.add_job, request, self.actor)
        self.set_status(201)
        self.write_json({"job_id": job.id})

    async def put(self, job_id: str) -> None:
        """PUT /api/v1/jobs/{job_id}: change a job; `{"job_id"}`. 400, 404, 412 (If-Match)."""
        request = job_request(self.json_body)
        rev = expected_rev(self.request.headers.get("If-Match"))
        job = await self.blocking(self.service.modify_job, job_id, request, self.actor, rev)
        self._write_id(job)

    async def delete(self, job_id: str) -> None:
        """DELETE /api/v1/jobs/{job_id}: delete a job; `{"job_id"}`. 404."""
        self._write_id(await self.blocking(self.service.remove_job, job_id, self.actor))

    async def patch(self, job_id: str) -> None:
        """PATCH /api/v1/jobs/{job_id}: pause a job, for clients of old; `{"job_id"}`. 404."""
        pause = PauseRequest()
        self._write_id(await self.blocking(self.service.pause_job, job_id, pause, self.actor))

    async def options(self, job_id: str) -> None:
        """OPTIONS /api/v1/jobs/{job_id}: resume a job, for clients of old; `{"job_id"}`. 404."""
        self._write_id(await self.blocking(self.service.resume_job, job_id, self.actor))

    def compute_etag(self) -> str | None:
        """The Etag; that of one job begins with its rev, so that If-Match can name it."""
        etag = super().compute_etag()
        return etag if etag is None or self._rev is None else f'"{self._rev}-{etag[1:]}'

    def _write_id(self, job: Job) -> None:
        self.write_json({"job_id": job.id})


class ActionHandler(ApiHandler):
    """Something that is done to a job by POST."""

    item_methods: ClassVar[tuple[str, ...]] = ("POST",)

    def write_id(self, job: Job) -> None:
        """Answer with the id of the job."""
        self.write_json({"job_id": job.id})


class PauseHandler(ActionHandler):
    """Pausing a job."""

    async def post(self, job_id: str) -> None:
        """POST /api/v1/jobs/{job_id}/pause: pause a job; `{"job_id"}`. 400, 404.

        Optional body: `reason`, and `until`, when it goes on by itself.
        """
        request = validated(PauseRequest, self.optional_json_body)
        job = await self.blocking(self.service.pause_job, job_id, request, self.actor)
        self.write_id(job)


class ResumeHandler(ActionHandler):
    """Resuming a job."""

    async def post(self, job_id: str) -> None:
        """POST /api/v1/jobs/{job_id}/resume: resume a job; `{"job_id"}`. 400, 404."""
        validated(ResumeRequest, self.optional_json_body)
        self.write_id(await self.blocking(self.service.resume_job, job_id, self.actor))


class SkipNextHandler(ActionHandler):
    """Skipping a fire of a job."""

    async def post(self, job_id: str) -> None:
        """POST /api/v1/jobs/{job_id}/skip-next: skip the next fire; `{"job_id"}`. 400, 404.

        Optional body: `reason`.
        """
        request = validated(SkipNextRequest, self.optional_json_body)
        job = await self.blocking(self.service.skip_next_fire, job_id, request, self.actor)
        self.write_id(job)
