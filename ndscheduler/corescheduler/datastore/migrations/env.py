"""Alembic's entry: runs migrations on the connection and table names that `run.py` hands over."""

from __future__ import annotations

from alembic import context

config = context.config

context.configure(
    connection=config.attributes["connection"],
    version_table=config.attributes["table_names"].version,
    transactional_ddl=config.attributes["transactional_ddl"],
)
with context.begin_transaction():
    context.run_migrations()
