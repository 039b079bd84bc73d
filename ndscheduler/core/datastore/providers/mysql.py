"""[compat] The path of release 0.3.0 for MySQL and MariaDB."""

from __future__ import annotations

from ndscheduler.core.datastore.providers._from_settings import DatastoreFromSettings, DbUrl
from ndscheduler.corescheduler.datastore.providers import mysql


class DatastoreMysql(DatastoreFromSettings, mysql.DatastoreMySQL):
    """MySQL and MariaDB, as DATABASE_CONFIG_DICT says."""

    get_db_url = DbUrl(mysql.DatastoreMySQL.get_db_url)
