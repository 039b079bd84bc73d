"""SIGTERM and SIGINT: what runs may end, what waits is free, and the end comes in time."""

from __future__ import annotations

import http.client
import json
import signal
import time

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from tests.chaos.holding import Holding
from tests.chaos.processes import START_SECONDS, Server, wait_until
from tests.chaos.scale import databases, scaled, within

OK = ExecutionState.SUCCEEDED
RUNNING = ExecutionState.RUNNING
INTERRUPTED = ExecutionState.INTERRUPTED
# What a loaded machine may add to a process's own time.
SLACK_SECONDS = 3.0

# Where the kind of database makes no difference to what is tested.
on_one_kind = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def refuses(server: Server) -> bool:
    """True once the server takes no new connections."""
    try:
        server.call("GET", "/jobs?limit=1")
    except ConnectionError:
        return True
    except OSError as error:
        return isinstance(getattr(error, "reason", None), ConnectionRefusedError)
    return False


def test_what_runs_ends_and_what_is_queued_is_run_by_another_within_two_seconds(
    holding: Holding, server: Server
) -> None:
    ids = [holding.run(server) for _ in range(8)]
    wait_until(lambda: [holding.state(i) for i in ids].count(RUNNING) == 4, 20, "four runs")
    running = [i for i in ids if holding.state(i) is RUNNING]
    other = holding.server("other", THREAD_POOL_SIZE=1)
    other.start()
    try:
        wait_until(lambda: [holding.state(i) for i in ids].count(RUNNING) == 5, 20, "a fifth")
        signalled_at = holding.datastore.read(holding.datastore.dialect.now)
        server.terminate()
        holding.open_gate()
        status = server.wait(20)
        wait_until(lambda: all(holding.state(i) is OK for i in ids), 20, "all ends")
    finally:
        other.stop()

    rows = [holding.row(i) for i in ids]
    waits = [
        (row.started_time - signalled_at).total_seconds()
        for row in rows
        if row.started_time is not None and row.started_time > signalled_at
    ]
    assert status == 0
    assert len(running) == 4
    assert {row.pid for row in rows} == {server.pid, other.pid}
    assert max(waits) <= within(2.0)


@on_one_kind
def test_while_it_drains_it_refuses_connections_and_says_on_open_ones_that_it_is_not_ready(
    holding: Holding, server: Server
) -> None:
    execution_id = holding.run_held(server)
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    kept.connect()
    server.terminate()
    wait_until(lambda: refuses(server), 10, "the refusal")

    kept.request("GET", "/readyz")
    answer = kept.getresponse()
    body = json.loads(answer.read())
    kept.close()
    state = holding.state(execution_id)
    holding.open_gate()

    assert (answer.status, answer.getheader("Connection")) == (503, "close")
    assert "error" in body
    assert state is RUNNING
    assert server.wait(20) == 0
    assert holding.state(execution_id) is OK


@databases("mysql")
@pytest.mark.parametrize("second", scaled([signal.SIGTERM, signal.SIGINT], [signal.SIGINT]))
def test_a_second_signal_interrupts_what_runs_and_ends_within_two_seconds(
    holding: Holding, server: Server, second: signal.Signals
) -> None:
    execution_id = holding.run_held(server)
    server.terminate()
    wait_until(lambda: refuses(server), 10, "the first signal")
    began = time.monotonic()

    server.signal(second)
    status = server.wait(20)
    seconds = time.monotonic() - began

    row = holding.row(execution_id)
    assert status == 128 + second
    assert seconds < 2 + SLACK_SECONDS
    assert row.state is INTERRUPTED
    assert row.reason is not None
    assert f"second signal ({second.name})" in row.reason


@databases("postgres")
def test_a_second_signal_ends_it_though_the_database_is_silent(
    holding: Holding, server: Server
) -> None:
    execution_id = holding.run_held(server)
    server.terminate()
    wait_until(lambda: refuses(server), 10, "the first signal")
    holding.outage.begin("hang")
    began = time.monotonic()

    server.terminate()
    status = server.wait(20)
    seconds = time.monotonic() - began
    holding.outage.end()

    assert status == 128 + signal.SIGTERM
    assert seconds < 2 + SLACK_SECONDS
    # On SQLite the reaper of the next process finds it, as on the others.
    assert holding.state(execution_id) is RUNNING


@databases("postgres")
@pytest.mark.parametrize("how", scaled(["refuse", "hang"], ["hang"]))
def test_a_stop_while_the_database_is_away_ends_in_time_and_loses_no_result(
    holding: Holding, server: Server, how: str
) -> None:
    execution_id = holding.run_held(server, size=1_000_000)
    holding.outage.begin(how)
    began = time.monotonic()
    server.terminate()
    holding.open_gate()

    status = server.wait(60)
    seconds = time.monotonic() - began
    kept = holding.spilled()
    holding.outage.end()
    server.start()

    assert status == 0
    assert seconds < 12 + SLACK_SECONDS
    assert len(kept) == 1
    assert str(kept[0]) in server.log.read_text()
    wait_until(lambda: holding.state(execution_id) is not RUNNING, 20, "its end")
    row = holding.row(execution_id)
    assert (row.state, row.result) == (OK, f'"{"x" * 1_000_000}"')
    wait_until(lambda: not holding.spilled(), 10, "the end of the file")


@on_one_kind
def test_a_thread_that_a_job_left_behind_does_not_keep_the_process(
    holding: Holding, server: Server
) -> None:
    execution_id = holding.run(server, job_class="tests.chaos.held_jobs.StubbornJob")
    wait_until(lambda: holding.state(execution_id) is OK, 20, "the run")

    server.terminate()

    assert server.wait(20) == 0
    assert "stubborn" in server.log.read_text()


@databases("mysql")
@pytest.mark.parametrize("number", scaled([signal.SIGTERM, signal.SIGINT], [signal.SIGTERM]))
def test_a_signal_while_the_database_is_opened_ends_it_at_once(
    holding: Holding, number: signal.Signals
) -> None:
    server = holding.server(LOGGING_LEVEL="DEBUG")
    holding.outage.begin("hang")
    server.launch()
    # Its port is taken before the database is opened.
    try:
        wait_until(lambda: not refuses_connections(server), START_SECONDS, "the listening")
        time.sleep(0.3)
        began = time.monotonic()
        server.signal(number)
        status = server.wait(20)
    finally:
        server.stop()

    assert time.monotonic() - began < 4
    assert status == 0


@databases("sqlite")
def test_signals_at_any_moment_of_the_start_leave_a_sound_database(holding: Holding) -> None:
    server = holding.server()
    statuses = []
    for step in range(scaled(20, 3)):
        server.launch()
        wait_until(lambda: not refuses_connections(server), START_SECONDS, "the listening")
        time.sleep(step * 0.04)
        server.terminate()
        statuses.append(server.wait(30))

    server.start()
    execution_id = holding.run(server)
    holding.open_gate()
    wait_until(lambda: holding.state(execution_id) is OK, 20, "a run")
    server.stop()

    assert set(statuses) == {0}


def refuses_connections(server: Server) -> bool:
    """True while nobody listens on the server's port."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return True
    connection.close()
    return False
