"""Every table of ndscheduler. Migrations make them; a test holds the two together.

All names derive from the three names of `DATABASE_TABLENAMES`, so that two installations can
share one database. MySQL compares text by `utf8mb4_bin`: ids differ by case there as elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

from ndscheduler.corescheduler.constants import (
    DEFAULT_AUDIT_LOGS_TABLENAME,
    DEFAULT_EXECUTIONS_TABLENAME,
    DEFAULT_JOBS_TABLENAME,
)
from ndscheduler.corescheduler.datastore.types import Id, Instant, LongText, ShortText

# PostgreSQL cuts longer names silently, so two of them could become one.
MAX_NAME_LENGTH = 60

_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


@dataclass(frozen=True, slots=True)
class TableNames:
    """The names of the three tables that a user may choose; all others derive from them."""

    jobs: str = DEFAULT_JOBS_TABLENAME
    executions: str = DEFAULT_EXECUTIONS_TABLENAME
    audit_logs: str = DEFAULT_AUDIT_LOGS_TABLENAME

    @classmethod
    def from_settings(cls, names: Mapping[str, str] | None) -> TableNames:
        """The names of the setting DATABASE_TABLENAMES, defaults where one is absent."""
        names = names or {}
        return cls(
            jobs=names.get("jobs_tablename", DEFAULT_JOBS_TABLENAME),
            executions=names.get("executions_tablename", DEFAULT_EXECUTIONS_TABLENAME),
            audit_logs=names.get("auditlogs_tablename", DEFAULT_AUDIT_LOGS_TABLENAME),
        )

    def to_settings(self) -> dict[str, str]:
        """The same as the setting DATABASE_TABLENAMES is written."""
        return {
            "jobs_tablename": self.jobs,
            "executions_tablename": self.executions,
            "auditlogs_tablename": self.audit_logs,
        }

    @property
    def version(self) -> str:
        """The table that holds the version of the schema."""
        return self.derived("version")

    def derived(self, suffix: str, of: str | None = None) -> str:
        """`suffix` after the executions table's name (or `of`), short enough for every database."""
        name = f"{of or self.executions}_{suffix}"
        if len(name) <= MAX_NAME_LENGTH:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return f"{name[: MAX_NAME_LENGTH - 9]}_{digest}"


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


def build_tables(names: TableNames) -> Tables:
    """The tables of the installation that is named `names`."""
    metadata = MetaData()
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
        users=_users(metadata, names),
        sessions=_sessions(metadata, names),
        api_tokens=_api_tokens(metadata, names),
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
        **_MYSQL,
    )


def _job_tags(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("tags"),
        metadata,
        Column("job_id", Id, nullable=False),
        Column("tag", ShortText, nullable=False),
        PrimaryKeyConstraint("job_id", "tag", name=names.derived("tags_pk")),
        Index(names.derived("tags_tag"), "tag"),
        **_MYSQL,
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
        **_MYSQL,
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
        **_MYSQL,
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
        **_MYSQL,
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
        **_MYSQL,
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
        PrimaryKeyConstraint("id", name=names.derived("instances_pk")),
        **_MYSQL,
    )


def _users(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("users"),
        metadata,
        Column("id", Id, nullable=False),
        Column("name", ShortText, nullable=False),
        Column("password_hash", LongText),
        Column("role", ShortText, nullable=False),
        Column("is_disabled", Boolean, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name=names.derived("users_pk")),
        UniqueConstraint("name", name=names.derived("users_name")),
        **_MYSQL,
    )


def _sessions(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("sessions"),
        metadata,
        Column("id_hash", Id, nullable=False),
        Column("user_name", ShortText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("last_seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        PrimaryKeyConstraint("id_hash", name=names.derived("sessions_pk")),
        Index(names.derived("sessions_user"), "user_name"),
        **_MYSQL,
    )


def _api_tokens(metadata: MetaData, names: TableNames) -> Table:
    return Table(
        names.derived("tokens"),
        metadata,
        Column("id", Id, nullable=False),
        Column("name", ShortText, nullable=False),
        Column("token_hash", Id, nullable=False),
        Column("user_name", ShortText, nullable=False),
        Column("role", ShortText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant),
        Column("last_used_at", Instant),
        PrimaryKeyConstraint("id", name=names.derived("tokens_pk")),
        UniqueConstraint("token_hash", name=names.derived("tokens_hash")),
        **_MYSQL,
    )


def get_execution_table(metadata: MetaData, tablename: str) -> Table:
    """[compat] The executions table of the name `tablename`, in `metadata`."""
    return _executions(metadata, TableNames(executions=tablename))


def get_auditlogs_table(metadata: MetaData, tablename: str) -> Table:
    """[compat] The audit log table of the name `tablename`, in `metadata`."""
    return _audit_logs(metadata, TableNames(audit_logs=tablename))
