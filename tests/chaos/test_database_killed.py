"""The database server is killed, and started again later."""

from __future__ import annotations

from pathlib import Path

import pytest

from ndscheduler.corescheduler.clock import uptime
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.outage import OutageRun, judge
from tests.chaos.scale import scaled
from tests.chaos.servers import PrivateServer

AWAY_SECONDS = scaled(30.0, 7.0)


@pytest.mark.timeout(300)
def test_nothing_is_lost_and_firing_goes_on_at_once_when_the_database_was_killed(
    private_server: PrivateServer, private_datastore: DatastoreBase, tmp_path: Path
) -> None:
    with OutageRun(private_server.kind, private_datastore, tmp_path) as run:
        run.let_fire(2)
        private_server.kill()
        gone = uptime()
        run.stay_away(AWAY_SECONDS)
        back = private_server.start()
        run.let_fire(3)

        judge(run, "database killed", gone, back)
