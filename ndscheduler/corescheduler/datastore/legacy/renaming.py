"""Setting the old tables aside, so that nothing of theirs bears a name of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from ndscheduler.corescheduler.datastore.tables import Tables


def set_aside(connection: Connection, tables: Tables, renames: dict[str, str]) -> None:
    """Rename tables (old name -> new name), and those of their indexes that bear names of ours."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    pairs = [(quote(old), quote(new)) for old, new in renames.items()]
    if connection.dialect.name == "mysql":
        # One statement for all: either all are renamed or none. Index names are per table.
        parts = ", ".join(f"{old} TO {new}" for old, new in pairs)
        connection.exec_driver_sql(f"RENAME TABLE {parts}")
        return
    rename = _rename if connection.dialect.name == "postgresql" else _rename_in_sqlite
    for old, new in pairs:
        rename(connection, f"ALTER TABLE {old} RENAME TO {new}")
    ours = _our_names(tables)
    if connection.dialect.name == "postgresql":
        _rename_postgres_indexes(connection, renames.values(), ours)
    else:
        _rename_sqlite_indexes(connection, renames.values(), ours)


def _rename(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _rename_in_sqlite(connection: Connection, statement: str) -> None:
    """Rename with all views and triggers that name the table; with none if one is broken."""
    try:
        connection.exec_driver_sql(statement)
    except OperationalError:
        # SQLite reads every view and trigger first, and one of any table may be broken.
        connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
        try:
            connection.exec_driver_sql(statement)
        finally:
            connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")


def _our_names(tables: Tables) -> set[str]:
    """The names of all tables, indexes and constraints that are about to be made."""
    names = {tables.names.version}
    for each in tables.metadata.sorted_tables:
        names.add(each.name)
        names |= {str(index.name) for index in each.indexes}
        names |= {str(constraint.name) for constraint in each.constraints if constraint.name}
    return names


def _rename_postgres_indexes(
    connection: Connection, table_names: Iterable[str], ours: set[str]
) -> None:
    """Index names are per schema there, and an index keeps its name when its table is renamed."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    query = text(
        "SELECT indexname FROM pg_indexes WHERE tablename = :name AND schemaname = current_schema()"
    )
    for name in table_names:
        for index in connection.execute(query, {"name": name}).scalars().all():
            if index in ours:
                free = _free_name(index, ours)
                connection.exec_driver_sql(f"ALTER INDEX {quote(index)} RENAME TO {quote(free)}")


def _rename_sqlite_indexes(
    connection: Connection, table_names: Iterable[str], ours: set[str]
) -> None:
    """Index names are per file there, and an index is renamed by making it anew."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    query = text(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name "
        "AND sql IS NOT NULL"
    )
    for table_name in table_names:
        for name, sql in connection.execute(query, {"name": table_name}).all():
            if name not in ours:
                continue
            begin = re.compile(
                rf'(\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+)["`\[]?{re.escape(name)}["`\]]?(?=\s)', re.I
            )
            free = quote(_free_name(name, ours))
            connection.exec_driver_sql(f"DROP INDEX {quote(name)}")
            connection.exec_driver_sql(begin.sub(rf"\g<1>{free}", sql, count=1))


def _free_name(name: str, ours: set[str]) -> str:
    """`name` with `_0x` behind it; no name of ours ends so."""
    return f"{name[:58]}_0x" if len(name) <= 58 else f"{name[:50]}_{len(ours)}_0x"
