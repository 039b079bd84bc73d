"""Wheel, sdist and editable install hold the page, and the wheel serves it."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.test_server_process import url_of
from tests.packaging.checkouts import DIST, build_wheel, call_backend, copy_checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(checkout: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked."""
    out = tmp_path_factory.mktemp("sdist")
    name = call_backend(checkout, f"backend.build_sdist({str(out)!r})")
    subprocess.run([sys.executable, "-m", "tarfile", "-e", str(out / name), str(out)], check=True)
    return out / name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def served(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that runs from the installed wheel and nothing else of ours."""
    directory = tmp_path_factory.mktemp("installed")
    venv.create(directory / "venv", symlinks=True)
    python = directory / "venv/bin/python"
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True)
    # The libraries are those of this Python.
    (site,) = directory.glob("venv/lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    server = subprocess.Popen(
        [str(python), "-m", "ndscheduler", "serve", "-p", "0"],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", "HOME": str(directory)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield url_of(server)
    finally:
        server.terminate()
        server.communicate(timeout=30)


def names_in(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_the_page_built_and_not_what_it_is_made_of(wheel: Path) -> None:
    page = {
        name.removeprefix("ndscheduler/static/")
        for name in names_in(wheel)
        if name.startswith("ndscheduler/static/")
    }
    outside = {name.split("/")[0] for name in names_in(wheel)}

    assert {"index.html", "dist/manifest.json", "dist/LICENSES.txt"} <= page
    assert {"js", "css"} & {name.split("/")[0] for name in page} == set()
    assert [name for name in page if name.endswith((".map", ".sha256"))] == []
    for bundle in (name for name in page if name.endswith((".js", ".css"))):
        assert f"{bundle}.gz" in page
    assert outside == {"ndscheduler", "simple_scheduler", "ndscheduler-1.0.0.dist-info"}


def test_the_page_of_the_installed_wheel_is_served_whole(wheel: Path, served: str) -> None:
    page = requests.get(served, timeout=30)
    named = set(re.findall(r'"(/static/dist/[^"]+)"', page.text))
    built = {name for name in names_in(wheel) if name.startswith(f"{DIST}/")}

    assert page.status_code == 200
    assert len(named) >= 2
    assert {f"ndscheduler{path}" for path in named} <= built
    for path in (name.removeprefix("ndscheduler") for name in built):
        assert requests.get(served + path, timeout=30).status_code == 200


def test_the_licences_of_the_libraries_come_along(wheel: Path) -> None:
    text = zipfile.ZipFile(wheel).read(f"{DIST}/LICENSES.txt").decode()

    for library in ("jquery", "backbone", "underscore", "bootstrap"):
        assert re.search(rf"^{library} \d", text, re.MULTILINE)
    assert "Jeremy Ashkenas" in text
    assert "esbuild" not in text


def test_the_sdist_holds_the_page_and_all_it_is_made_of(sdist: Path) -> None:
    names = ["package-lock.json", "build_page.mjs", "ndscheduler/static/js/app.js"]
    names += ["ndscheduler/static/css/theme.css", f"{DIST}/manifest.json"]

    assert [name for name in names if not (sdist / name).is_file()] == []
    assert not (sdist / "node_modules").exists()


def test_a_wheel_of_the_sdist_needs_no_node(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    before = (sdist / DIST / "sources.sha256").stat().st_mtime_ns

    asked = call_backend(sdist, "backend.get_requires_for_build_wheel()", PATH=str(tmp_path))
    again = build_wheel(sdist, tmp_path, PATH=str(tmp_path))

    assert "node" not in asked
    assert (sdist / DIST / "sources.sha256").stat().st_mtime_ns == before
    assert names_in(again) == names_in(wheel)


def test_an_editable_install_builds_the_page_in_the_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    copy_checkout(checkout)

    call_backend(checkout, f"backend.build_editable({str(tmp_path)!r})")

    assert (checkout / DIST / "manifest.json").is_file()


def test_a_page_is_built_again_when_a_source_has_changed(checkout: Path, wheel: Path) -> None:
    question = "backend.page.is_built(backend.ROOT)"
    style = checkout / "ndscheduler/static/css/theme.css"
    text = style.read_text()

    before = call_backend(checkout, question)
    style.write_text(text + "\n")
    after = call_backend(checkout, question)
    style.write_text(text)

    assert (before, after) == ("True", "False")
