"""The datastores, tables and helpers of release 0.3.0, which take what they need from settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, Table, inspect, select

from ndscheduler import settings, utils
from ndscheduler.core.datastore import tables
from ndscheduler.core.datastore.providers import base, mysql, postgresql, sqlite
from ndscheduler.core.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.core.base import BaseScheduler
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.errors import ConfigError
from tests.compat.job_classes import Echo
from tests.compat.running import BY_HAND, path_of, run_once, running

SQLITE_OF_030 = "ndscheduler.core.datastore.providers.sqlite.DatastoreSqlite"
SERVER = {
    "user": "ann",
    "password": "a/b",
    "hostname": "db.example.com",
    "port": 4000,
    "database": "jobs",
}


class OwnDatastore(base.DatastoreBase):
    """A provider of a user's own, whose URL is a class method that reads the settings."""

    @classmethod
    def get_db_url(cls) -> str:
        return f"sqlite:///{settings.DATABASE_CONFIG_DICT['file_path']}"


class WithOption(sqlite.DatastoreSqlite):
    """A provider that adds to the URL of ours."""

    @classmethod
    def get_db_url(cls) -> str:
        return super().get_db_url() + "?timeout=30"


class OtherDialect(base.DatastoreBase):
    """A provider for a database that is not supported."""

    @classmethod
    def get_db_url(cls) -> str:
        return "mssql+pyodbc://ann:secret@db/jobs"


@pytest.fixture
def file_path(tmp_path: Path) -> str:
    """The SQLite file that the settings name."""
    path = str(tmp_path / "from-settings.db")
    settings.DATABASE_CONFIG_DICT = {"file_path": path}
    return path


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    yield
    DatastoreBase.destroy_instance()


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        (mysql.DatastoreMysql, "mysql://ann:a%2Fb@db.example.com:4000/jobs"),
        (postgresql.DatastorePostgresql, "postgresql://ann:a%2Fb@db.example.com:4000/jobs"),
    ],
)
def test_the_url_can_be_asked_of_the_class(provider: Any, url: str) -> None:
    settings.DATABASE_CONFIG_DICT = SERVER

    assert provider.get_db_url() == url


def test_a_datastore_with_a_configuration_of_its_own_reads_no_settings(
    tmp_path: Path, file_path: str
) -> None:
    datastore = sqlite.DatastoreSqlite({"file_path": str(tmp_path / "other.db")})
    url = datastore.get_db_url()
    datastore.close()

    assert url.endswith("other.db")
    assert sqlite.DatastoreSqlite.get_db_url() == f"sqlite:///{file_path}"


@pytest.mark.parametrize("provider", [SQLITE_OF_030, path_of(OwnDatastore), path_of(WithOption)])
def test_a_scheduler_runs_on_a_provider_of_030(
    tmp_path: Path, file_path: str, provider: str
) -> None:
    settings.DATABASE_CONFIG_DICT = {"file_path": str(tmp_path / "datastore.db")}

    with running(tmp_path, BaseScheduler, provider) as manager:
        execution = run_once(manager, Echo, BY_HAND)

    assert execution.state.label == "succeeded"


def test_another_dialect_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError) as caught,
        running(tmp_path, BaseScheduler, path_of(OtherDialect)),
    ):
        pass

    assert "mssql" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_manager_is_made_from_the_settings_when_it_is_asked_for(file_path: str) -> None:
    settings.DATABASE_CLASS = SQLITE_OF_030
    settings.SCHEDULER_CLASS = "ndscheduler.core.scheduler.base.SingletonScheduler"

    manager = SchedulerManager.get_instance()
    again = SchedulerManager.get_instance()
    job_id = manager.add_job(path_of(Echo), "a job", minute="5")
    args = manager.get_jobs()[0].args
    manager.stop()

    assert again is manager
    assert args == (path_of(Echo), job_id)
    assert Path(file_path).exists()


def test_the_datastore_can_be_had_outside_of_a_server(file_path: str) -> None:
    datastore = utils.get_datastore_instance()
    datastore.add_execution("e1", "j1", 5, description="by a script", hostname="h", pid=7)
    datastore.add_audit_log("j1", "a job", 5, "ann", "by a script")
    same = utils.get_datastore_instance()

    assert same is datastore
    assert datastore.get_execution("e1")["state"] == "succeeded"
    (entry,) = datastore.get_audit_logs("2000-01-01", "2100-01-01")["logs"]
    assert (entry["user"], entry["event"]) == ("ann", "custom_run")


def test_the_tables_can_be_read_with_select(file_path: str) -> None:
    datastore = utils.get_datastore_instance()
    datastore.add_execution("e1", "j1", 1, description="at work")
    datastore.add_audit_log("j1", "a job", 5, "ann")
    executions, audit_logs = tables.EXECUTIONS, tables.AUDIT_LOGS

    with datastore.engine.connect() as connection:
        running_now = select(executions.c.eid, executions.c.scheduled_time).where(
            executions.c.state == 1
        )
        (row,) = connection.execute(running_now).all()
        (entry,) = connection.execute(select(audit_logs)).all()
        assert connection.execute(select(executions)).all() != []

    assert row.eid == "e1"
    assert row.scheduled_time.tzinfo is not None
    assert (entry.job_id, entry.user) == ("j1", "ann")
    assert tables.EXECUTIONS is executions


def test_tables_of_a_users_own_are_created(file_path: str) -> None:
    own = Table("data_files", tables.METADATA, Column("id", Integer, primary_key=True))
    try:
        datastore = utils.get_datastore_instance()
        names = inspect(datastore.engine).get_table_names()
    finally:
        tables.METADATA.remove(own)

    assert "data_files" in names


def test_a_method_added_to_the_base_class_is_on_every_datastore(
    monkeypatch: pytest.MonkeyPatch, file_path: str
) -> None:
    monkeypatch.setattr(base.DatastoreBase, "shout", lambda self: "LOUD", raising=False)

    assert utils.get_datastore_instance().shout() == "LOUD"
