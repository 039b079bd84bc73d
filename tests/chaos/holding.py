"""Servers whose jobs a test holds, and whose database it can take away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Execution
from tests.chaos.held_jobs import GATE
from tests.chaos.processes import Server, wait_until
from tests.outages import Outage

HELD = "tests.chaos.held_jobs.HeldJob"
# Long enough for a process to be started again before it is taken for dead.
LEASE_SECONDS = 12


@dataclass(frozen=True)
class Holding:
    """Where jobs are held, and the servers that run them, behind an outage or not."""

    kind: str
    datastore: DatastoreBase
    folder: Path
    outage: Outage

    @property
    def spill(self) -> Path:
        """Where the servers write results down."""
        return self.folder / "spill"

    def server(self, name: str = "server", **settings: object) -> Server:
        """One more server, not started."""
        chosen = {
            "JOB_CLASS_PACKAGES": ["tests.chaos.held_jobs"],
            "SPILL_DIR": str(self.spill),
            "LEASE_SEC": LEASE_SECONDS,
            "DRAIN_TIMEOUT_SEC": 20,
            **settings,
        }
        config, tables = self.outage.db_config, self.datastore.table_names
        return Server(self.kind, config, tables, self.folder / f"{name}.log", chosen)

    def open_gate(self) -> None:
        """Let all jobs end, now and later."""
        (self.folder / GATE).touch()

    def close_gate(self) -> None:
        """Hold those that begin from now on."""
        (self.folder / GATE).unlink()

    def run(self, server: Server, size: int = 0, job_class: str = HELD) -> str:
        """The id of one execution of a new job."""
        arguments = [str(self.folder), size]
        job = {"name": "held", "job_class_string": job_class, "month": "1", "pub_args": arguments}
        job_id = server.call("POST", "/jobs", job)["job_id"]
        return str(server.call("POST", f"/executions/{job_id}")["execution_id"])

    def begun(self, execution_id: str) -> None:
        """Wait until the code of an execution has begun."""
        wait_until((self.folder / execution_id).exists, 20, "the beginning of the code")

    def run_held(self, server: Server, size: int = 0) -> str:
        """The id of an execution whose code has begun."""
        execution_id = self.run(server, size)
        self.begun(execution_id)
        return execution_id

    def row(self, execution_id: str) -> Execution:
        """An execution as the database has it."""
        return self.datastore.read(self.datastore.executions.get, execution_id)

    def state(self, execution_id: str) -> ExecutionState:
        """The state of an execution."""
        return self.row(execution_id).state

    def spilled(self) -> list[Path]:
        """The files of results."""
        return sorted(self.spill.iterdir()) if self.spill.exists() else []
