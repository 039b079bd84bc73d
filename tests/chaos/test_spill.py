"""Results of an outage survive the death of the process."""

from __future__ import annotations

import os

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from tests.chaos.holding import Holding
from tests.chaos.processes import Server, wait_until
from tests.chaos.scale import databases, scaled

OK = ExecutionState.SUCCEEDED
RUNNING = ExecutionState.RUNNING
INTERRUPTED = ExecutionState.INTERRUPTED
# Patience of the writer, and what a call that hangs may take of it.
SPILL_SECONDS = 30

# What all kinds have in common is tested on one.
on_one_kind = databases("sqlite")


def killed_with_results(holding: Holding, server: Server, size: int, how: str) -> list[str]:
    """Executions that ended during an outage, in a process that was killed in it."""
    ids = [holding.run_held(server, size) for _ in range(3)]
    holding.outage.begin(how)
    holding.open_gate()
    wait_until(
        lambda: all(i in "".join(p.read_text() for p in holding.spilled()) for i in ids),
        SPILL_SECONDS,
        "the file",
    )
    server.kill()
    return ids


@databases("mysql")
@pytest.mark.parametrize("how", scaled(["refuse", "hang"], ["hang"]))
def test_results_of_an_outage_are_stored_after_a_kill_and_a_restart(
    holding: Holding, server: Server, how: str
) -> None:
    ids = killed_with_results(holding, server, 1_000_000, how)
    holding.outage.end()
    before = [holding.state(i) for i in ids]

    server.start()

    wait_until(lambda: all(holding.state(i) is not RUNNING for i in ids), 20, "their ends")
    assert before == [RUNNING] * 3
    assert [holding.state(i) for i in ids] == [OK] * 3
    assert {holding.row(i).result for i in ids} == {f'"{"x" * 1_000_000}"'}
    wait_until(lambda: not holding.spilled(), 10, "the end of the file")


@on_one_kind
def test_of_two_that_start_at_once_one_stores_what_a_dead_one_left(
    holding: Holding, server: Server
) -> None:
    ids = killed_with_results(holding, server, 10, "refuse")
    holding.outage.end()
    servers = [holding.server(f"next-{number}") for number in range(2)]
    try:
        for one in servers:
            one.launch()
        for one in servers:
            one.wait_ready()
        wait_until(lambda: not holding.spilled(), 20, "the end of the file")
    finally:
        for one in servers:
            one.stop()

    assert [holding.state(i) for i in ids] == [OK] * 3
    logs = [one.log.read_text() for one in servers]
    assert sum("results that" in log for log in logs) == 1
    assert not any("no longer this run's" in log for log in logs)


@on_one_kind
def test_a_file_that_is_torn_gives_what_is_whole_and_is_kept(
    holding: Holding, server: Server
) -> None:
    ids = killed_with_results(holding, server, 100_000, "refuse")
    holding.outage.end()
    (path,) = holding.spilled()
    os.truncate(path, path.stat().st_size - 50_000)

    server.start()

    wait_until(lambda: all(holding.state(i) is not RUNNING for i in ids), 40, "their ends")
    assert sorted(holding.state(i) for i in ids) == [OK, OK, INTERRUPTED]
    assert [kept.name for kept in holding.spilled()] == [f"{path.name}.damaged"]
    assert path.name in server.log.read_text()
