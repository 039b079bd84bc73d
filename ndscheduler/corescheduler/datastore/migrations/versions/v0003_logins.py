"""Where the account of a login is kept, and the keys that servers share."""

from __future__ import annotations

from alembic import context, op
from sqlalchemy import Column, PrimaryKeyConstraint, inspect

from ndscheduler.corescheduler.datastore.table_names import MYSQL, TableNames
from ndscheduler.corescheduler.datastore.types import Id, LongText, ShortText

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns to the logins, of which there are none before, and a table."""
    names: TableNames = context.config.attributes["table_names"]
    sessions, keys = names.derived("sessions"), names.derived("keys")
    inspector = inspect(op.get_bind())
    # MySQL commits each step by itself: what an interrupted upgrade did stays.
    present = {column["name"] for column in inspector.get_columns(sessions)}
    source = Column("source", ShortText, nullable=False, server_default="database")
    for column in (source, Column("role", ShortText)):
        if column.name not in present:
            op.add_column(sessions, column)
    if not inspector.has_table(keys):
        op.create_table(
            keys,
            Column("name", Id, nullable=False),
            Column("value", LongText, nullable=False),
            PrimaryKeyConstraint("name", name=names.derived("keys_pk")),
            **MYSQL,
        )


def downgrade() -> None:
    """Take all of it away."""
    names: TableNames = context.config.attributes["table_names"]
    op.drop_table(names.derived("keys"))
    op.drop_column(names.derived("sessions"), "role")
    op.drop_column(names.derived("sessions"), "source")
