"""What the registry lists, with packages that are written for each test."""

from __future__ import annotations

import logging
import textwrap
import threading

import pytest

from ndscheduler.corescheduler.registry import JobClassInfo, Registry
from tests.unit.job_packages import GOOD, WritePackage


def by_name(registry: Registry) -> dict[str, JobClassInfo]:
    return {info.job_class_string: info for info in registry.job_classes()}


def test_the_job_classes_of_a_package_and_all_below_it_are_found(write: WritePackage) -> None:
    write("shop", b=GOOD, a=GOOD)
    write("shop.deep", c=GOOD)

    names = [info.job_class_string for info in Registry(["shop"]).job_classes()]

    assert names == ["shop.a.Good", "shop.b.Good", "shop.deep.c.Good"]


def test_a_plain_module_may_be_named(write: WritePackage) -> None:
    write("shop", a=GOOD, b=GOOD)

    assert list(by_name(Registry(["shop.a"]))) == ["shop.a.Good"]


def test_imported_classes_and_bases_without_run_are_not_listed(write: WritePackage) -> None:
    code = """
    import abc
    from ndscheduler.corescheduler import job
    from ndscheduler.corescheduler.job import JobBase
    from shop.other import Good

    class Base(job.JobBase):
        notes = "shared by others"

    class Abstract(job.JobBase, abc.ABC):
        @abc.abstractmethod
        def url(self): ...
        def run(self): ...

    class PythonJob:
        def run(self, *args): ...

    class Mixed(PythonJob, job.JobBase):
        pass

    class Remote(job.JobBase):
        @classmethod
        def run_job(cls, job_id, execution_id, *args, **kwargs): ...

    Alias = Mixed
    """
    write("shop", a=code, other=GOOD)

    assert list(by_name(Registry(["shop.a"]))) == ["shop.a.Mixed", "shop.a.Remote"]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def broken(:", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("raise RuntimeError('first\\nsecond')", "RuntimeError: first second"),
    ],
)
def test_a_module_that_does_not_import_is_listed_and_stops_nothing_else(
    code: str, cause: str, write: WritePackage, caplog: pytest.LogCaptureFixture
) -> None:
    write("shop", a=code, b=GOOD)
    registry = Registry(["shop"])

    with caplog.at_level(logging.WARNING):
        found = by_name(registry)
        registry.job_classes()

    assert list(found) == ["shop.a", "shop.b.Good"]
    error = found["shop.a"].error
    assert error is not None
    assert error.startswith(f"the module shop.a does not import: {cause}")
    assert found["shop.b.Good"].error is None
    assert len(caplog.records) == 1


def test_a_package_that_does_not_exist_is_listed_with_its_error(write: WritePackage) -> None:
    write("shop", a=GOOD)

    found = by_name(Registry(["no_such_package", "shop", "..", ""]))

    assert "No module named 'no_such_package'" in str(found["no_such_package"].error)
    assert found[".."].error is not None
    assert found[""].error is not None
    assert found["shop.a.Good"].error is None


@pytest.mark.parametrize(
    "body",
    [
        "raise OSError('no disk')",
        "return None",
        "return ['x']",
        "return {'arguments': 'x'}",
        "return {'arguments': ['x']}",
        "return {'arguments': [{'a': float('nan')}]}",
        "return {'example_arguments': {(1, 2): 3}}",
    ],
)
def test_a_meta_info_without_sense_is_an_error_of_its_class_alone(
    body: str, write: WritePackage
) -> None:
    odd = f"""
    class Odd(job.JobBase):
        @classmethod
        def meta_info(cls):
            {body}
        def run(self): ...
    """
    write("shop", a=GOOD + textwrap.dedent(odd))

    registry = Registry(["shop"])

    found = by_name(registry)
    assert str(found["shop.a.Odd"].error).startswith("meta_info() of shop.a.Odd fails: ")
    assert found["shop.a.Good"].error is None
    registry.allows("shop.a.Odd")


def test_meta_info_is_put_in_order(write: WritePackage) -> None:
    code = """
    from ndscheduler.corescheduler import job

    class Loose(job.JobBase):
        @classmethod
        def meta_info(cls):
            return {
                "job_class_string": "pasted.from.Elsewhere",
                "notes": cls.__doc__,
                "arguments": ({"name": "a", "type": int, "required": True},),
                "example_arguments": ["x", {"y": 1}],
                "category": ["reports"],
            }
        def run(self): ...
    """
    write("shop", a=code)

    (info,) = Registry(["shop"]).job_classes()

    assert info == JobClassInfo(
        job_class_string="shop.a.Loose",
        notes="",
        arguments=[{"name": "a", "type": "<class 'int'>", "required": True}],
        example_arguments='["x", {"y": 1}]',
        error=None,
        package="shop",
        extra={"category": ["reports"]},
    )
    assert info.as_meta_info()["category"] == ["reports"]
    assert info.as_meta_info()["job_class_string"] == "shop.a.Loose"


def test_a_class_in_two_packages_is_listed_once(write: WritePackage) -> None:
    write("shop", a=GOOD)

    infos = Registry(["shop.a", "shop", "shop"]).job_classes()

    assert [(info.job_class_string, info.package) for info in infos] == [("shop.a.Good", "shop.a")]


def test_a_module_that_has_an_answer_for_every_name_is_looked_through(
    write: WritePackage,
) -> None:
    write("shop", a=GOOD + "def __getattr__(name): return object")

    assert list(by_name(Registry(["shop"]))) == ["shop.a.Good"]


def test_a_program_is_not_run_by_looking_for_job_classes(write: WritePackage) -> None:
    write("shop", a=GOOD, __main__="raise SystemExit('ran')")

    assert list(by_name(Registry(["shop"]))) == ["shop.a.Good"]


def test_reload_finds_new_and_mended_modules(write: WritePackage) -> None:
    write("shop", a="import no_such_module")
    registry = Registry(["shop"])
    before = list(by_name(registry))
    write("shop", a=GOOD, b=GOOD)

    registry.reload()

    assert before == ["shop.a"]
    assert list(by_name(registry)) == ["shop.a.Good", "shop.b.Good"]


def test_many_threads_import_the_packages_once(write: WritePackage) -> None:
    write("shop", a="import builtins; builtins.shop_imports.append(1)\n" + GOOD)
    import builtins

    builtins.shop_imports = []  # type: ignore[attr-defined]
    registry = Registry(["shop"])
    seen: list[list[JobClassInfo]] = []
    threads = [
        threading.Thread(target=lambda: seen.append(registry.job_classes())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 8
    assert all(infos == seen[0] for infos in seen)
    assert builtins.shop_imports == [1]  # type: ignore[attr-defined]
    del builtins.shop_imports  # type: ignore[attr-defined]


def test_the_example_jobs_are_found() -> None:
    found = by_name(Registry(["simple_scheduler.jobs"]))

    assert list(found) == [
        "simple_scheduler.jobs.curl_job.CurlJob",
        "simple_scheduler.jobs.sample_job.AwesomeJob",
        "simple_scheduler.jobs.shell_job.ShellJob",
        "simple_scheduler.jobs.slack_job.SlackJob",
    ]
    assert not any(info.error for info in found.values())
    assert all(info.notes and info.arguments for info in found.values())
