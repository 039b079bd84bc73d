"""Which names the registry allows, and which it resolves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.errors import UnknownJobClass
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.registry import Registry
from tests.unit.job_packages import GOOD, WritePackage


def test_a_class_of_the_registry_is_allowed_and_so_is_its_shorter_path(write: WritePackage) -> None:
    write("shop", a=GOOD)
    (Path(sys.path[0]) / "shop" / "__init__.py").write_text("from shop.a import Good\n")
    registry = Registry(["shop"])

    registry.allows("shop.a.Good")
    registry.allows("shop.Good")


@pytest.mark.parametrize(
    "name",
    ["os.system", "", "Good", "shop.a.", ".", "shop.a.JobBase", "shop.a.job", "x" * 10_000_000],
)
def test_anything_else_is_refused(name: str, write: WritePackage) -> None:
    write("shop", a=GOOD)

    with pytest.raises(
        UnknownJobClass, match="is not a job class of JOB_CLASS_PACKAGES"
    ) as refusal:
        Registry(["shop"]).allows(name)

    assert refusal.value.field == "job_class_string"
    assert len(str(refusal.value)) < 400


def test_a_refusal_suggests_the_near_name(write: WritePackage) -> None:
    write("shop", a=GOOD)

    with pytest.raises(UnknownJobClass, match=r"did you mean 'shop\.a\.Good'\?"):
        Registry(["shop"]).allows("shop.a.Godo")


def test_a_refusal_names_the_module_that_is_broken(write: WritePackage) -> None:
    write("shop", a="import no_such_module")

    with pytest.raises(UnknownJobClass, match=r"shop\.a does not import: .*no_such_module"):
        Registry(["shop"]).allows("shop.a.Good")


def test_nothing_is_imported_because_of_a_name(write: WritePackage) -> None:
    write("shop", a=GOOD)
    write("danger", a=GOOD)

    for packages in (["shop"], []):
        with pytest.raises(UnknownJobClass):
            Registry(packages).allows("danger.a.Good")

    assert "danger" not in sys.modules


def test_without_packages_a_loaded_job_class_is_allowed() -> None:
    class Loaded(JobBase):
        def run(self, *args: Any, **kwargs: Any) -> Any: ...

    class LoadedBase(JobBase):
        pass

    registry = Registry([])

    registry.allows(f"{__name__}.Loaded")
    with pytest.raises(UnknownJobClass, match="that is loaded"):
        registry.allows(f"{__name__}.LoadedBase")
    assert registry.job_classes() == []


def test_resolve_imports_any_class_with_run_job(write: WritePackage) -> None:
    code = """
    class Own:
        @classmethod
        def run_job(cls, job_id, execution_id, *args, **kwargs):
            return "ran"
    """
    write("elsewhere", a=code)

    job_class = Registry([]).resolve("elsewhere.a.Own")

    assert job_class.run_job("j", "e") == "ran"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Good", "is not a dotted path"),
        ("", "is not a dotted path"),
        ("shop.a.", "is not a dotted path"),
        (".Good", "is not a dotted path"),
        ("shop.a.Gone", "the module shop.a has no class Gone"),
        ("os.system", "the module os has, but not as a job class, system"),
        ("os.PathLike", "the module os has, but not as a job class, PathLike"),
        ("gone.a.Good", "does not import: ModuleNotFoundError: No module named 'gone'"),
        ("..a.Good", "does not import: TypeError"),
        ("shop.broken.Good", "does not import: RuntimeError: the cause"),
        ("shop.exits.Good", "does not import: SystemExit: 3"),
    ],
)
def test_resolve_says_why_a_class_can_not_be_used(
    name: str, reason: str, write: WritePackage
) -> None:
    write("shop", a=GOOD, broken="raise RuntimeError('the cause')", exits="raise SystemExit(3)")

    with pytest.raises(UnknownJobClass) as failure:
        Registry(["shop.a"]).resolve(name)

    assert reason in str(failure.value)


def test_resolve_chains_what_the_import_raised(write: WritePackage) -> None:
    write("shop", broken="raise RuntimeError('the cause')")

    with pytest.raises(UnknownJobClass) as failure:
        Registry([]).resolve("shop.broken.Good")

    assert isinstance(failure.value.__cause__, RuntimeError)
