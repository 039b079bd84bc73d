"""[compat] The path of release 0.3.0 for PostgreSQL."""

from __future__ import annotations

from ndscheduler.core.datastore.providers._from_settings import DatastoreFromSettings, DbUrl
from ndscheduler.corescheduler.datastore.providers import postgres


class DatastorePostgresql(DatastoreFromSettings, postgres.DatastorePostgres):
    """PostgreSQL, as DATABASE_CONFIG_DICT says."""

    get_db_url = DbUrl(postgres.DatastorePostgres.get_db_url)
