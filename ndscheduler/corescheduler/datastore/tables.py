"""Every table of ndscheduler. Migrations make them; a test holds the two together.

All names derive from the three names of `DATABASE_TABLENAMES`, so that two installations can
share one database. MySQL compares text by `utf8mb4_bin`: ids differ by case there as elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.exc import InvalidRequestError

from ndscheduler.corescheduler.datastore import account_tables
from ndscheduler.corescheduler.datastore.table_names import MYSQL
from ndscheduler.corescheduler.datastore.table_names import TableNames as TableNames
from ndscheduler.corescheduler.datastore.types import Id, Instant, LongText, ShortText
from ndscheduler.corescheduler.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one installation."""

    names: TableNames
    metadata: MetaData
    jobs: Table
    job_tags: Table
    executions: Table
    execution_output: Table
    job_stats: Table
    audit_logs: Table
    instances: Table
    users: Table
    sessions: Table
    api_tokens: Table
    keys: Table


def build_tables(names: TableNames) -> Tables:
    """The tables of the installation that is named `names`."""
    metadata = MetaData()
    try:
        return _built(metadata, names)
    except InvalidRequestError as error:
        raise ConfigError(
            "DATABASE_TABLENAMES: one of its names is that of a further table, which begins with "
            f"{names.executions}_: choose another."
        ) from error


def _built(metadata: MetaData, names: TableNames) -> Tables:
    return Tables(
        names=names,
        metadata=metadata,
        jobs=_jobs(metadata, names),
        job_tags=_job_tags(metadata, names),
        executions=_executions(metadata, names),
        execution_output=_execution_output(metadata, names),
        job_stats=_job_stats(metadata, names),
        audit_logs=_audit_logs(metadata, names),
        instances=_instances(metadata, names),
        users=account_tables.users(metadata, names),
        sessions=account_tables.sessions(metadata, names),
        api_tokens=account_tables.api_tokens(metadata, names),
        keys=account_tables.keys(metadata, names),
    )


def _jobs(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.jobs,
        metadata,
        Column("id", Id, nullable=False),
        Column("name", LongText, nullable=False),
        Column("job_class_string", LongText, nullable=False),
        Column("args", LongText, nullable=False),
        Column("kwargs", LongText, nullable=False),
        Column("trigger", LongText, nullable=False),
        Column("timezone", ShortText, nullable=False),
        Column("start_date", Instant),
        Column("end_date", Instant),
        Column("misfire_grace_seconds", BigInteger),
        Column("coalesce", Boolean, nullable=False),
        Column("max_instances", Integer, nullable=False),
        Column("overlap", ShortText, nullable=False),
        Column("executor", ShortText, nullable=False),
        Column("priority", Integer, nullable=False),
        Column("options", LongText, nullable=False),
        Column("description", LongText),
        Column("next_fire", Instant),
        Column("rev", BigInteger, nullable=False),
        Column("state", ShortText, nullable=False),
        Column("paused_by", LongText),
        Column("paused_at", Instant),
        Column("paused_until", Instant),
        Column("paused_reason", LongText),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=names.derived("pk", of=names.jobs)),
        Index(names.derived("next_fire", of=names.jobs), "next_fire", "id"),
        Index(names.derived("paused_until", of=names.jobs), "paused_until"),
        **MYSQL,
    )


def _job_tags(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("tags"),
        metadata,
        Column("job_id", Id, nullable=False),
        Column("tag", ShortText, nullable=False),
        PrimaryKeyConstraint("job_id", "tag", name=names.derived("tags_pk")),
        Index(names.derived("tags_tag"), "tag"),
        **MYSQL,
    )


def _executions(metadata: MetaData, names: TableNames) -> Table:
    only_live = text("live IS NOT NULL")
    has_key = text("dedup_key IS NOT NULL")
    return Table(
        names.executions,
        metadata,
        Column("id", Id, nullable=False),
        Column("job_id", Id, nullable=False),
        Column("job_name", LongText, nullable=False),
        Column("job_class_string", LongText, nullable=False),
        Column("args", LongText, nullable=False),
        Column("kwargs", LongText, nullable=False),
        Column("job_rev", BigInteger, nullable=False),
        Column("fire_time", Instant),
        Column("first_fire_time", Instant),
        Column("count", BigInteger, nullable=False),
        Column("trigger_kind", ShortText, nullable=False),
        Column("requested_by", LongText),
        Column("parent_id", Id),
        Column("retry_of", Id),
        Column("attempt", Integer, nullable=False),
        Column("dedup_key", Id),
        Column("series_id", Id),
        Column("executor", ShortText, nullable=False),
        Column("priority", Integer, nullable=False),
        Column("state", SmallInteger, nullable=False),
        # 1 until the execution is finished, then NULL: a small index instead of one on state.
        Column("live", SmallInteger),
        Column("start_deadline", Instant),
        Column("claimed_by", Id),
        Column("owner", Id),
        Column("hostname", LongText),
        Column("pid", Integer),
        Column("task_id", LongText),
        Column("scheduled_time", Instant, nullable=False),
        Column("started_time", Instant),
        Column("finished_time", Instant),
        Column("updated_time", Instant, nullable=False),
        Column("timeout_at", Instant),
        Column("stop_requested_by", LongText),
        Column("stop_requested_at", Instant),
        Column("exit_code", Integer),
        Column("error_summary", LongText),
        Column("reason", LongText),
        Column("description", LongText),
        Column("result", LongText),
        PrimaryKeyConstraint("id", name=names.derived("pk")),
        UniqueConstraint("job_id", "fire_time", name=names.derived("fire")),
        Index(names.derived("scheduled"), "scheduled_time", "id"),
        Index(names.derived("job_scheduled"), "job_id", "scheduled_time", "id"),
        Index(
            names.derived("live"),
            "live",
            "job_id",
            "owner",
            sqlite_where=only_live,
            postgresql_where=only_live,
        ),
        Index(
            names.derived("dedup"),
            "dedup_key",
            unique=True,
            sqlite_where=has_key,
            postgresql_where=has_key,
        ),
        **MYSQL,
    )


def _execution_output(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("output"),
        metadata,
        Column("execution_id", Id, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("stream", SmallInteger, nullable=False),
        Column("written_at", Instant, nullable=False),
        Column("text", LongText, nullable=False),
        PrimaryKeyConstraint("execution_id", "sequence", name=names.derived("output_pk")),
        **MYSQL,
    )


def _job_stats(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("stats"),
        metadata,
        Column("job_id", Id, nullable=False),
        Column("hour", Instant, nullable=False),
        Column("state", SmallInteger, nullable=False),
        Column("count", BigInteger, nullable=False),
        Column("total_microseconds", BigInteger, nullable=False),
        PrimaryKeyConstraint("job_id", "hour", "state", name=names.derived("stats_pk")),
        Index(names.derived("stats_hour"), "hour"),
        **MYSQL,
    )


def _audit_logs(metadata: MetaData, names: TableNames) -> Table:
    of = names.audit_logs
    return Table(
        of,
        metadata,
        Column("id", Id, nullable=False),
        Column("event", Integer, nullable=False),
        Column("job_id", Id, nullable=False),
        Column("job_name", LongText, nullable=False),
        Column("user", LongText, nullable=False),
        Column("remote", LongText),
        Column("created_time", Instant, nullable=False),
        Column("description", LongText),
        Column("changes", LongText),
        PrimaryKeyConstraint("id", name=names.derived("pk", of=of)),
        Index(names.derived("created", of=of), "created_time", "id"),
        Index(names.derived("job", of=of), "job_id", "created_time", "id"),
        **MYSQL,
    )


def _instances(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("instances"),
        metadata,
        Column("id", Id, nullable=False),
        Column("kind", ShortText, nullable=False),
        Column("hostname", LongText, nullable=False),
        Column("pid", Integer, nullable=False),
        Column("version", ShortText, nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("heartbeat_at", Instant, nullable=False),
        Column("stopped_at", Instant),
        Column("lease_microseconds", BigInteger),
        Column("threads", Integer),
        PrimaryKeyConstraint("id", name=names.derived("instances_pk")),
        **MYSQL,
    )


def get_execution_table(metadata: MetaData, tablename: str) -> Table:
    """[compat] The executions table of the name `tablename`, in `metadata`."""
    return _executions(metadata, TableNames(executions=tablename))


def get_auditlogs_table(metadata: MetaData, tablename: str) -> Table:
    """[compat] The audit log table of the name `tablename`, in `metadata`."""
    return _audit_logs(metadata, TableNames(audit_logs=tablename))
