"""Create and upgrade the tables; two that do so at once take turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select, text

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.errors import SchemaMismatch

LOCK_WAIT_SECONDS = 60


def current_revision(connection: Connection, tables: Tables) -> str | None:
    """The revision that the database is at; None where it has no tables of this release."""
    context = MigrationContext.configure(connection, opts={"version_table": tables.names.version})
    return context.get_current_revision()


def head_revision() -> str:
    """The revision that this release works with."""
    head = ScriptDirectory(str(Path(__file__).parent)).get_current_head()
    if head is None:
        raise AssertionError("there is at least one migration")
    return head


def check_revision(connection: Connection, tables: Tables) -> None:
    """Raise SchemaMismatch, one sentence that says what to do, unless the tables fit."""
    found, head = current_revision(connection, tables), head_revision()
    if found == head:
        return
    refuse_foreign_tables(connection, tables)
    if found is None:
        raise SchemaMismatch("The database has no tables yet: run `ndscheduler migrate`.")
    known = {script.revision for script in _scripts().walk_revisions()}
    if found in known:
        raise SchemaMismatch(
            f"The database is at revision {found}, older than {head}: run `ndscheduler migrate`."
        )
    raise SchemaMismatch(
        f"The database is at revision {found}, which this release does not know: "
        "it was upgraded by a newer ndscheduler."
    )


def needs_first_tables(connection: Connection, tables: Tables) -> bool:
    """True where the tables were never made, or their making was cut short or is under way.

    Raises SchemaMismatch where tables of our names stand that no migration of ours made.
    """
    refuse_foreign_tables(connection, tables)
    return current_revision(connection, tables) is None


def refuse_foreign_tables(connection: Connection, tables: Tables) -> None:
    """Raise SchemaMismatch where tables of our names stand that no migration of ours made."""
    existing = set(inspect(connection).get_table_names())
    ours = {table.name for table in tables.metadata.sorted_tables}
    # The version table is made before all others, also where DDL can not be undone.
    if tables.names.version not in existing and ours & existing:
        raise SchemaMismatch(
            f"The tables {tables.names.jobs}, {tables.names.executions} or "
            f"{tables.names.audit_logs} were made by another program or by ndscheduler 0.x: "
            "name other tables in DATABASE_TABLENAMES, or use another database."
        )


def upgrade(engine: Engine, dialect: Dialect, tables: Tables) -> bool:
    """Bring the tables to this release; True if anything had to be done.

    Raises SchemaMismatch where that can not be. Run twice at once, one waits for the other.
    """
    with dialect.writer_turn(), _locked(engine, dialect, tables) as connection:
        refuse_foreign_tables(connection, tables)
        found = current_revision(connection, tables)
        if found == head_revision():
            return False
        if found is None:
            _clear_half_made(connection, tables)
        else:
            _check_known(found)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        config.attributes["table_names"] = tables.names
        # MySQL commits at every CREATE; SQLite's and PostgreSQL's DDL is undone with the rest.
        config.attributes["transactional_ddl"] = dialect.name != "mysql"
        command.ensure_version(config)
        command.upgrade(config, "head")
    return True


def _clear_half_made(connection: Connection, tables: Tables) -> None:
    """Drop what a first upgrade left that was cut short: no instance ever used it."""
    existing = set(inspect(connection).get_table_names())
    for table in (tables.jobs, tables.executions, tables.audit_logs):
        if table.name in existing and connection.execute(select(table.c.id).limit(1)).first():
            raise SchemaMismatch(
                f"The table {table.name} has rows, but {tables.names.version} names no revision."
            )
    tables.metadata.drop_all(connection)


def _check_known(found: str) -> None:
    if found not in {script.revision for script in _scripts().walk_revisions()}:
        raise SchemaMismatch(
            f"The database is at revision {found}, which this release does not know: "
            "it was upgraded by a newer ndscheduler."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


@contextmanager
def _locked(engine: Engine, dialect: Dialect, tables: Tables) -> Iterator[Connection]:
    """A transaction that no other upgrade of the same tables runs beside.

    SQLite: the write lock that BEGIN IMMEDIATE takes. PostgreSQL: an advisory lock that ends
    with the transaction. MySQL, where DDL ends transactions: a named lock of the session.
    """
    with engine.begin() as connection:
        if dialect.name == "postgresql":
            statement = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
            connection.execute(statement, {"name": tables.names.version})
        if dialect.name != "mysql":
            yield connection
            return
        name = {"name": tables.names.version[:64], "wait": LOCK_WAIT_SECONDS}
        if connection.execute(text("SELECT GET_LOCK(:name, :wait)"), name).scalar_one() != 1:
            raise SchemaMismatch("Another ndscheduler is upgrading the database; try again later.")
        try:
            yield connection
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), name)
