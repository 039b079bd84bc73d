"""The stream of changes of one server: what is told, once, and how streams begin and end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.server.stream.streams import StreamLimits
from ndscheduler.version import __version__
from tests.api.api_server import NONE_JOB, Api, serving, wait_for
from tests.api.sse import Listener
from tests.chaos.held_jobs import GATE
from tests.factories import a_job, an_execution

MANY_DIGITS = "{name}-" + "9" * 5000
HELD = "tests.chaos.held_jobs.HeldJob"


@pytest.fixture
def listener(api: Api) -> Iterator[Listener]:
    """A client that has been greeted."""
    with Listener(api.url) as opened:
        opened.event("hello")
        yield opened


@contextmanager
def holding(folder: Path) -> Iterator[Api]:
    """A server whose jobs may be held."""
    packages = ["tests.chaos.held_jobs", "extra_jobs"]
    with serving(folder, JOB_CLASS_PACKAGES=packages, DRAIN_TIMEOUT_SEC=20) as api:
        yield api


def run_held(api: Api, folder: Path) -> str:
    """The id of an execution that runs until the gate in `folder` is there."""
    job_id = api.add_job(job_class_string=HELD, pub_args=[str(folder)])
    execution_id = str(api.post(f"/api/v1/executions/{job_id}").json()["execution_id"])
    wait_for((folder / execution_id).exists)
    return execution_id


def test_a_stream_begins_with_the_pause_before_a_new_try_and_a_greeting(
    api: Api, listener: Listener
) -> None:
    headers = listener.answer.headers
    instance = api.get("/api/v1/instances").json()["instances"][0]["id"]

    assert listener.lines[0] == "retry: 2000"
    assert listener.events[0].name == "hello"
    assert listener.events[0].data == {
        "instance": instance,
        "version": __version__,
        "resumed": False,
    }
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store"
    assert "Etag" not in headers


def test_an_execution_is_told_with_its_end_in_brief(api: Api, listener: Listener) -> None:
    job_id = api.add_job(job_class_string="extra_jobs.probe_jobs.KwargsJob", pub_args=["y" * 500])
    whole = api.run_job(job_id)

    told = listener.row("executions", execution_id=whole["execution_id"], state="succeeded")

    assert "result" not in told
    assert whole["result"].startswith(told["result_brief"])
    assert len(told["result_brief"]) < told["result_length"] == len(whole["result"])
    assert told["duration"] >= 0
    assert told["delay"] >= 0
    assert {name: whole[name] for name in whole if name != "result"}.items() <= told.items()


def test_what_is_done_to_a_job_is_told_as_the_list_shows_it(api: Api, listener: Listener) -> None:
    job_id = api.add_job(name="first")
    listener.row("jobs", job_id=job_id, name="first")
    api.put(
        f"/api/v1/jobs/{job_id}",
        json={"name": "second", "job_class_string": NONE_JOB, "minute": "1"},
    )
    listener.row("jobs", job_id=job_id, name="second")
    api.post(f"/api/v1/jobs/{job_id}/pause", json={"reason": "holidays"})
    listener.row("jobs", job_id=job_id, paused=True, paused_reason="holidays")
    api.post(f"/api/v1/jobs/{job_id}/resume")
    told = listener.row("jobs", job_id=job_id, paused=False, name="second", paused_reason=None)
    shown = api.job(job_id)
    api.call("DELETE", f"/api/v1/jobs/{job_id}")

    listener.event("jobs", lambda data: job_id in data["deleted"])
    assert {**told, "updated_at": None, "rev": 0} == {**shown, "updated_at": None, "rev": 0}


def test_a_job_that_fires_is_told_with_its_next_run_time(api: Api, listener: Listener) -> None:
    job_id = api.add_job(trigger={"type": "interval", "seconds": 1})

    listener.wait_for(
        lambda: len({job["next_run_time"] for job in listener.rows("jobs", job_id=job_id)}) > 2
    )
    api.call("DELETE", f"/api/v1/jobs/{job_id}")


def test_audit_entries_are_told_as_the_log_shows_them(api: Api, listener: Listener) -> None:
    job_id = api.add_job()
    api.post(f"/api/v1/jobs/{job_id}/pause", json={})

    told = listener.row("logs", job_id=job_id, event="paused")

    assert told == api.logs(job_id)[0]


def test_counts_and_load_are_told_when_they_change(tmp_path: Path) -> None:
    with holding(tmp_path) as api, Listener(api.url) as listener:
        listener.event("hello")
        run_held(api, tmp_path)
        load = listener.event("instances", lambda data: data["instances"][0]["load"]["running"])
        stats = listener.event("stats", lambda data: data["live"].get("running"))
        (tmp_path / GATE).touch()
        after = listener.event("stats", lambda data: data["ended"].get("succeeded"))
        shown = api.get("/api/v1/instances").json()["instances"][0]

    assert stats["live"] == {"running": 1}
    assert (after["live"], after["ended"]) == ({}, {"succeeded": 1})
    assert set(load["instances"][0]) == set(shown)


def test_a_change_is_told_once(api: Api, listener: Listener) -> None:
    execution = api.run_job(api.add_job())
    listener.row("executions", execution_id=execution["execution_id"], state="succeeded")
    # Each of these is found by a later look, which reads the execution again.
    for number in range(3):
        listener.row("jobs", job_id=api.add_job(name=f"later {number}"))

    told = listener.rows("executions", execution_id=execution["execution_id"])
    states = [(row["state"], row["updated_time"]) for row in told]
    entries = [row["id"] for row in listener.rows("logs")]
    assert len(states) == len(set(states))
    assert len(entries) == len(set(entries))


@pytest.mark.parametrize("by", ["header", "query"])
def test_who_comes_back_is_told_what_happened_meanwhile(api: Api, by: str) -> None:
    with Listener(api.url) as before:
        before.event("hello")
        seen = api.add_job()
        before.row("logs", job_id=seen)
        # The whole look is told, with what else it found.
        last = before.events[-1].id
    missed = api.add_job()

    again = {"after": last} if by == "header" else {"last_event_id": last}
    with Listener(api.url, **again) as after:
        after.row("jobs", job_id=missed)
        after.row("logs", job_id=missed)

    assert after.events[0].name == "hello"
    assert after.events[0].data["resumed"] is True
    assert after.rows("logs", job_id=seen) == []
    assert len(after.rows("logs", job_id=missed)) == 1


@pytest.mark.parametrize(
    "what", ["", "x", "{name}-", "{name}-99999", "{name}-٣", "{name}-" + "9" * 5000]
)
def test_who_comes_back_with_an_unknown_id_is_told_to_read_again(
    api: Api, listener: Listener, what: str
) -> None:
    name = listener.events[0].id.rpartition("-")[0]

    with Listener(api.url, last_event_id=what.format(name=name)) as after:
        assert after.event("hello")["resumed"] is False


def test_a_client_that_hangs_up_is_forgotten(fresh_api: Api) -> None:
    with Listener(fresh_api.url) as listener:
        listener.event("hello")
        assert fresh_api.server.context.streams.count == 1

    assert wait_for(lambda: fresh_api.server.context.streams.count == 0)


def test_more_streams_than_the_limit_are_503_until_one_has_ended(fresh_api: Api) -> None:
    fresh_api.server.context.streams.limits = StreamLimits(max_streams=2)
    with Listener(fresh_api.url), Listener(fresh_api.url):
        refused = fresh_api.get("/api/v1/stream")
    wait_for(lambda: fresh_api.server.context.streams.count < 2)

    assert refused.status_code == 503
    assert refused.json() == {"error": "Too many streams are open; try again soon."}
    assert int(refused.headers["Retry-After"]) > 0
    with Listener(fresh_api.url) as listener:
        listener.event("hello")


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_only_get_opens_a_stream(api: Api, method: str) -> None:
    answer = api.call(method, "/api/v1/stream")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_a_stream_is_refused_under_a_name_of_another_site(api: Api) -> None:
    answer = api.get("/api/v1/stream", headers={"Host": "rebound.example"})

    assert answer.status_code == 403


def test_a_quiet_stream_beats(fresh_api: Api) -> None:
    fresh_api.server.context.streams.limits = StreamLimits(beat_seconds=0.1)

    with Listener(fresh_api.url) as listener:
        listener.wait_for(lambda: listener.lines.count(": beat") > 2)


def test_a_stop_says_goodbye_at_once_and_not_after_the_drain(tmp_path: Path) -> None:
    with holding(tmp_path) as api:
        execution_id = run_held(api, tmp_path)
        with Listener(api.url) as listener:
            listener.event("hello")
            api.server.request_stop()
            listener.wait_until_over()
        engine = api.server.scheduler_manager.sched.engine
        still_running = [] if engine is None else [run.id for run in engine.running()]
        (tmp_path / GATE).touch()

    assert listener.events[-1].name == "bye"
    assert listener.events[-1].data == {"reason": "stopping"}
    assert still_running == [execution_id]


def test_a_server_that_stops_opens_no_stream(tmp_path: Path) -> None:
    with holding(tmp_path) as api:
        run_held(api, tmp_path)
        with Listener(api.url) as listener:
            listener.event("hello")
            api.server.request_stop()
            listener.wait_until_over()
        # On a connection that stands: new ones are not taken.
        answer = api.get("/api/v1/stream")
        (tmp_path / GATE).touch()

    assert (answer.status_code, answer.json()) == (503, {"error": "The server is stopping."})


@contextmanager
def deaf_client(url: str) -> Iterator[None]:
    """A client that asks for the stream and never reads it."""
    parts = urlsplit(url)
    with socket.socket() as line:
        # Little is kept for it on the way.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect((parts.hostname, parts.port))
        line.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        yield


def tell_much(api: Api, listener: Listener) -> None:
    """Let the stream tell of more than systems keep for a connection: 14 MB."""
    datastore = api.server.scheduler_manager.get_datastore()
    job, state = a_job(args_json='["%s"]' % ("x" * 9_000)), ExecutionState.MISSED
    for turn in range(1, 5):
        rows = [an_execution(job, fire_time=None, state=state) for _ in range(400)]
        datastore.loop.write(datastore.claims.insert_executions, rows)
        listener.wait_for(lambda n=turn: len(listener.rows("executions")) >= 400 * n)


def test_a_client_that_does_not_read_is_let_go(fresh_api: Api) -> None:
    streams = fresh_api.server.context.streams
    streams.limits = StreamLimits(patience_seconds=0.5)
    with deaf_client(fresh_api.url), Listener(fresh_api.url) as listener:
        listener.event("hello")
        wait_for(lambda: streams.count == 2)
        tell_much(fresh_api, listener)
        wait_for(lambda: streams.count == 1)

        listener.row("jobs", job_id=fresh_api.add_job())


def test_a_client_that_does_not_read_delays_no_stop(tmp_path: Path) -> None:
    with ExitStack() as kept:
        with serving(tmp_path) as api:
            streams = api.server.context.streams
            streams.limits = StreamLimits(patience_seconds=3600)
            kept.enter_context(deaf_client(api.url))
            listener = kept.enter_context(Listener(api.url))
            listener.event("hello")
            wait_for(lambda: streams.count == 2)
            tell_much(api, listener)
            assert streams.count == 2
        # Leaving `serving` has waited for the end of the server.
        listener.wait_until_over()

    assert listener.events[-1].name == "bye"
