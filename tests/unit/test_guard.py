"""What tells that a process can not go on."""

from __future__ import annotations

import logging
import threading

import pytest

from ndscheduler.corescheduler.core.complaints import Complaints
from ndscheduler.corescheduler.core.guard import Guard, log_stuck
from ndscheduler.corescheduler.datastore.deadlines import Line, Watchdog


class Stone(Line):
    """A line that no cut ends."""

    def cut(self) -> None:
        return

    def close(self) -> None:
        return


def guarded(guard: Guard, told: threading.Event, seconds: float) -> bool:
    guard.start()
    was_told = told.wait(seconds)
    guard.stop()
    return was_told


def test_a_dead_thread_is_told_once() -> None:
    told, sentences = threading.Event(), list[str]()

    def on_stuck(sentence: str) -> None:
        sentences.append(sentence)
        told.set()

    threads = {"loop": lambda: False, "heartbeat": lambda: True}

    assert guarded(Guard(threads, lambda: 0.0, on_stuck), told, 10)
    assert sentences == ["The thread of the loop has died."]


def test_a_call_that_nothing_ends_is_told() -> None:
    watchdog, told = Watchdog(), threading.Event()
    ended = threading.Event()

    def call() -> None:
        with watchdog.limit("loop", 0.2) as call:
            call.attach(Stone())
            ended.wait(20)

    thread = threading.Thread(target=call)
    thread.start()
    guard = Guard({}, watchdog.overdue_seconds, lambda _: told.set(), stuck_call_seconds=0.5)

    assert guarded(guard, told, 10)
    ended.set()
    thread.join()
    watchdog.close()


def test_a_call_within_its_limit_is_nothing() -> None:
    watchdog, told = Watchdog(), threading.Event()

    with watchdog.limit("loop", 60):
        guard = Guard({}, watchdog.overdue_seconds, lambda _: told.set(), stuck_call_seconds=0.5)
        assert not guarded(guard, told, 2.5)
    watchdog.close()


def test_who_stops_on_purpose_is_not_stuck() -> None:
    told = threading.Event()
    guard = Guard({"loop": lambda: False}, lambda: 0.0, lambda _: told.set())

    guard.start()
    guard.stop()

    assert not told.wait(1.5)


def test_without_a_listener_it_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    log_stuck("The thread of the loop has died.")

    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert "The thread of the loop has died." in caplog.text


def test_the_same_failure_again_and_again_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    complaints = Complaints(logging.getLogger("x"))

    for _ in range(100):
        complaints.add("It fails: %s", ValueError("broken"))
    complaints.end("It works.")
    complaints.end("It works.")
    complaints.add("It fails: %s", ValueError("broken again"))

    assert [record.getMessage() for record in caplog.records] == [
        "It fails: broken",
        "It works.",
        "It fails: broken again",
    ]
