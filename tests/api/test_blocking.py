"""The bridge from the IOLoop to threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

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
