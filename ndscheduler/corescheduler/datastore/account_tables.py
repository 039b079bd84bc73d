"""The tables of accounts, sessions, API tokens and keys."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ndscheduler.corescheduler.datastore.table_names import MYSQL, TableNames
from ndscheduler.corescheduler.datastore.types import Id, Instant, LongText, ShortText


def users(metadata: MetaData, names: TableNames) -> Table:
    """Accounts; of their passwords only hashes."""
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
        **MYSQL,
    )


def sessions(metadata: MetaData, names: TableNames) -> Table:
    """Logins; of their ids only hashes."""
    return Table(
        names.derived("sessions"),
        metadata,
        Column("id_hash", Id, nullable=False),
        Column("user_name", ShortText, nullable=False),
        Column("source", ShortText, nullable=False, server_default="database"),
        Column("role", ShortText),
        Column("created_at", Instant, nullable=False),
        Column("last_seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        PrimaryKeyConstraint("id_hash", name=names.derived("sessions_pk")),
        Index(names.derived("sessions_user"), "user_name"),
        **MYSQL,
    )


def api_tokens(metadata: MetaData, names: TableNames) -> Table:
    """API tokens; only their hashes."""
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
        **MYSQL,
    )


def keys(metadata: MetaData, names: TableNames) -> Table:
    """Random texts that the servers of one database share."""
    return Table(
        names.derived("keys"),
        metadata,
        Column("name", Id, nullable=False),
        Column("value", LongText, nullable=False),
        PrimaryKeyConstraint("name", name=names.derived("keys_pk")),
        **MYSQL,
    )
