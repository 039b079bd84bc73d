"""The Makefile: its targets, what it says to a Python that is too old, when it builds the page."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_make_alone_lists_the_targets() -> None:
    result = make()

    listed = [line.split()[1] for line in result.stdout.splitlines()]
    assert listed == [
        "help",
        "install",
        "static",
        "simple",
        "screenshots",
        "test",
        "fuzz",
        "chaos",
        "bench",
        "bench-full",
        "lint",
        "audit",
        "clean",
    ]


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    result = make(f"PYTHON={old}", f"VENV={tmp_path}/venv", f"{tmp_path}/venv/bin/python")

    assert result.returncode == 2
    assert result.stderr.startswith("ndscheduler needs Python 3.10 or newer")
    assert not (tmp_path / "venv").exists()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile with the sources of a page that is built; its Python only writes down calls."""
    python = tmp_path / ".venv/bin/python"
    manifest, installed = "ndscheduler/static/dist/manifest.json", "node_modules/.package-lock.json"
    js, css = "ndscheduler/static/js/views/app.js", "ndscheduler/static/css/theme.css"
    sources = ["package.json", "package-lock.json", "build_page.mjs", js, css]
    for name in [*sources, manifest, installed, ".venv/bin/python"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for path in tmp_path.rglob("*"):
        os.utime(path, (1000, 1000))
    os.utime(tmp_path / installed, (2000, 2000))
    os.utime(tmp_path / manifest, (3000, 3000))
    python.write_text(f'#!/bin/sh\necho "$@" >>calls\n[ "$3" != libraries ] || touch {installed}\n')
    python.chmod(0o755)
    os.utime(python, (1000, 1000))
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def calls_of_make_static(checkout: Path) -> list[str]:
    subprocess.run(["make", "-C", str(checkout), "static"], check=True, timeout=60)
    calls = checkout / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


def test_a_page_newer_than_its_sources_is_not_built(checkout: Path) -> None:
    assert calls_of_make_static(checkout) == []


@pytest.mark.parametrize(
    "source",
    [
        "ndscheduler/static/js/views/app.js",
        "ndscheduler/static/css/theme.css",
        "build_page.mjs",
        "package.json",
        # What changes when a file in it is deleted.
        "ndscheduler/static/js/views",
    ],
)
def test_a_page_older_than_a_source_is_built(checkout: Path, source: str) -> None:
    os.utime(checkout / source, (4000, 4000))

    assert calls_of_make_static(checkout) == ["-m page_build"]


def test_other_versions_of_the_libraries_are_installed_first(checkout: Path) -> None:
    os.utime(checkout / "package-lock.json", (4000, 4000))

    assert calls_of_make_static(checkout) == ["-m page_build libraries", "-m page_build"]
