"""What an instance can do, and how long its silence is no death."""

from __future__ import annotations

from alembic import context, op
from sqlalchemy import BigInteger, Column, Integer, inspect

from ndscheduler.corescheduler.datastore.table_names import TableNames

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the lease and the number of threads; NULL for instances of an earlier release."""
    names: TableNames = context.config.attributes["table_names"]
    table = names.derived("instances")
    # MySQL commits each of the two by itself: what an interrupted upgrade added stays.
    present = {column["name"] for column in inspect(op.get_bind()).get_columns(table)}
    for column in (Column("lease_microseconds", BigInteger), Column("threads", Integer)):
        if column.name not in present:
            op.add_column(table, column)


def downgrade() -> None:
    """Take both columns away."""
    names: TableNames = context.config.attributes["table_names"]
    op.drop_column(names.derived("instances"), "threads")
    op.drop_column(names.derived("instances"), "lease_microseconds")
