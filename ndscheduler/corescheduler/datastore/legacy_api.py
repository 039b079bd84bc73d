"""[compat] The datastore's methods of old, by which users' code reads and writes history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dateutil import parser as date_parser

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.clock import new_id, utc_now
from ndscheduler.corescheduler.constants import AUDIT_LOG_DICT, ExecutionState, TriggerKind
from ndscheduler.corescheduler.datastore.paging import AuditFilter, ExecutionFilter, PageRequest
from ndscheduler.corescheduler.datastore.rows import live_flag
from ndscheduler.corescheduler.datastore.stats import Ending
from ndscheduler.corescheduler.datastore.transactor import Connection, Transactions
from ndscheduler.corescheduler.errors import InvalidInput, InvalidTrigger
from ndscheduler.corescheduler.masking import mask_of_run
from ndscheduler.corescheduler.models import AuditEntry, Execution, Job
from ndscheduler.corescheduler.triggers import parse_trigger

if TYPE_CHECKING:
    from ndscheduler.corescheduler.datastore.audit_logs import AuditLogs
    from ndscheduler.corescheduler.datastore.executions import Executions
    from ndscheduler.corescheduler.datastore.jobs import Jobs
    from ndscheduler.corescheduler.datastore.stats import JobStats

PAGE = 1000
# No executor of ours has this name, so none starts what the caller runs.
EXTERNAL = "external"

# The keyword arguments of update_execution and add_execution that are columns as they stand.
_PLAIN = ("hostname", "pid", "task_id", "description", "result")
_TIMES = ("scheduled_time", "updated_time", "started_time", "finished_time")


class LegacyDatastoreApi(Transactions):
    """Methods with the names, arguments and dictionaries of release 0.x."""

    jobs: Jobs
    executions: Executions
    audit_logs: AuditLogs
    stats: JobStats

    def add_execution(self, execution_id: str, job_id: str, state: int, **kwargs: Any) -> None:
        """Record an execution that the caller runs itself."""
        now = utc_now()
        job = self.read(self.jobs.find, job_id)
        values = _columns(kwargs)
        execution = Execution(
            id=execution_id,
            job_id=job_id,
            job_name=job.name if job else "",
            job_class_string=job.job_class_string if job else "",
            args_json=job.args_json if job else "[]",
            kwargs_json=job.kwargs_json if job else "{}",
            scheduled_time=values.pop("scheduled_time", now),
            updated_time=values.pop("updated_time", now),
            state=ExecutionState(state),
            trigger_kind=TriggerKind.MANUAL,
            executor=EXTERNAL,
            **values,
        )
        self.write(self.executions.insert, execution)

    def update_execution(self, execution_id: str, **kwargs: Any) -> None:
        """Change columns of an execution: state, hostname, pid, task_id, description, result."""
        columns = _columns(kwargs)
        columns.setdefault("updated_time", utc_now())
        if "state" in kwargs:
            state = ExecutionState(int(kwargs["state"]))
            columns["state"] = int(state)
            columns["live"] = live_flag(state)
            if state is ExecutionState.SCHEDULED:
                columns["executor"] = EXTERNAL
        self.write(self._update_execution, execution_id, columns)

    def _update_execution(
        self, connection: Connection, execution_id: str, columns: dict[str, Any]
    ) -> None:
        before = self.executions.find(connection, execution_id)
        self.executions.update_columns(connection, execution_id, columns)
        if before is None or not before.state.is_live or columns.get("live", 1) is not None:
            return
        # The caller has ended it: the statistics count that end as any other.
        at = columns["updated_time"]
        duration = at - (before.started_time or at)
        ending = Ending(before.job_id, ExecutionState(columns["state"]), at, duration)
        self.stats.add(connection, [ending])

    def get_execution(self, execution_id: str) -> dict[str, Any] | None:
        """One execution as the REST API of old showed it, or None."""
        found = self.read(self.executions.find, execution_id)
        return None if found is None else self._execution_dict(found)

    def get_executions(
        self, time_range_start: str | datetime, time_range_end: str | datetime
    ) -> dict[str, list[dict[str, Any]]]:
        """All executions scheduled in the range, the last updated first."""
        which = ExecutionFilter(
            time_start=_instant(time_range_start, "time_range_start"),
            time_end=_instant(time_range_end, "time_range_end"),
        )
        found = self._all(self.executions.page, which, order="updated")
        return {"executions": [self._execution_dict(execution) for execution in found]}

    def add_audit_log(
        self,
        job_id: str,
        job_name: str,
        event: int,
        user: str = "",
        description: str | None = None,
    ) -> None:
        """Add an entry of the caller's own to the audit log."""
        entry = AuditEntry(
            id=new_id(),
            event=event,
            job_id=job_id,
            job_name=job_name,
            user=user or "",
            created_time=utc_now(),
            description=_masked(description),
        )
        self.write(self.audit_logs.insert, entry)

    def get_audit_logs(
        self, time_range_start: str | datetime, time_range_end: str | datetime
    ) -> dict[str, list[dict[str, Any]]]:
        """All entries of the range, the newest first."""
        which = AuditFilter(
            time_start=_instant(time_range_start, "time_range_start"),
            time_end=_instant(time_range_end, "time_range_end"),
        )
        return {"logs": [_audit_dict(entry) for entry in self._all(self.audit_logs.page, which)]}

    def get_time_isoformat_from_db(self, time_object: datetime) -> str:
        """`time_object` in ISO 8601; a naive one is UTC."""
        aware = time_object if time_object.tzinfo else time_object.replace(tzinfo=timezone.utc)
        return aware.isoformat()

    def lookup_job(self, job_id: str) -> Job | None:
        """The job of this id, or None."""
        return self.read(self.jobs.find, job_id)

    def _all(self, page_of: Callable[..., Any], which: Any, **kwargs: Any) -> list[Any]:
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.read(page_of, which, PageRequest(PAGE, cursor), **kwargs)
            items.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return items

    def _execution_dict(self, execution: Execution) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "execution_id": execution.id,
            "state": execution.state.label,
            "hostname": execution.hostname,
            "pid": execution.pid,
            "task_id": execution.task_id,
            "description": execution.description,
            "result": execution.result,
            "scheduled_time": execution.scheduled_time.isoformat(),
            "updated_time": execution.updated_time.isoformat(),
        }
        job = self.read(self.jobs.find, execution.job_id)
        if job is not None:
            shown["job"] = {
                "job_id": job.id,
                "name": job.name,
                "task_name": job.job_class_string,
                "pub_args": codec.plain(job.args_json),
                **_cron_strings(job),
            }
        return shown


def _cron_strings(job: Job) -> dict[str, str]:
    try:
        trigger = parse_trigger(job.trigger_json, job.timezone, job.start_date, job.end_date)
    except InvalidTrigger:
        # A job whose trigger is broken is shown all the same, with no schedule.
        return dict.fromkeys(("month", "day", "week", "day_of_week", "hour", "minute"), "")
    return trigger.cron_strings()


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - {*_PLAIN, *_TIMES, "state"}
    if unknown:
        raise InvalidInput(min(unknown), "is not a column of an execution that code may set")
    columns = {name: _masked(values[name]) for name in _PLAIN if name in values}
    for name in _TIMES:
        if values.get(name) is not None:
            columns[name] = _instant(values[name], name)
    return columns


def _masked(value: Any) -> Any:
    """`value`; a text that the code of a job gives is without the secrets of its run."""
    return mask_of_run().text(value) if isinstance(value, str) else value


def _instant(value: str | datetime, field: str) -> datetime:
    if isinstance(value, str):
        try:
            value = date_parser.isoparse(value)
        except ValueError as error:
            raise InvalidInput(field, f"{value!r} is not an ISO 8601 time") from error
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


def _audit_dict(entry: AuditEntry) -> dict[str, Any]:
    return {
        "job_id": entry.job_id,
        "job_name": entry.job_name,
        "event": AUDIT_LOG_DICT.get(int(entry.event), str(int(entry.event))),
        "user": entry.user,
        "created_time": entry.created_time.isoformat(),
        "description": entry.description,
    }
