"""Which tables a database has, by its own rule on upper and lower case."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, inspect


def existing_tables(connection: Connection, names: Iterable[str]) -> set[str]:
    """Those of `names` that a table or a view bears.

    The database is asked for each: SQLite, and MySQL on some systems, find `Jobs` where `jobs` is
    meant, and PostgreSQL looks into several schemas. DROP TABLE finds a table by the same rule.
    """
    inspector = inspect(connection)
    return {name for name in names if inspector.has_table(name)}
