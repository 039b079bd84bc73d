"""One server that raises where it is told to, and jobs by which one sees that it fires."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos import call_sites, tidy_scheduler
from tests.chaos.call_sites import Control, Fault
from tests.chaos.notes import Notes
from tests.chaos.oddities import add_oddities, fill_up_instances
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import SHORT_LEASE
from tests.chaos.schedules import Schedule, noted_jobs

# "Firing again after 5 s".
MOST_SECONDS = 5.0
# How long one waits until a site is called.
HIT_SECONDS = 3.0
FAULT_SECONDS = 1.0


@dataclass
class Bench:
    """One server that raises where it is told to, with jobs that fire five times a second."""

    kind: str
    datastore: DatastoreBase
    folder: Path
    slowest: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.notes = Notes(self.folder / "notes")
        self.control = Control(self.folder / "control")
        config = {**self.datastore.db_config, "faults": str(self.control.folder)}
        classes = {
            "DATABASE_CLASS": call_sites.PATHS[self.kind],
            "SCHEDULER_CLASS": tidy_scheduler.PATH,
        }
        settings = {**classes, **SHORT_LEASE}
        log = self.folder / "server.log"
        self.server = Server(self.kind, config, self.datastore.table_names, log, settings)
        self.schedules: list[Schedule] = []

    def add_jobs(self) -> None:
        """Five jobs that fire each second, a fifth of a second apart, one of them in series."""
        fill_up_instances(self.datastore)
        begin = self.datastore.read(self.datastore.dialect.now) + timedelta(seconds=0.5)
        for number in range(5):
            first = begin + timedelta(seconds=number / 5)
            trigger = {"type": "interval", "seconds": 1, "anchor": first.isoformat()}
            self.schedules += noted_jobs(
                self.datastore,
                self.notes.path,
                1,
                trigger_json=json.dumps(trigger),
                next_fire=first,
                coalesce=number > 0,
            )

    def try_out(self, site: str, fault: Fault) -> bool:
        """Let `fault` happen at `site`; False if nobody calls it. Fails where firing stays away."""
        before = self.control.hits(site)
        add_oddities(self.datastore, self.notes.path, self.schedules[0])
        self.control.arm(site, fault)
        try:
            if not self._is_hit(site, before):
                return False
            if fault.is_lasting:
                time.sleep(FAULT_SECONDS)
        finally:
            self.control.disarm(site)
        self.wait_for_recovery(site)
        return True

    def _is_hit(self, site: str, before: int) -> bool:
        """Wait for a call of `site`; where none comes, other faults may bring it about."""
        for provoke in (None, *[self._provoke] * 3):
            if provoke is not None:
                provoke()
            deadline = uptime() + HIT_SECONDS
            while uptime() < deadline:
                if self.control.hits(site) > before:
                    return True
                time.sleep(0.02)
        return False

    def _provoke(self) -> None:
        """Let starts fail, then ends, as a connection does that is lost."""
        for site in ("lifecycle.start", "lifecycle.finish"):
            self.control.arm(site, Fault(is_driver_error=True, is_lasting=True))
            time.sleep(FAULT_SECONDS * 2)
            self.control.disarm(site)

    def wait_for_recovery(self, site: str) -> None:
        """Wait until a fire from now on has run and is stored."""
        table = self.datastore.tables.executions
        began = self.datastore.read(self.datastore.dialect.now)
        fired = select(table.c.id).where(
            table.c.fire_time >= began, table.c.state == int(ExecutionState.SUCCEEDED)
        )
        since = uptime()
        wait_until(
            lambda: self.datastore.read(lambda c: c.execute(fired.limit(1)).first()),
            MOST_SECONDS,
            f"firing after a fault at {site}",
        )
        self.slowest[site] = max(self.slowest.get(site, 0.0), uptime() - since)
