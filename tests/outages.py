"""A database that goes away and comes back, for one client of it only."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.chaos.proxy import Proxy
from tests.databases import db_config

SERVER_PORTS = {"postgres": 5432, "mysql": 3306}


class Outage:
    """Stands before a database. `db_config` leads to it as long as there is no outage.

    A SQLite file is kept from writers by a lock that another connection holds.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.db_config: dict[str, Any] = db_config(kind, folder)
        self._proxy: Proxy | None = None
        self._blocker: sqlite3.Connection | None = None
        if kind != "sqlite":
            port = self.db_config["port"] or SERVER_PORTS[kind]
            self._proxy = Proxy(self.db_config["hostname"], port)
            self.db_config = {
                **self.db_config,
                "hostname": "127.0.0.1",
                "port": self._proxy.port,
            }

    def __enter__(self) -> Outage:
        if self._proxy is not None:
            self._proxy.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()
        if self._proxy is not None:
            self._proxy.stop()

    def begin(self, how: str = "refuse") -> None:
        """Take the database away; `how` is a mode of the proxy, such as "hang"."""
        if self._proxy is not None:
            self._proxy.mode = how
        else:
            blocker = sqlite3.connect(
                self.db_config["file_path"], isolation_level=None, check_same_thread=False
            )
            blocker.execute("PRAGMA busy_timeout=10000")
            blocker.execute("BEGIN IMMEDIATE")
            self._blocker = blocker

    def end(self) -> None:
        """Give the database back."""
        if self._proxy is not None:
            self._proxy.mode = "pass"
        blocker, self._blocker = self._blocker, None
        if blocker is not None:
            blocker.rollback()
            blocker.close()
