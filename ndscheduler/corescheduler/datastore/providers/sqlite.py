"""SQLite: one file, no server."""

from __future__ import annotations

from sqlalchemy import URL

from ndscheduler.corescheduler.datastore.base import DatastoreBase

DEFAULT_FILE = "datastore.db"


class DatastoreSqlite(DatastoreBase):
    """The database is the file `file_path` of the configuration."""

    def get_db_url(self) -> str:
        """The URL of the file, relative to the working directory where it is relative."""
        path = str(self.db_config.get("file_path") or DEFAULT_FILE)
        return URL.create("sqlite", database=path).render_as_string(hide_password=False)
