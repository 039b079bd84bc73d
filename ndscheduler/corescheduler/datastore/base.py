"""The datastore: every table, through two pools of connections, on any of three databases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from ndscheduler.corescheduler.datastore.audit_logs import AuditLogs
from ndscheduler.corescheduler.datastore.claims import Claims
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.dialects import dialect_for
from ndscheduler.corescheduler.datastore.executions import Executions
from ndscheduler.corescheduler.datastore.instances import Instances
from ndscheduler.corescheduler.datastore.jobs import Jobs
from ndscheduler.corescheduler.datastore.legacy_api import LegacyDatastoreApi
from ndscheduler.corescheduler.datastore.lifecycle import Lifecycle
from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.datastore.queue import Queue
from ndscheduler.corescheduler.datastore.retention import Retention
from ndscheduler.corescheduler.datastore.stats import JobStats
from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.datastore.tables import build_tables
from ndscheduler.corescheduler.datastore.transactor import Transactor
from ndscheduler.corescheduler.errors import DatastoreUnavailable, SchedulerStateError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

API_POOL_SIZE = 8
LOOP_POOL_SIZE = 4


class DatastoreBase(LegacyDatastoreApi):
    """One database with the tables of one installation.

    A provider writes `get_db_url`; which statements are used follows from the URL alone.
    """

    instance: ClassVar[DatastoreBase | None] = None
    # [compat] Tables of users' own, which `open` creates where they are missing.
    own_tables: ClassVar[list[MetaData]] = []

    def __init__(
        self, db_config: Mapping[str, Any] | None, table_names: Mapping[str, str] | None
    ) -> None:
        self.db_config = dict(db_config or {})
        names = TableNames.from_settings(table_names)
        self.table_names = names.to_settings()
        self.tables = build_tables(names)
        self.dialect: Dialect = dialect_for(self.get_db_url())
        self._api = Transactor(self.dialect.make_engine(API_POOL_SIZE), self.dialect)
        # The claim loop and the finish writer never wait for a connection that a request holds.
        self.loop = Transactor(self.dialect.make_engine(LOOP_POOL_SIZE), self.dialect)
        self.jobs = Jobs(self.tables, self.dialect)
        self.executions = Executions(self.tables, self.dialect, self.jobs)
        self.claims = Claims(self.tables, self.dialect)
        self.lifecycle = Lifecycle(self.tables, self.dialect)
        self.queue = Queue(self.tables)
        self.audit_logs = AuditLogs(self.tables)
        self.instances = Instances(self.tables)
        self.stats = JobStats(self.tables, self.dialect)
        self.retention = Retention(self.tables, self.dialect)

    def get_db_url(self) -> str:
        """The URL of the database, made from `self.db_config`. A provider writes it."""
        raise NotImplementedError(f"{type(self).__name__} must write get_db_url().")

    @classmethod
    def get_instance(
        cls,
        db_config: Mapping[str, Any] | None = None,
        table_names: Mapping[str, str] | None = None,
    ) -> DatastoreBase:
        """[compat] The datastore of this process; the first call opens it, with its arguments."""
        if DatastoreBase.instance is None:
            if cls is DatastoreBase:
                raise SchedulerStateError("No datastore is open yet in this process.")
            opened = cls(db_config, table_names)
            try:
                opened.open()
            except BaseException:
                opened.close()
                raise
            DatastoreBase.instance = opened
        return DatastoreBase.instance

    @classmethod
    def destroy_instance(cls) -> None:
        """[compat] Close and forget the datastore of this process."""
        if DatastoreBase.instance is not None:
            DatastoreBase.instance.close()
            DatastoreBase.instance = None

    @property
    def engine(self) -> Engine:
        """[compat] The engine that requests use."""
        return self._api.engine

    def open(self) -> None:
        """Make the tables ready: create them in an empty database, upgrade them on SQLite.

        Raises SchemaMismatch or DatastoreUnavailable, one sentence each.
        """
        first = self.read(migrations.needs_first_tables, self.tables)
        self.dialect.prepare(self.engine)
        if first or self.dialect.name == "sqlite":
            done = self._upgrade()
            if done is not None:
                logger.info("%s", done)
        self.check_schema()
        for metadata in self.own_tables:
            self.write(metadata.create_all)

    def check_schema(self) -> None:
        """Raise SchemaMismatch unless the tables are those of this release."""
        self.read(migrations.check_revision, self.tables)

    def migrate(self) -> str:
        """Upgrade the tables to this release; a sentence or more on what was done."""
        return self._upgrade() or f"Already at revision {migrations.head_revision()}."

    def _upgrade(self) -> str | None:
        try:
            return migrations.upgrade(self.engine, self.dialect, self.tables)
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            raise DatastoreUnavailable(f"The database can not be upgraded: {reason}") from error

    def run_long(
        self, work: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(engine, ...)`, which makes its transactions itself and may take hours.

        Raises DatastoreUnavailable if the database does not answer. Nothing is run again.
        """
        engine = self.dialect.make_engine(1)
        try:
            return work(engine, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            reason = " ".join(str(error.orig).split())
            raise DatastoreUnavailable(
                f"The database {self.dialect.where} does not answer: {reason}"
            ) from error
        finally:
            engine.dispose()

    def close(self) -> None:
        """Close every connection."""
        self._api.dispose()
        self.loop.dispose()


def ping(connection: Connection) -> None:
    """Ask the database for an answer, whatever it is."""
    connection.exec_driver_sql("SELECT 1")
