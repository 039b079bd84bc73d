"""What tests of backups ask of files and databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, func, select

from ndscheduler.corescheduler.datastore.base import DatastoreBase


def count(datastore: DatastoreBase, name: str = "executions") -> int:
    """How many rows a table has."""
    query = select(func.count()).select_from(getattr(datastore.tables, name))
    return int(datastore.read(lambda connection: connection.scalar(query) or 0))


def tables_in(datastore: DatastoreBase) -> list[str]:
    """The tables of this installation that there are."""
    ours = {table.name for table in datastore.tables.metadata.sorted_tables}
    with datastore.engine.connect() as connection:
        names = connection.dialect.get_table_names(connection)
    return sorted(ours & set(names))


def failing(datastore: DatastoreBase, hook: Any) -> Any:
    """`run_long`, with `hook` called before every statement."""
    run_long = datastore.run_long

    def run(work: Any, *args: Any, **kwargs: Any) -> Any:
        def with_hook(engine: Any) -> Any:
            event.listen(engine, "before_cursor_execute", hook)
            return work(engine, *args, **kwargs)

        return run_long(with_hook)

    return run
