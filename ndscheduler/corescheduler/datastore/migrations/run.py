"""Create and upgrade the tables; two that do so at once take turns."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, select, table

from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.existing import existing_tables
from ndscheduler.corescheduler.datastore.legacy.old_tables import find_old_tables
from ndscheduler.corescheduler.datastore.legacy.upgrade import Upgrade, is_under_way
from ndscheduler.corescheduler.datastore.migrations.lock import LOCK_WAIT_SECONDS, locked
from ndscheduler.corescheduler.datastore.tables import Tables
from ndscheduler.corescheduler.errors import ConfigError, SchemaMismatch


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


def readable_revision(connection: Connection, tables: Tables) -> str:
    """The revision that the database is at, if this release knows it, be it an older one.

    Raises SchemaMismatch, one sentence, where it does not.
    """
    found = current_revision(connection, tables)
    if found is None or not is_known(found) or is_under_way(connection, tables.names):
        check_revision(connection, tables)
    return str(found)


def is_known(revision: str) -> bool:
    """True if this release, or one before it, made databases of this revision."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def is_empty(connection: Connection, tables: Tables) -> bool:
    """True where no table stands that this release, one before it or 0.x has made."""
    if is_under_way(connection, tables.names) or find_old_tables(connection, tables.names):
        return False
    return current_revision(connection, tables) is None


def check_revision(connection: Connection, tables: Tables) -> None:
    """Raise SchemaMismatch, one sentence that says what to do, unless the tables fit."""
    refuse_foreign_tables(connection, tables)
    _refuse_old_tables(connection, tables)
    found, head = current_revision(connection, tables), head_revision()
    if found == head:
        return
    if found is None:
        raise SchemaMismatch("The database has no tables yet: run `ndscheduler migrate`.")
    _check_known(found)
    raise SchemaMismatch(
        f"The database is at revision {found}, older than {head}: run `ndscheduler migrate`."
    )


def needs_first_tables(connection: Connection, tables: Tables) -> bool:
    """True where the tables were never made, or their making was cut short or is under way.

    Raises SchemaMismatch where tables of our names stand that no migration of ours made, and for
    those of 0.x, except on SQLite, where they are upgraded without being asked.
    """
    refuse_foreign_tables(connection, tables)
    if connection.dialect.name != "sqlite":
        _refuse_old_tables(connection, tables)
    return current_revision(connection, tables) is None


def refuse_foreign_tables(connection: Connection, tables: Tables) -> None:
    """Raise SchemaMismatch where tables of our names stand that no migration of ours made."""
    _check_lengths(connection, tables)
    if is_under_way(connection, tables.names):
        return
    ours = existing_tables(connection, [table.name for table in tables.metadata.sorted_tables])
    strangers = ours - set(find_old_tables(connection, tables.names).values())
    # The version table is made before all others, also where DDL can not be undone.
    if strangers and not existing_tables(connection, [tables.names.version]):
        raise SchemaMismatch(
            f"The database has tables of other programs under our names "
            f"({', '.join(sorted(strangers))}): "
            "name other tables in DATABASE_TABLENAMES, or use another database."
        )


def _check_lengths(connection: Connection, tables: Tables) -> None:
    longest = connection.dialect.max_identifier_length
    for name in tables.names.to_settings().values():
        if len(name) > longest:
            raise ConfigError(
                f"DATABASE_TABLENAMES: {name!r} is longer than the {longest} characters that "
                "this database takes."
            )


def _refuse_old_tables(connection: Connection, tables: Tables) -> None:
    if is_under_way(connection, tables.names):
        raise SchemaMismatch(
            "The upgrade of this database from ndscheduler 0.x is under way or was cut short: "
            "run `ndscheduler migrate`, which goes on with it."
        )
    old = find_old_tables(connection, tables.names)
    if not old:
        return
    _refuse_mixture(connection, tables, old)
    raise SchemaMismatch(
        "This database was written by ndscheduler 0.x: stop the old scheduler, then run "
        "`ndscheduler migrate`, which keeps all of it."
    )


def _refuse_mixture(connection: Connection, tables: Tables, old: dict[str, str]) -> None:
    """Raise SchemaMismatch where tables of 0.x stand beside tables of ours that are in use."""
    ours = {table.name for table in tables.metadata.sorted_tables} - set(old.values())
    made = existing_tables(connection, ours)
    is_in_use = any(
        connection.execute(select(1).select_from(table(name)).limit(1)).first() for name in made
    )
    if is_in_use or current_revision(connection, tables) is not None:
        raise SchemaMismatch(
            f"{', '.join(sorted(old.values()))} was written by ndscheduler 0.x, but the other "
            "tables are of this release: give it another name, or put the right one back."
        )


def upgrade(
    engine: Engine, dialect: Dialect, tables: Tables, wait_seconds: float = LOCK_WAIT_SECONDS
) -> str | None:
    """Bring the tables to this release; what was done in sentences, None if nothing had to be.

    Raises SchemaMismatch where that can not be. Run twice at once, one waits for the other, but
    not for longer than `wait_seconds`.
    """
    with dialect.writer_turn(), locked(engine, dialect, tables, wait_seconds) as connection:
        refuse_foreign_tables(connection, tables)
        old = find_old_tables(connection, tables.names)
        if old or is_under_way(connection, tables.names):
            if not is_under_way(connection, tables.names):
                _refuse_mixture(connection, tables, old)
            return _upgrade_from_0x(connection, engine, dialect, tables)
        found = current_revision(connection, tables)
        if found == head_revision():
            return None
        if found is None:
            _clear_half_made(connection, tables)
        else:
            _check_known(found)
        _to_head(connection, dialect, tables)
    return f"Upgraded to revision {head_revision()}."


def _upgrade_from_0x(
    connection: Connection, engine: Engine, dialect: Dialect, tables: Tables
) -> str:
    def make_tables() -> None:
        _to_head(connection, dialect, tables)

    return str(Upgrade(connection, engine, dialect, tables, make_tables).run())


def _to_head(connection: Connection, dialect: Dialect, tables: Tables) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["table_names"] = tables.names
    # MySQL commits at every CREATE; SQLite's and PostgreSQL's DDL is undone with the rest.
    config.attributes["transactional_ddl"] = dialect.name != "mysql"
    command.ensure_version(config)
    command.upgrade(config, "head")


def _clear_half_made(connection: Connection, tables: Tables) -> None:
    """Drop what a first upgrade left that was cut short: no instance ever used it."""
    ours = (tables.jobs, tables.executions, tables.audit_logs)
    existing = existing_tables(connection, [table.name for table in ours])
    for made in ours:
        if made.name in existing and connection.execute(select(made.c.id).limit(1)).first():
            raise SchemaMismatch(
                f"The table {made.name} has rows, but {tables.names.version} names no revision."
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
