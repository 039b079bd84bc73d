"""Copies of this checkout, and pip in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = "ndscheduler/static/dist"
# What distributions are made of; doc/ and tests/ are not.
NAMES = ["ndscheduler", "simple_scheduler", "page_build", "pyproject.toml", "setup.py"]
NAMES += ["package.json", "package-lock.json", "README.md", "LICENSE", "MANIFEST.in"]


def copy_checkout(directory: Path, with_libraries: bool = True) -> Path:
    """`directory`, made a checkout without a built page but with the node_modules of this one."""
    if with_libraries and not (ROOT / "node_modules").is_dir():
        pytest.skip("the libraries of the page are not installed: run `make static`")
    ignored = shutil.ignore_patterns("__pycache__", "dist")
    for source in [ROOT / name for name in NAMES] + list(ROOT.glob("*page*.mjs")):
        if source.is_dir():
            shutil.copytree(source, directory / source.name, ignore=ignored)
        else:
            shutil.copy2(source, directory)
    if with_libraries:
        (directory / "node_modules").symlink_to(ROOT / "node_modules")
    return directory


def run(
    checkout: Path, *arguments: str, python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` in `checkout`, which takes nothing from this one."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [python, *arguments],
        cwd=checkout,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=110,
    )


def build_wheel(checkout: Path, out: Path, **environment: str) -> Path:
    """The wheel of `checkout`, which pip makes in `out` with what is installed here."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(out)]
    done = run(checkout, "-m", "pip", "wheel", *options, ".", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("ndscheduler-*.whl")
    return wheel


def call_backend(checkout: Path, expression: str, **environment: str) -> str:
    """What `expression` is in `checkout`, where `backend` is its build backend, as text."""
    program = f"from page_build import backend; result = {expression}; print(result)"
    done = run(checkout, "-c", program, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]
