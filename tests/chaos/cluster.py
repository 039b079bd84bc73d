"""Several scheduler processes on one database."""

from __future__ import annotations

import urllib.error
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.processes import Server


class Cluster:
    """`size` servers on the tables of `datastore`; leaving the `with` block ends them."""

    def __init__(
        self,
        kind: str,
        datastore: DatastoreBase,
        folder: Path,
        size: int = 3,
        settings: Mapping[str, Any] | None = None,
        environments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """`environments`: variables of the first server, of the second, and so on."""
        self.servers = [
            Server(
                kind,
                datastore.db_config,
                datastore.table_names,
                folder / f"server-{number}.log",
                dict(settings or {}),
            )
            for number in range(size)
        ]
        for server, variables in zip(self.servers, environments, strict=False):
            server.environment = dict(variables)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill_all()

    def start(self) -> None:
        """Start all at once, and wait until all answer."""
        for server in self.servers:
            server.launch()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until all answer."""
        for server in self.servers:
            server.wait_ready()

    def restart(self, chosen: Server) -> None:
        """kill -9 and start again; does not wait until it answers."""
        chosen.stop()
        chosen.launch()

    def drain(self, seconds: float = 60) -> list[int]:
        """SIGTERM to all at once; their exit statuses."""
        running = [server for server in self.servers if server.is_running]
        for server in running:
            server.resume()
            server.terminate()
        return [server.wait(seconds) for server in running]

    def kill_all(self) -> None:
        """kill -9 to all that run."""
        for server in self.servers:
            server.stop()

    def running(self) -> list[Server]:
        """The servers whose processes run and are not suspended."""
        return [s for s in self.servers if s.is_running and not s.is_suspended]

    def any(self, chance: Random) -> Server:
        """One of the servers, by chance."""
        return chance.choice(self.servers)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer of the first server that answers at all."""
        for server in self.running():
            try:
                return server.call(method, path, body)
            except urllib.error.HTTPError:
                raise
            except OSError:
                continue
        raise AssertionError(f"no server answers {method} {path}")

    def logs(self) -> str:
        """The ends of all logs, for a failure to be understood."""
        return "\n".join(
            f"--- {server.log.name}\n{server.log.read_text(errors='replace')[-3000:]}"
            for server in self.servers
            if server.log.exists()
        )
