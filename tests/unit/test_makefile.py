"""The Makefile: its targets, and what it says to a Python that is too old."""

from __future__ import annotations

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
    assert listed == ["help", "install", "simple", "test", "chaos", "lint", "clean"]


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    result = make(f"PYTHON={old}", f"VENV={tmp_path}/venv", f"{tmp_path}/venv/bin/python")

    assert result.returncode == 2
    assert result.stderr.startswith("ndscheduler needs Python 3.10 or newer")
    assert not (tmp_path / "venv").exists()
