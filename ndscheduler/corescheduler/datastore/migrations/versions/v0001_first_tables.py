"""The first tables of release 1.0.

What stands here stays as it is: later changes are migrations of their own.
"""

from __future__ import annotations

from typing import Any

from alembic import context, op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    text,
)

from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.datastore.types import Id, Instant, LongText, ShortText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Create every table."""
    names: TableNames = context.config.attributes["table_names"]
    _create_jobs(names)
    _create_job_tags(names)
    _create_executions(names)
    _create_execution_output(names)
    _create_job_stats(names)
    _create_audit_logs(names)
    _create_instances(names)
    _create_users(names)
    _create_sessions(names)
    _create_api_tokens(names)


def downgrade() -> None:
    """Refused: it would delete all history."""
    raise RuntimeError("The first migration can not be undone: it would delete all history.")


def _create_jobs(names: TableNames) -> None:
    op.create_table(
        names.jobs,
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


def _create_job_tags(names: TableNames) -> None:
    op.create_table(
        names.derived("tags"),
        Column("job_id", Id, nullable=False),
        Column("tag", ShortText, nullable=False),
        PrimaryKeyConstraint("job_id", "tag", name=names.derived("tags_pk")),
        Index(names.derived("tags_tag"), "tag"),
        **_MYSQL,
    )


def _create_executions(names: TableNames) -> None:
    only_live = text("live IS NOT NULL")
    has_key = text("dedup_key IS NOT NULL")
    op.create_table(
        names.executions,
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


def _create_execution_output(names: TableNames) -> None:
    op.create_table(
        names.derived("output"),
        Column("execution_id", Id, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("stream", SmallInteger, nullable=False),
        Column("written_at", Instant, nullable=False),
        Column("text", LongText, nullable=False),
        PrimaryKeyConstraint("execution_id", "sequence", name=names.derived("output_pk")),
        **_MYSQL,
    )


def _create_job_stats(names: TableNames) -> None:
    op.create_table(
        names.derived("stats"),
        Column("job_id", Id, nullable=False),
        Column("hour", Instant, nullable=False),
        Column("state", SmallInteger, nullable=False),
        Column("count", BigInteger, nullable=False),
        Column("total_microseconds", BigInteger, nullable=False),
        PrimaryKeyConstraint("job_id", "hour", "state", name=names.derived("stats_pk")),
        Index(names.derived("stats_hour"), "hour"),
        **_MYSQL,
    )


def _create_audit_logs(names: TableNames) -> None:
    of = names.audit_logs
    op.create_table(
        of,
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


def _create_instances(names: TableNames) -> None:
    op.create_table(
        names.derived("instances"),
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


def _create_users(names: TableNames) -> None:
    op.create_table(
        names.derived("users"),
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


def _create_sessions(names: TableNames) -> None:
    op.create_table(
        names.derived("sessions"),
        Column("id_hash", Id, nullable=False),
        Column("user_name", ShortText, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("last_seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        PrimaryKeyConstraint("id_hash", name=names.derived("sessions_pk")),
        Index(names.derived("sessions_user"), "user_name"),
        **_MYSQL,
    )


def _create_api_tokens(names: TableNames) -> None:
    op.create_table(
        names.derived("tokens"),
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
