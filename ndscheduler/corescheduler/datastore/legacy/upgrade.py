"""The upgrade of a 0.x database, step by step, so that one cut short anywhere is gone on with.

On SQLite and PostgreSQL all of it is one transaction: it is done, or nothing was touched. MySQL
commits at every change of a table, so a table of its own stands from the first step to the last.
It says that an upgrade is under way and what the old tables are called meanwhile; while it stands
no scheduler starts. Every step finds out by itself whether it was done already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, Table

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.existing import existing_tables
from ndscheduler.corescheduler.datastore.legacy.importing import Import
from ndscheduler.corescheduler.datastore.legacy.old_tables import (
    find_old_tables,
    kept_names,
    names_by_kind,
)
from ndscheduler.corescheduler.datastore.legacy.renaming import set_aside
from ndscheduler.corescheduler.datastore.legacy.report import Report
from ndscheduler.corescheduler.datastore.table_names import MYSQL
from ndscheduler.corescheduler.datastore.tables import TableNames, Tables
from ndscheduler.corescheduler.datastore.types import ShortText


def marker_table(names: TableNames) -> Table:
    """The table that stands while an upgrade is under way; it names the old tables."""
    return Table(
        names.derived("upgrade_0x"),
        MetaData(),
        Column("kind", ShortText, nullable=False),
        Column("kept_name", ShortText, nullable=False),
        PrimaryKeyConstraint("kind", name=names.derived("upgrade_0x_pk")),
        **MYSQL,
    )


def is_under_way(connection: Connection, names: TableNames) -> bool:
    """True while an upgrade from 0.x runs, or when one was cut short."""
    return bool(existing_tables(connection, [marker_table(names).name]))


@dataclass(frozen=True)
class Upgrade:
    """One upgrade. `make_tables` brings the empty database to this release."""

    connection: Connection
    engine: Engine
    dialect: Dialect
    tables: Tables
    make_tables: Callable[[], None]

    def run(self) -> Report:
        """Do what is left to do."""
        kept = self._kept_names()
        self._set_aside(kept)
        self._make_tables()
        with self._source() as source:
            counts = Import(
                self.connection, source, self.dialect, self.tables, kept, self._step_done
            ).run()
        marker_table(self.tables.names).drop(self.connection)
        self._step_done()
        return Report(counts, kept)

    def _kept_names(self) -> dict[str, str]:
        """What the old tables are called once they are set aside: chosen once, then looked up."""
        marker = marker_table(self.tables.names)
        if not is_under_way(self.connection, self.tables.names):
            marker.create(self.connection)
        kept = {row.kind: row.kept_name for row in self.connection.execute(marker.select())}
        if not kept:
            old = find_old_tables(self.connection, self.tables.names)
            kept = kept_names(self.connection, old)
            rows = [{"kind": kind, "kept_name": name} for kind, name in kept.items()]
            self.connection.execute(marker.insert(), rows)
        self._step_done()
        return kept

    def _set_aside(self, kept: dict[str, str]) -> None:
        names = names_by_kind(self.tables.names)
        old = find_old_tables(self.connection, self.tables.names)
        renames = {names[kind]: kept[kind] for kind in old}
        if renames:
            set_aside(self.connection, self.tables, renames)
            self._step_done()

    def _make_tables(self) -> None:
        """Make the tables of this release, without what an earlier attempt had put there.

        No old table bears a name of ours by now, and no scheduler has worked with the new ones.
        """
        self.tables.metadata.drop_all(self.connection)
        quoted = self.connection.dialect.identifier_preparer.quote_identifier
        version = quoted(self.tables.names.version)
        self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS {version}")
        self.make_tables()
        self._step_done()

    def _step_done(self) -> None:
        """On MySQL, where a step can not be undone with the others: commit."""
        if self.dialect.name == "mysql":
            self.connection.commit()
            self.connection.begin()

    @contextmanager
    def _source(self) -> Iterator[Connection]:
        """The connection that reads the old tables: on MySQL one that reads does nothing else."""
        if self.dialect.name != "mysql":
            yield self.connection
            return
        with self.engine.connect() as source:
            yield source
