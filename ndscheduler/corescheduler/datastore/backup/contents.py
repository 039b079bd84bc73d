"""What a backup holds: rows of tables under logical names, whatever they are called in a database.

A value is that of the row as JSON can say it: text, a number, true, false or null. Instants are
whole microseconds since 1970-01-01 UTC, as the database keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, MetaData, Table

from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.datastore.types import Instant

# Who was logged out since must not be logged in again by a backup; the key is that of the logins.
LEFT_OUT = ("sessions", "keys")


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one table; `rows` can be read once, and must be before the next table's."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


class Backup(Protocol):
    """A backup that is read."""

    @property
    def revision(self) -> str:
        """The revision of the schema that its rows fit."""

    @property
    def created_at(self) -> str | None:
        """When it was made, in ISO 8601, where it says so."""

    def tables(self) -> Iterator[TableRows]:
        """All tables with their rows."""


def backed_up_tables(tables: Tables) -> dict[str, Table]:
    """The tables that a backup holds, by their logical names."""
    found = {field.name: getattr(tables, field.name) for field in fields(tables)}
    return {
        name: table
        for name, table in found.items()
        if isinstance(table, Table) and name not in LEFT_OUT
    }


def plain_table(table: Table, present: Collection[str]) -> Table:
    """`table` with only the columns `present`, that gives and takes the values of a backup."""
    columns = [
        Column(column.name, BigInteger() if isinstance(column.type, Instant) else column.type)
        for column in table.columns
        if column.name in present
    ]
    return Table(table.name, MetaData(), *columns)
