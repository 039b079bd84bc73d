"""[compat] The path of release 0.3.0 for SQLite."""

from __future__ import annotations

from ndscheduler.core.datastore.providers._from_settings import DatastoreFromSettings, DbUrl
from ndscheduler.corescheduler.datastore.providers import sqlite


class DatastoreSqlite(DatastoreFromSettings, sqlite.DatastoreSqlite):
    """SQLite, as DATABASE_CONFIG_DICT says."""

    get_db_url = DbUrl(sqlite.DatastoreSqlite.get_db_url)
