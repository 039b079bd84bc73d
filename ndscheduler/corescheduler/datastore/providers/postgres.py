"""PostgreSQL."""

from __future__ import annotations

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.providers._server_url import server_url


class DatastorePostgres(DatastoreBase):
    """user, password, hostname, port, database and sslmode of the configuration."""

    def get_db_url(self) -> str:
        """The URL of the server and its database."""
        sslmode = self.db_config.get("sslmode")
        return server_url(
            "postgresql", self.db_config, {"sslmode": str(sslmode)} if sslmode else None
        )
