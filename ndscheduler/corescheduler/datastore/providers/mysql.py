"""MySQL and MariaDB."""

from __future__ import annotations

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers._server_url import server_url


class DatastoreMySQL(DatastoreBase):
    """user, password, hostname, port and database of the configuration."""

    def get_db_url(self) -> str:
        """The URL of the server and its database."""
        return server_url("mysql", self.db_config)
