"""JobBase: what job classes inherit."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from typing import Any

import pytest

from ndscheduler.corescheduler.job import JobBase

DESCRIPTIONS = [
    "get_scheduled_description",
    "get_scheduled_error_description",
    "get_running_description",
    "get_failed_description",
    "get_succeeded_description",
]


class Sum(JobBase):
    """Adds its arguments."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return {"sum": sum(args), "kwargs": kwargs, "ids": [self.job_id, self.execution_id]}


def test_run_job_runs_a_new_instance_with_the_arguments() -> None:
    result = Sum.run_job("j", "e", 1, 2, colour="red")

    assert result == {"sum": 3, "kwargs": {"colour": "red"}, "ids": ["j", "e"]}


def test_run_job_of_an_async_run_gives_the_awaitable() -> None:
    class Later(JobBase):
        async def run(self, *args: Any, **kwargs: Any) -> Any:
            return args

    awaitable = Later.run_job("j", "e", 5)

    assert inspect.isawaitable(awaitable)
    assert asyncio.run(awaitable) == (5,)


def test_a_class_without_run_says_so() -> None:
    class Lazy(JobBase):
        pass

    with pytest.raises(NotImplementedError, match=r"Lazy does not define run\(\)"):
        Lazy.run_job("j", "e")


def test_a_test_instance_belongs_to_no_job() -> None:
    instance = Sum.create_test_instance()

    assert (instance.job_id, instance.execution_id) == (None, None)
    assert instance.run(1)["sum"] == 1


def test_a_subclass_may_give_init_defaults_of_its_own() -> None:
    class Configured(JobBase):
        def __init__(self, job_id: Any = None, execution_id: Any = None, size: int = 3) -> None:
            super().__init__(job_id, execution_id)
            self.size = size

        def run(self, *args: Any, **kwargs: Any) -> Any:
            return self.size

    assert Configured.run_job("j", "e") == 3
    assert Configured.create_test_instance().size == 3


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_descriptions_name_host_and_process(name: str) -> None:
    assert getattr(Sum, name)() == f"hostname: {socket.gethostname()} | pid: {os.getpid()}"


def test_the_description_of_success_may_use_the_result() -> None:
    class Told(JobBase):
        @classmethod
        def get_succeeded_description(cls, result: Any = None) -> str:
            return f"made {result}"

    assert Told.get_succeeded_description(5) == "made 5"
    assert Sum.get_succeeded_description(5) == Sum.get_succeeded_description()


@pytest.mark.parametrize("name", ["get_failed_result", "get_scheduled_error_result"])
def test_a_failed_result_is_the_traceback(name: str) -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        result = getattr(Sum, name)()

    assert result.startswith("Traceback (most recent call last):")
    assert result.endswith("ValueError: boom\n")


def test_meta_info_names_the_class() -> None:
    assert Sum.meta_info() == {
        "job_class_string": f"{__name__}.Sum",
        "notes": "",
        "arguments": [],
        "example_arguments": "",
    }


def test_the_signatures_are_those_that_users_override() -> None:
    parameters = {
        name: list(inspect.signature(getattr(JobBase, name)).parameters)
        for name in ["__init__", "run", "run_job", "create_test_instance", *DESCRIPTIONS]
    }

    assert parameters["__init__"] == ["self", "job_id", "execution_id"]
    assert parameters["run"] == ["self", "args", "kwargs"]
    assert parameters["run_job"] == ["job_id", "execution_id", "args", "kwargs"]
    assert parameters["get_succeeded_description"] == ["result"]
    assert all(parameters[name] == [] for name in DESCRIPTIONS[:4])
