"""Every benchmark runs, at a scale that measures nothing, and writes what it promises."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import QUESTIONS
from tests.databases import missing_reason

ROOT = Path(__file__).resolve().parents[2]
# What is long is tried with one of its cases.
ONLY = {
    "burst": "SQLite",
    "burst_in_history": "SQLite",
    "claim_cost": "SQLite",
    "instances": "4",
    "lateness": "SQLite",
    "lists": "SQLite",
    "posting": "SQLite",
    "requests_in_burst": "SQLite",
    "shell_jobs": "PostgreSQL",
    "starting": "SQLite",
    "steady": "SQLite",
}
ON_POSTGRES = {"instances", "shell_jobs"}
IN_A_BROWSER = {"page"}
# A run of all tests tries these; NDSCHEDULER_TEST_BENCHMARKS=all tries the others as well.
ALWAYS = {"burst", "lists", "shell_jobs"}
TRIED = QUESTIONS if os.environ.get("NDSCHEDULER_TEST_BENCHMARKS") == "all" else sorted(ALWAYS)


def run(question: str, *options: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{question}", "--quick", "--no-peers", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    assert "| case |" in done.stdout


def why_not(question: str) -> str | None:
    """Why this benchmark can not run here; None if it can."""
    if question in ON_POSTGRES:
        return missing_reason("postgres")
    if question in IN_A_BROWSER:
        if not (shutil.which("chromium") or shutil.which("chromium-browser")):
            return "there is no chromium on this machine"
        if not (ROOT / "ndscheduler/static/dist/manifest.json").exists():
            return "the page is not built: make static"
    return None


def marked(question: str) -> Any:
    marks = pytest.mark.postgres if question in ON_POSTGRES else ()
    return pytest.param(question, marks=marks)


@pytest.mark.parametrize("question", [marked(q) for q in TRIED])
def test_a_benchmark_measures_all_of_its_figures(question: str, tmp_path: Path) -> None:
    reason = why_not(question)
    if reason is not None:
        pytest.skip(reason)
    target = tmp_path / "figures.json"

    run(question, "--only", ONLY.get(question, ""), "--json", str(target))

    content = json.loads(target.read_text())
    assert content["question"] == question
    assert content["machine"]["cores"] > 0
    assert content["cases"]
    for case in content["cases"]:
        assert all(math.isfinite(value) for value in case["medians"].values())
        assert case["medians"].get("unrecorded", 0) == 0
