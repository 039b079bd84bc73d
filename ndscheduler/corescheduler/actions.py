"""The unit of work: what a user does to jobs, with its audit entry, in one transaction.

REST and the Python API both come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler.changes import audit_entry, changes_between, job_as_json
from ndscheduler.corescheduler.claim_plan import ended_row, run_by_hand, skipped_instead
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import BY_TRIGGER, AuditEvent, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.queue import ALL_KINDS
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection
from ndscheduler.corescheduler.definitions import (
    UNSET,
    JobDefaults,
    JobFields,
    Unset,
    arguments_text,
    change_job,
    define_job,
    find_trigger_error,
    first_fire,
    keywords_text,
    schedule_of,
    trigger_of,
)
from ndscheduler.corescheduler.errors import InvalidInput, InvalidTrigger, StaleJob
from ndscheduler.corescheduler.models import Actor, Execution, Job
from ndscheduler.corescheduler.pauses import paused_job, resumed_job
from ndscheduler.corescheduler.triggers import Tally

# Ends pauses whose time has come.
SYSTEM = Actor("system")


@dataclass
class JobActions:
    """One method per action. `on_change` is called after each, `on_queued` with a new execution."""

    datastore: DatastoreBase
    defaults: JobDefaults = field(default_factory=JobDefaults)
    instance_id: str = ""
    on_change: Callable[[AuditEvent, str], None] = lambda event, job_id: None
    on_queued: Callable[[Execution], None] = lambda execution: None

    def add(self, given: JobFields, actor: Actor, job_id: str | None = None) -> Job:
        """Add a job. Raises InvalidInput that names the first bad field."""
        chosen = job_id or new_id()

        def work(connection: Connection) -> Job:
            job = define_job(given, self.defaults, self._now(connection), chosen)
            self.datastore.jobs.insert(connection, job)
            self._audit(connection, AuditEvent.ADDED, job, actor, job.created_at)
            return job

        return self._changed(AuditEvent.ADDED, self.datastore.write(work))

    def modify(
        self, job_id: str, given: JobFields, actor: Actor, expected_rev: int | None = None
    ) -> Job:
        """Change a job, all or nothing. Raises JobNotFound, InvalidInput, StaleJob."""

        def work(connection: Connection) -> Job:
            old = self.datastore.jobs.get_locked(connection, job_id)
            if expected_rev is not None and expected_rev != old.rev:
                raise StaleJob(job_id, expected_rev, old.rev)
            now = self._now(connection)
            new = change_job(old, given, now, self.defaults)
            # Another schedule may have the same next fire time, and yet not what is queued.
            if new.next_fire != old.next_fire or schedule_of(new) != schedule_of(old):
                reason = f"The schedule was changed by {_who(actor)}."
                self._skip_due(connection, old, now, reason)
                self._skip_queued(connection, old, now, reason, BY_TRIGGER)
            self.datastore.jobs.update(connection, new)
            self.datastore.queue.redefine(connection, new)
            changes = changes_between(old, new)
            self._audit(connection, AuditEvent.MODIFIED, new, actor, now, changes=changes)
            return new

        return self._changed(AuditEvent.MODIFIED, self.datastore.write(work))

    def remove(self, job_id: str, actor: Actor) -> Job:
        """Delete a job; its executions and audit entries stay. Raises JobNotFound."""

        def work(connection: Connection) -> Job:
            job = self.datastore.jobs.get_locked(connection, job_id)
            now = self._now(connection)
            reason = f"The job was deleted by {_who(actor)}."
            self._skip_due(connection, job, now, reason)
            self._skip_queued(connection, job, now, reason)
            self.datastore.jobs.delete(connection, job_id)
            shown = job_as_json(job)
            self._audit(connection, AuditEvent.DELETED, job, actor, now, description=shown)
            return job

        return self._changed(AuditEvent.DELETED, self.datastore.write(work))

    def pause(
        self,
        job_id: str,
        actor: Actor,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> Job:
        """Pause a job, for good or `until` an instant. Raises JobNotFound, InvalidInput."""

        def work(connection: Connection) -> Job:
            job = self.datastore.jobs.get_locked(connection, job_id)
            now = self._now(connection)
            if until is not None and until <= now:
                raise InvalidInput("until", f"{until.isoformat()} is not in the future")
            why = f"The job was paused by {_who(actor)}."
            self._skip_due(connection, job, now, why)
            self._skip_queued(connection, job, now, why, BY_TRIGGER)
            # To pause again and say nothing more changes nothing.
            again = job.is_paused and until is None and reason is None
            paused = job if again else paused_job(job, actor, now, until, reason)
            return self._set_state(connection, job, paused, actor, now)

        return self._changed(AuditEvent.PAUSED, self.datastore.write(work))

    def resume(self, job_id: str, actor: Actor) -> Job:
        """Let a paused job fire again, from now on. Raises JobNotFound, InvalidTrigger."""

        def work(connection: Connection) -> Job:
            job = self.datastore.jobs.get_locked(connection, job_id)
            now = self._now(connection)
            return self._set_state(connection, job, resumed_job(job, now), actor, now)

        return self._changed(AuditEvent.RESUMED, self.datastore.write(work))

    def resume_due(self, connection: Connection, now: datetime) -> int:
        """Within a claim: end the pauses whose time has come; how many."""
        jobs = self.datastore.claims.jobs_to_resume(connection, now, 500)
        for found in jobs:
            job = self.datastore.jobs.get_locked(connection, found.id)
            ended = job.paused_until or now
            try:
                # Fires between the end of the pause and this claim are due, not lost.
                resumed = resumed_job(job, ended)
            except InvalidTrigger:
                resumed = replace(job, is_paused=False, paused_until=None)
            self._set_state(connection, job, resumed, SYSTEM, now)
        return len(jobs)

    def repair_next_fires(self) -> None:
        """Give active jobs that lost their next fire time one again, once their trigger reads.

        A trigger is unreadable while, say, the machine lacks its time zone.
        """

        def work(connection: Connection, after_id: str) -> str | None:
            now = self._now(connection)
            found = self.datastore.jobs.active_without_next_fire(connection, after_id)
            # Most of them are single dates that have passed: only the others are locked.
            for job in found:
                fire = None if find_trigger_error(job) else first_fire(job, now)
                if fire is not None:
                    self.datastore.claims.set_lost_fire(connection, job, fire)
            return found[-1].id if found else None

        after_id: str | None = ""
        while after_id is not None:
            after_id = self.datastore.write(work, after_id)

    def skip_next(self, job_id: str, actor: Actor, reason: str | None = None) -> Job:
        """Skip the next fire time of a job: it becomes a `skipped` row. Raises InvalidInput."""

        def work(connection: Connection) -> Job:
            job = self.datastore.jobs.get_locked(connection, job_id)
            now = self._now(connection)
            if job.next_fire is None:
                raise InvalidInput("job_id", f"job {job_id} has no next fire time to skip")
            fire = job.next_fire
            why = f"Skipped by {_who(actor)}" + (f": {reason}" if reason else ".")
            self._record_skipped(connection, job, Tally(1, fire, fire), now, why)
            skipped = replace(job, next_fire=trigger_of(job).next_fire(fire), updated_at=now)
            self.datastore.jobs.update(connection, skipped)
            changes = {"next_fire": [_iso(fire), _iso(skipped.next_fire)], "reason": [None, reason]}
            self._audit(
                connection, AuditEvent.SKIPPED_NEXT, job, actor, now, fire.isoformat(), changes
            )
            return skipped

        return self._changed(AuditEvent.SKIPPED_NEXT, self.datastore.write(work))

    def run(
        self,
        job_id: str,
        actor: Actor,
        pub_args: Sequence[Any] | Unset | None = UNSET,
        kwargs: Mapping[str, Any] | Unset | None = UNSET,
    ) -> str:
        """Queue one execution by hand, with the job's arguments or others; its id.

        Raises JobNotFound, InvalidInput.
        """
        execution_id = new_id()

        def work(connection: Connection) -> Execution:
            job = self.datastore.jobs.get(connection, job_id)
            now = self._now(connection)
            args = job.args_json if pub_args is UNSET else arguments_text(pub_args, job.args_json)
            words = job.kwargs_json if kwargs is UNSET else keywords_text(kwargs, job.kwargs_json)
            chosen = replace(job, args_json=args, kwargs_json=words)
            execution = run_by_hand(execution_id, chosen, actor, now)
            self.datastore.executions.insert(connection, execution)
            self._audit(connection, AuditEvent.CUSTOM_RUN, job, actor, now, execution_id)
            return execution

        self.on_queued(self.datastore.write(work))
        return execution_id

    def _skip_due(self, connection: Connection, job: Job, now: datetime, reason: str) -> None:
        """Record the fire times that are due but not claimed yet: an edit must not lose them."""
        if job.next_fire is None or job.next_fire > now:
            return
        rows = skipped_instead(job, now, reason, self.instance_id)
        self._insert_ended(connection, rows, now)

    def _skip_queued(
        self,
        connection: Connection,
        job: Job,
        now: datetime,
        reason: str,
        kinds: Sequence[TriggerKind] = ALL_KINDS,
    ) -> None:
        """What waits in the queue must not start once the answer to an edit is out."""
        skipped = self.datastore.queue.skip(connection, job.id, now, reason, kinds)
        endings = [Ending(job.id, ExecutionState.SKIPPED, now, count=skipped)]
        self.datastore.stats.add(connection, endings if skipped else [])

    def _record_skipped(
        self, connection: Connection, job: Job, fires: Tally, now: datetime, reason: str
    ) -> None:
        state = ExecutionState.SKIPPED
        row = ended_row(fires, job, now, self.instance_id, state, reason)
        self._insert_ended(connection, [row], now)

    def _insert_ended(
        self, connection: Connection, rows: Sequence[Execution], now: datetime
    ) -> None:
        self.datastore.claims.insert_executions(connection, rows)
        endings = [Ending(row.job_id, row.state, now, count=row.count) for row in rows]
        self.datastore.stats.add(connection, endings)

    def _set_state(
        self, connection: Connection, old: Job, new: Job, actor: Actor, now: datetime
    ) -> Job:
        self.datastore.jobs.update(connection, new)
        event = AuditEvent.PAUSED if new.is_paused else AuditEvent.RESUMED
        changes = changes_between(old, new) or None
        self._audit(connection, event, new, actor, now, changes=changes)
        return new

    def _audit(
        self,
        connection: Connection,
        event: AuditEvent,
        job: Job,
        actor: Actor,
        now: datetime,
        description: str | None = None,
        changes: dict[str, Any] | None = None,
    ) -> None:
        entry = audit_entry(event, job, actor, now, description, changes)
        self.datastore.audit_logs.insert(connection, entry)

    def _changed(self, event: AuditEvent, job: Job) -> Job:
        self.on_change(event, job.id)
        return job

    def _now(self, connection: Connection) -> datetime:
        return self.datastore.dialect.now(connection)


def _who(actor: Actor) -> str:
    return actor.user or "an unnamed user"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
