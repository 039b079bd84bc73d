"""An exception at every call that a scheduler makes of its datastore, one at a time."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.api_tour import ApiTour
from tests.chaos.bench import Bench
from tests.chaos.call_sites import Fault, sites_of
from tests.chaos.checker import check
from tests.chaos.history import settle
from tests.chaos.oddities import AHEAD_SECONDS
from tests.chaos.processes import wait_until
from tests.chaos.scale import databases, is_full, report, seeded

IS_FULL = is_full()
# In brief.
EVERY_NTH = 12

FAULTS = {
    "in place of the call": Fault(),
    "after the call": Fault(after=True),
    "for a second": Fault(is_driver_error=True, is_lasting=True),
}

# No running scheduler calls these.
NOT_CALLED = {
    "dialect.prepare": "before it runs",
    "dialect.insert_or_add": "before it runs",
    "datastore.open": "before it runs",
    "datastore.migrate": "before it runs",
    "datastore.check_schema": "before it runs",
    "jobs.active_without_next_fire": "before it runs",
    "instances.insert": "before it runs",
    "claims.set_lost_fire": "before it runs, for jobs that an earlier release left without",
    "instances.stop": "at its end",
    "datastore.close": "at its end",
    "api.dispose": "at its end",
    "loop.dispose": "at its end",
    "executions.state_of": "by users' code",
    "executions.update_columns": "for users' classes that describe themselves",
    "datastore.get_db_url": "by the constructor",
    "dialect.engine_options": "by the constructor",
    "dialect.listen": "by the constructor",
    "dialect.connect": "anew only; a driver that fails there has a test of its own",
    "dialect.set_up": "anew only; a driver that fails there has a test of its own",
    "dialect.is_crowded": "where the server takes no more connections",
    "api.run": "by commands, not by a scheduler",
    "loop.run": "by commands, not by a scheduler",
    "datastore.run_long": "before it runs",
    "datastore.patiently": "before it runs",
    "datastore.give_up_calls_before": "after the database was away",
    "datastore.give_up_requests": "after the database was away",
    "watchdog.cut": "after the database was away",
    "watchdog.close": "at its end",
    "probe.dispose": "at its end",
    "probe.write": "by nobody: a probe only reads",
    "probe.run": "by nobody: a probe only reads",
    "lifecycle.release": "after a COMMIT of a start whose answer was lost, as a failing driver has",
}
# The server of these tests asks nobody who he is.
NOT_CALLED |= dict.fromkeys(
    (
        "api_tokens.delete",
        "api_tokens.find",
        "api_tokens.find_by_hash",
        "api_tokens.insert",
        "api_tokens.touch",
        "dialect.awaited",
        "keys.find",
        "keys.insert",
        "keys.replace",
        "sessions.delete",
        "sessions.delete_expired",
        "sessions.delete_of",
        "sessions.find",
        "sessions.insert",
        "sessions.touch",
        "users.admins_locked",
        "users.find",
        "users.find_locked",
        "users.insert",
        "users.update",
    ),
    "where there are accounts",
)
NOT_CALLED["datastore.open_if_new"] = "by a command"


@pytest.fixture
def bench(kind: str, datastore: DatastoreBase, tmp_path: Path) -> Iterator[Bench]:
    """A server that runs, and jobs that fire."""
    made = Bench(kind, datastore, tmp_path)
    made.server.start()
    try:
        made.add_jobs()
        wait_until(lambda: made.notes.executions("S"), 10, "a start")
        yield made
        print(made.server.log.read_text()[-3000:])
    finally:
        made.server.stop()


def faults_to_try(sites: list[str]) -> list[tuple[str, str]]:
    """(site, name of a fault): all in full; in brief one at every twelfth site."""
    if IS_FULL:
        return [(site, name) for site in sites for name in FAULTS]
    chance = seeded("call sites")
    chosen = sites[chance.randrange(EVERY_NTH) :: EVERY_NTH]
    names = itertools.cycle(chance.sample(list(FAULTS), len(FAULTS)))
    return list(zip(chosen, names, strict=False))


@databases("sqlite")
@pytest.mark.timeout(3600 if IS_FULL else 300)
def test_firing_goes_on_after_an_exception_at_any_call_of_the_datastore(
    bench: Bench, kind: str
) -> None:
    sites = sorted(set(sites_of(bench.datastore)) - set(NOT_CALLED))
    chosen = faults_to_try(sites)
    with ApiTour(bench.server, str(bench.notes.path)) as tour:
        wait_until(lambda: tour.rounds, 30, "a whole round of the API")
        missed = [site for site, name in chosen if not bench.try_out(site, FAULTS[name])]
        rounds = tour.rounds
        wait_until(lambda: tour.rounds > rounds + 1, 30, "a whole round of the API")

    # Until the fires that were recorded ahead have come.
    time.sleep(AHEAD_SECONDS)
    history = settle(bench.datastore, bench.notes, bench.schedules, 30)
    report(
        "exception at a call site",
        kind,
        sites=len({site for site, _ in chosen}),
        faults=len(chosen),
        firing_after=round(max(bench.slowest.values()), 2),
        refused_requests=len(tour.refused),
    )
    check(history)
    assert not missed, f"nobody calls {missed}: let the API tour do so, or excuse them"
    assert not tour.strange
    assert bench.server.is_running


def test_each_site_that_no_scheduler_calls_still_exists(datastore: DatastoreBase) -> None:
    excused = set(NOT_CALLED) - {"claims.set_lost_fire"}

    assert excused <= set(sites_of(datastore))
