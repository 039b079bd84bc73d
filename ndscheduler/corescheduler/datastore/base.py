"""The datastore: every table, through two pools of connections, on any of three databases."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, MetaData
from sqlalchemy.exc import DBAPIError

from ndscheduler.corescheduler.datastore.api_tokens import ApiTokens
from ndscheduler.corescheduler.datastore.audit_logs import AuditLogs
from ndscheduler.corescheduler.datastore.budgets import API, LONG, LOOP, OPENING, PROBE, Budget
from ndscheduler.corescheduler.datastore.changes import Changes
from ndscheduler.corescheduler.datastore.claims import Claims
from ndscheduler.corescheduler.datastore.deadlines import Watchdog
from ndscheduler.corescheduler.datastore.dialect import Dialect
from ndscheduler.corescheduler.datastore.dialects import dialect_for
from ndscheduler.corescheduler.datastore.executions import Executions
from ndscheduler.corescheduler.datastore.instances import Instances
from ndscheduler.corescheduler.datastore.jobs import Jobs
from ndscheduler.corescheduler.datastore.keys import Keys
from ndscheduler.corescheduler.datastore.legacy_api import LegacyDatastoreApi
from ndscheduler.corescheduler.datastore.lifecycle import Lifecycle
from ndscheduler.corescheduler.datastore.migrations import run as migrations
from ndscheduler.corescheduler.datastore.queue import Queue
from ndscheduler.corescheduler.datastore.retention import Retention
from ndscheduler.corescheduler.datastore.sessions import Sessions
from ndscheduler.corescheduler.datastore.stats import JobStats
from ndscheduler.corescheduler.datastore.summaries import Summaries
from ndscheduler.corescheduler.datastore.table_names import TableNames
from ndscheduler.corescheduler.datastore.tables import build_tables
from ndscheduler.corescheduler.datastore.transactor import Transactor
from ndscheduler.corescheduler.datastore.troubles import Troubles
from ndscheduler.corescheduler.datastore.users import Users
from ndscheduler.corescheduler.errors import (
    DatastoreBusy,
    DatastoreTimeout,
    DatastoreUnavailable,
    SchedulerStateError,
)

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

API_POOL_SIZE = 8
# The loop, the finish writer, the heartbeat and what cleans up take one each; two are to spare.
LOOP_POOL_SIZE = 6
# An upgrade may read through one connection while it writes through another.
APART_POOL_SIZE = 2
# A ping that was cut takes a moment to end.
PING_GRACE_SECONDS = 0.3
# How long a starting process waits for others.
PATIENCE_SECONDS = 60.0


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
        self.watchdog = Watchdog()
        self._api = self._transactor(API, API_POOL_SIZE)
        # The claim loop and the finish writer never wait for a connection that a request holds.
        self.loop = self._transactor(LOOP, LOOP_POOL_SIZE)
        self._probe = self._transactor(PROBE, 1)
        self.jobs = Jobs(self.tables, self.dialect)
        self.executions = Executions(self.tables, self.dialect, self.jobs)
        self.claims = Claims(self.tables, self.dialect)
        self.lifecycle = Lifecycle(self.tables, self.dialect)
        self.queue = Queue(self.tables)
        self.changes = Changes(self.tables)
        self.audit_logs = AuditLogs(self.tables)
        self.instances = Instances(self.tables, self.dialect)
        self.stats = JobStats(self.tables, self.dialect)
        self.summaries = Summaries(self.tables)
        self.troubles = Troubles(self.tables)
        self.retention = Retention(self.tables, self.dialect)
        self.users = Users(self.tables, self.dialect)
        self.sessions = Sessions(self.tables)
        self.api_tokens = ApiTokens(self.tables)
        self.keys = Keys(self.tables)

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

        Waits up to a minute while another process does so, or keeps the database busy.
        Raises SchemaMismatch or DatastoreUnavailable, one sentence each.
        """
        self.patiently(self._open)

    def open_if_new(self) -> bool:
        """Make the tables in an empty database, which is true then; leave any other as it is."""
        is_empty = self.read(migrations.is_empty, self.tables)
        if is_empty:
            self.open()
        return is_empty

    def check_schema(self) -> None:
        """Raise SchemaMismatch unless the tables are those of this release."""
        self.read(migrations.check_revision, self.tables)

    def migrate(self) -> str:
        """Upgrade the tables to this release; a sentence or more on what was done.

        Waits up to a minute while another process does so, or keeps the database busy.
        """
        done = self.patiently(self._upgrade)
        return done or f"Already at revision {migrations.head_revision()}."

    def run_long(
        self, work: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`work(engine, ...)`, which makes its transactions itself and may take hours.

        Raises DatastoreUnavailable if the database does not answer. Nothing is run again.
        """
        with self._apart(LONG) as transactor:
            return transactor.run(work, *args, **kwargs)

    def patiently(self, act: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
        """What `act()` returns, tried for `seconds` while the database is up but busy or slow."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return act()
            except (DatastoreBusy, DatastoreTimeout) as error:
                if time.monotonic() > deadline:
                    raise
                logger.info("Waiting for the database: %s", error)
            # Many processes that start at once do not come again at once.
            time.sleep(random.uniform(0.1, 0.5))  # nosec B311

    def ping(self) -> None:
        """Raise DatastoreUnavailable unless the database answers within a second."""
        self._probe.read(self.dialect.ping)

    def is_ping_overdue(self) -> bool:
        """True while a ping goes on that should have ended, for all that was cut. Never waits."""
        return self.watchdog.overdue_seconds(PROBE.name) > PING_GRACE_SECONDS

    def give_up_requests(self) -> None:
        """Let every request that waits for the database fail now."""
        self.watchdog.cut(API.name)

    def give_up_calls_before(self, instant: float) -> int:
        """Let what has waited since before `instant` (of time.monotonic()) fail now; how many."""
        return self.watchdog.cut(begun_before=instant)

    def _open(self) -> None:
        with self._apart(OPENING) as opening:
            first = opening.read(migrations.needs_first_tables, self.tables)
            opening.run(self.dialect.prepare)
            if first or self.dialect.name == "sqlite":
                done = self._upgrade()
                if done is not None:
                    _log_upgrade(done)
            opening.read(migrations.check_revision, self.tables)
            for metadata in self.own_tables:
                opening.write(metadata.create_all)

    def _upgrade(self) -> str | None:
        try:
            return self.run_long(migrations.upgrade, self.dialect, self.tables)
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            raise DatastoreUnavailable(f"The database can not be upgraded: {reason}") from error

    @contextmanager
    def _apart(self, budget: Budget) -> Iterator[Transactor]:
        """Transactions on connections of their own, which are closed at the end."""
        transactor = self._transactor(budget, APART_POOL_SIZE)
        try:
            yield transactor
        finally:
            transactor.dispose()

    def _transactor(self, budget: Budget, pool_size: int) -> Transactor:
        return Transactor(self.dialect, self.watchdog, budget, pool_size)

    def close(self) -> None:
        """Close every connection."""
        for transactor in (self._api, self.loop, self._probe):
            transactor.dispose()
        self.watchdog.close()


def _log_upgrade(done: str) -> None:
    """What was done is told in one line; what needs a person, in a line each after it."""
    summary, *needs_a_person = done.splitlines()
    logger.info("%s", summary)
    for line in needs_a_person:
        logger.warning("%s", line)
