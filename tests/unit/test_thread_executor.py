"""The threads that run executions."""

from __future__ import annotations

import threading

from ndscheduler.corescheduler.executors.threads import ThreadExecutor
from tests.factories import a_job, an_execution


def test_what_may_not_begin_is_given_back_and_held_no_more() -> None:
    ran: list[str] = []
    given_back = threading.Event()
    executor = ThreadExecutor(
        1,
        lambda execution: ran.append(execution.id),
        on_capacity=lambda: None,
        may_begin=lambda: False,
        on_given_back=given_back.set,
    )
    executor.start()

    executor.submit([an_execution(a_job())])

    assert given_back.wait(10)
    assert executor.held() == []
    assert ran == []
    executor.stop()


def test_once_closed_it_gives_up_what_waits_for_a_thread_and_takes_nothing_more() -> None:
    began, may_end = threading.Event(), threading.Event()
    ran: list[str] = []

    def run(execution: object) -> None:
        ran.append(str(execution))
        began.set()
        may_end.wait(10)

    executor = ThreadExecutor(1, run, on_capacity=lambda: None)
    executor.start()
    first, second = an_execution(a_job()), an_execution(a_job())
    executor.submit([first, second])
    assert began.wait(10)

    executor.close()
    taken = executor.submit([an_execution(a_job())])

    assert (taken, executor.capacity()) == (False, 0)
    assert [execution.id for execution in executor.held()] == [first.id]
    may_end.set()
    assert executor.drain(10)
    assert len(ran) == 1
    executor.stop()
