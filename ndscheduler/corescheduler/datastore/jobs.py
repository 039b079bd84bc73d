"""Statements on jobs and their tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import IntegrityError

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.job_order import NEXT_RUN, job_order
from ndscheduler.corescheduler.datastore.job_status import JobStatuses
from ndscheduler.corescheduler.datastore.paging import (
    JobFilter,
    Page,
    PageRequest,
    fetch_page,
    matching,
)
from ndscheduler.corescheduler.datastore.rows import ACTIVE, PAUSED, job_from, job_row
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.errors import InvalidInput, JobNotFound
from ndscheduler.corescheduler.models import Job


@dataclass(frozen=True, slots=True)
class Schedule:
    """What decides the coming fire times of `jobs` jobs that have all of this in common."""

    trigger_json: str
    timezone: str
    start_date: datetime | None
    end_date: datetime | None
    next_fire: datetime
    jobs: int


class Jobs:
    """The jobs table."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self._jobs = tables.jobs
        self._tags = tables.job_tags
        self._statuses = JobStatuses(tables)
        self._locks_rows = dialect.locks_rows

    def insert(self, connection: Connection, job: Job) -> None:
        """Add `job` and its tags. Raises InvalidInput if its id is taken."""
        try:
            with connection.begin_nested():
                connection.execute(self._jobs.insert(), [job_row(job)])
        except IntegrityError as error:
            raise InvalidInput("job_id", f"{job.id!r} is taken by another job") from error
        self._insert_tags(connection, job)

    def update(self, connection: Connection, job: Job) -> None:
        """Store every field of `job`, which the caller has locked with `get_locked`."""
        connection.execute(self._jobs.update().where(self._jobs.c.id == job.id), job_row(job))
        connection.execute(self._tags.delete().where(self._tags.c.job_id == job.id))
        self._insert_tags(connection, job)

    def delete(self, connection: Connection, job_id: str) -> None:
        """Remove the job and its tags."""
        connection.execute(self._tags.delete().where(self._tags.c.job_id == job_id))
        connection.execute(self._jobs.delete().where(self._jobs.c.id == job_id))

    def get(self, connection: Connection, job_id: str) -> Job:
        """The job of this id. Raises JobNotFound."""
        job = self.find(connection, job_id)
        if job is None:
            raise JobNotFound(job_id)
        return job

    def get_locked(self, connection: Connection, job_id: str) -> Job:
        """The job of this id, which no other transaction changes before this one ends."""
        query = select(self._jobs).where(self._jobs.c.id == job_id)
        row = connection.execute(query.with_for_update() if self._locks_rows else query).first()
        if row is None:
            raise JobNotFound(job_id)
        return job_from(row, self._tags_of(connection, [job_id]).get(job_id, ()))

    def lock(self, connection: Connection, job_ids: Iterable[str]) -> dict[str, Job]:
        """The jobs of these ids that exist, by id and without tags; locked as `get_locked` does."""
        query = select(self._jobs).where(self._jobs.c.id.in_(sorted(set(job_ids))))
        # One order for all who lock several: they can not wait for each other in a circle.
        ordered = query.order_by(self._jobs.c.id)
        rows = connection.execute(ordered.with_for_update() if self._locks_rows else ordered)
        return {row.id: job_from(row) for row in rows}

    def find(self, connection: Connection, job_id: str) -> Job | None:
        """The job of this id, or None."""
        return next(iter(self.by_ids(connection, [job_id])), None)

    def by_ids(self, connection: Connection, job_ids: Iterable[str]) -> list[Job]:
        """The jobs of these ids that exist, in no order."""
        ids = list(job_ids)
        rows = connection.execute(select(self._jobs).where(self._jobs.c.id.in_(ids)))
        return self._with_tags(connection, list(rows))

    def page(
        self, connection: Connection, which: JobFilter, request: PageRequest, sort: str = NEXT_RUN
    ) -> Page[Job]:
        """A page of jobs, by default the next to fire first, those that never fire last.

        `sort` is what `job_order` takes.
        """
        page = fetch_page(connection, self._matching(which), job_order(self._jobs, sort), request)
        return replace(page, items=self._with_tags(connection, page.items))

    def count(self, connection: Connection, which: JobFilter) -> int:
        """How many jobs match."""
        some = self._matching(which).subquery()
        return connection.execute(select(func.count()).select_from(some)).scalar_one()

    def active_without_next_fire(self, connection: Connection, after_id: str) -> list[Job]:
        """Active jobs that have no next fire time, by id, from behind `after_id`; at most 1,000."""
        table = self._jobs
        query = select(table).where(
            table.c.state == ACTIVE, table.c.next_fire.is_(None), table.c.id > after_id
        )
        return [job_from(row) for row in connection.execute(query.order_by(table.c.id).limit(1000))]

    def next_to_fire(self, connection: Connection, until: datetime, limit: int) -> list[Job]:
        """Active jobs whose next fire time is at or before `until`, the next to fire first."""
        table = self._jobs
        query = select(table).where(self._statuses.active(), table.c.next_fire <= until)
        ordered = query.order_by(table.c.next_fire, table.c.id).limit(limit)
        return self._with_tags(connection, list(connection.execute(ordered)))

    def schedules(self, connection: Connection, until: datetime) -> list[Schedule]:
        """The schedules of active jobs whose next fire time is at or before `until`, in no order.

        Each stands for all jobs that have it and the same next fire time.
        """
        table = self._jobs
        columns = (
            table.c.trigger,
            table.c.timezone,
            table.c.start_date,
            table.c.end_date,
            table.c.next_fire,
        )
        query = select(*columns, func.count()).group_by(*columns)
        rows = connection.execute(query.where(self._statuses.active(), table.c.next_fire <= until))
        return [Schedule(*row) for row in rows]

    def classes(self, connection: Connection) -> list[str]:
        """The class of every job, each once, in no order."""
        column = self._jobs.c.job_class_string
        return [row.job_class_string for row in connection.execute(select(column).distinct())]

    def changed_since(
        self, connection: Connection, since: datetime, after_id: str, limit: int
    ) -> list[Job]:
        """Jobs changed by a user at `since` or later, without tags: by id, behind `after_id`."""
        table = self._jobs
        query = select(table).where(table.c.updated_at >= since, table.c.id > after_id)
        rows = connection.execute(query.order_by(table.c.id).limit(limit))
        return [job_from(row) for row in rows]

    def tag_counts(self, connection: Connection) -> list[tuple[str, int]]:
        """Every tag and how many jobs have it, by tag."""
        tag = self._tags.c.tag
        query = select(tag, func.count().label("jobs")).group_by(tag).order_by(tag)
        return [(row.tag, row.jobs) for row in connection.execute(query)]

    def _matching(self, which: JobFilter) -> Select[Any]:
        table = self._jobs
        query = select(table)
        if which.q:
            words = [table.c.name, table.c.job_class_string, table.c.description, table.c.id]
            query = query.where(matching(words, which.q))
        if which.is_paused is not None:
            query = query.where(table.c.state == (PAUSED if which.is_paused else ACTIVE))
        if which.job_class_string is not None:
            query = query.where(table.c.job_class_string == which.job_class_string)
        if which.job_ids is not None:
            query = query.where(table.c.id.in_(list(which.job_ids)))
        if which.statuses:
            query = query.where(self._statuses.any_of(which.statuses, which.broken))
        for tag in which.tags:
            query = query.where(table.c.id.in_(self.ids_tagged(tag)))
        return query

    def ids_tagged(self, tag: str) -> Select[Any]:
        """The subquery of the ids of the jobs that have `tag`."""
        return select(self._tags.c.job_id).where(self._tags.c.tag == tag)

    def _with_tags(self, connection: Connection, rows: Sequence[Any]) -> list[Job]:
        tags = self._tags_of(connection, [row.id for row in rows])
        return [job_from(row, tags.get(row.id, ())) for row in rows]

    def _tags_of(self, connection: Connection, job_ids: list[str]) -> dict[str, tuple[str, ...]]:
        if not job_ids:
            return {}
        query = select(self._tags).where(self._tags.c.job_id.in_(job_ids))
        found: dict[str, list[str]] = {}
        for row in connection.execute(query.order_by(self._tags.c.tag)):
            found.setdefault(row.job_id, []).append(row.tag)
        return {job_id: tuple(tags) for job_id, tags in found.items()}

    def _insert_tags(self, connection: Connection, job: Job) -> None:
        if job.tags:
            rows = [{"job_id": job.id, "tag": tag} for tag in dict.fromkeys(job.tags)]
            connection.execute(self._tags.insert(), rows)
