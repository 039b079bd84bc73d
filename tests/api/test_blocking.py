"""The bridge from the IOLoop to threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ndscheduler.corescheduler.errors import DatastoreUnavailable, OutcomeUnknown
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.errors import Overloaded


def test_a_call_runs_in_a_thread_and_gives_back_what_it_returns() -> None:
    async def main() -> tuple[str, int]:
        calls = BlockingCalls(workers=1)
        try:
            name = await calls.run(lambda: threading.current_thread().name)
            return name, await calls.run(int, "12", base=16)
        finally:
            calls.close()

    name, number = asyncio.run(main())
    assert name.startswith("ndscheduler-api")
    assert number == 0x12


def test_what_a_call_raises_comes_back() -> None:
    async def main() -> None:
        calls = BlockingCalls(workers=1)
        try:
            await calls.run(int, "x")
        finally:
            calls.close()

    with pytest.raises(ValueError, match="'x'"):
        asyncio.run(main())


def test_more_calls_than_may_wait_are_refused_at_once() -> None:
    gate = threading.Event()

    async def main() -> list[bool]:
        calls = BlockingCalls(workers=1, max_waiting=1)
        try:
            accepted = [asyncio.create_task(calls.run(gate.wait)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await calls.run(gate.wait)
            gate.set()
            answers = await asyncio.gather(*accepted)
            assert await calls.run(gate.is_set)
            return answers
        finally:
            gate.set()
            calls.close()

    assert asyncio.run(main()) == [True, True]


def test_while_the_database_does_not_answer_no_call_for_it_begins() -> None:
    begun: list[bool] = []

    async def main() -> None:
        calls = BlockingCalls(workers=1, is_answering=lambda: False)
        try:
            assert await calls.run(int, "3") == 3
            await calls.run_on_database(begun.append, True)
        finally:
            calls.close()

    with pytest.raises(DatastoreUnavailable):
        asyncio.run(main())
    assert begun == []


def test_calls_that_wait_are_given_up_when_the_database_is_lost() -> None:
    gate, lost = threading.Event(), threading.Event()

    async def main() -> list[type[BaseException]]:
        calls = BlockingCalls(workers=1, max_waiting=1, is_answering=lambda: not lost.is_set())
        try:
            waiting = [asyncio.create_task(calls.run_on_database(gate.wait)) for _ in range(2)]
            await asyncio.sleep(0.2)
            lost.set()
            ends = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
            return [type(end) for end in ends if isinstance(end, BaseException)]
        finally:
            gate.set()
            calls.close()

    # The first had begun, the second had no thread yet.
    assert asyncio.run(main()) == [OutcomeUnknown, DatastoreUnavailable]


def test_a_call_that_was_given_up_counts_until_it_ends() -> None:
    gate, lost = threading.Event(), threading.Event()

    async def main() -> int:
        calls = BlockingCalls(workers=1, max_waiting=0, is_answering=lambda: not lost.is_set())
        try:
            waiting = asyncio.create_task(calls.run_on_database(gate.wait))
            await asyncio.sleep(0.2)
            lost.set()
            with pytest.raises(OutcomeUnknown):
                await waiting
            with pytest.raises(Overloaded):
                await calls.run(int, "1")
            gate.set()
            while True:
                try:
                    return await calls.run(int, "1")
                except Overloaded:
                    await asyncio.sleep(0.01)
        finally:
            gate.set()
            calls.close()

    assert asyncio.run(asyncio.wait_for(main(), 10)) == 1
