"""Databases as ndscheduler 0.x left them, on any kind of database server."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)
from sqlalchemy.dialects import mysql

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.databases import make_datastore

DATA = Path(__file__).parent.parent / "data"
SAMPLES = ("nextdoor", "pypi030")

Row = dict[str, Any]


def sample_file(sample: str, folder: Path) -> Path:
    """A copy of a database that a program of old has written."""
    return Path(shutil.copy(DATA / f"{sample}_datastore.db", folder / "datastore.db"))


def shown_by_0x(sample: str) -> dict[str, list[Row]]:
    """What that program's REST API showed last: jobs, executions, logs."""
    recorded = json.loads((DATA / f"{sample}_datastore.rest.json").read_text("utf-8"))
    shown = {}
    for call in recorded["transcript"]:
        if call["name"].startswith("FINAL_"):
            shown |= call["response_body"]
    return shown


def pickled_jobs() -> dict[str, dict[str, bytes]]:
    """{environment of old: {job id: what it pickled}}."""
    written = json.loads((DATA / "legacy" / "old_jobs.json").read_text("utf-8"))
    return {
        label: {row["id"]: base64.b64decode(row["job_state"]) for row in each["rows"]}
        for label, each in written.items()
    }


class OldDatabase:
    """The three tables of 0.x beside `store`, which is not open yet.

    MySQL kept whole seconds there; `with_fractions` lets it keep what the samples have.
    """

    def __init__(self, store: DatastoreBase, with_fractions: bool = False) -> None:
        times = DateTime()
        if with_fractions:
            times = times.with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
        names = store.tables.names
        metadata = MetaData()
        self.store = store
        self.jobs = Table(
            names.jobs,
            metadata,
            Column("id", String(191), primary_key=True),
            Column("next_run_time", Float(25), index=True),
            Column("job_state", LargeBinary),
        )
        self.executions = Table(
            names.executions,
            metadata,
            Column("eid", String(191), primary_key=True),
            Column("hostname", Text),
            Column("pid", Integer),
            Column("state", Integer),
            Column("scheduled_time", times),
            Column("updated_time", times),
            Column("description", Text),
            Column("result", Text),
            Column("job_id", Text),
            Column("task_id", Text),
        )
        self.audit_logs = Table(
            names.audit_logs,
            metadata,
            Column("job_id", Text),
            Column("job_name", Text),
            Column("event", Integer),
            Column("user", Text),
            Column("created_time", times),
            Column("description", Text),
        )
        self.metadata = metadata

    def make(self, *tables: Table) -> OldDatabase:
        """Create the tables, or only those named."""
        self.metadata.create_all(self.store.engine, tables or None)
        return self

    def add(self, table: Table, *rows: Row) -> OldDatabase:
        """Insert rows; columns that are not given are NULL."""
        if rows:
            blank = dict.fromkeys(table.c.keys())
            with self.store.engine.begin() as connection:
                connection.execute(table.insert(), [{**blank, **row} for row in rows])
        return self

    def add_job(
        self, job_id: str, state: bytes, next_run_time: float | None = 1795420500.0
    ) -> None:
        """Insert a job."""
        row = {"id": job_id, "next_run_time": next_run_time, "job_state": state}
        self.add(self.jobs, row)

    def load(self, sample: str) -> OldDatabase:
        """Insert every row of a sample."""
        with closing(sqlite3.connect(DATA / f"{sample}_datastore.db")) as source:
            source.row_factory = sqlite3.Row
            for table, name in (
                (self.jobs, "scheduler_jobs"),
                (self.executions, "scheduler_execution"),
                (self.audit_logs, "scheduler_jobauditlog"),
            ):
                rows = [dict(row) for row in source.execute(f"SELECT * FROM {name}")]
                self.add(table, *(_with_datetimes(row) for row in rows))
        return self

    def kept(self, table: Table) -> list[Row]:
        """The rows of an old table once it was set aside."""
        with self.store.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table.name}_0x")
            return [dict(row._mapping) for row in rows.all()]


@contextmanager
def old_database(
    kind: str, prefix: str, folder: Path, with_fractions: bool = False
) -> Iterator[OldDatabase]:
    """A 0.x database without tables yet; everything is dropped at the end."""
    store = make_datastore(kind, prefix, folder)
    try:
        yield OldDatabase(store, with_fractions)
    finally:
        drop_everything(store, prefix)
        store.close()


def drop_everything(store: DatastoreBase, prefix: str) -> None:
    """Drop every table whose name begins with `prefix`."""
    with store.engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            if name.startswith(prefix):
                connection.exec_driver_sql(f"DROP TABLE {name}")


def table_names(store: DatastoreBase, prefix: str) -> set[str]:
    """The tables whose names begin with `prefix`."""
    with store.engine.connect() as connection:
        return {n for n in inspect(connection).get_table_names() if n.startswith(prefix)}


def _with_datetimes(row: Row) -> Row:
    times = ("scheduled_time", "updated_time", "created_time")
    parsed = {n: datetime.fromisoformat(row[n]) for n in times if row.get(n) is not None}
    return {**row, **parsed}
