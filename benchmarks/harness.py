"""What every benchmark shares: its scale, its runs in turn, its table and its JSON file.

A question has several cases. Each run goes through all of them, so that whatever else the machine
does meets all alike, and the median of the runs is told.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from benchmarks.machine import describe_machine

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
QUICK, BRIEF, FULL = "quick", "brief", "full"
POLL_SECONDS = 0.02
RUNS = {QUICK: 1, BRIEF: 3, FULL: 5}

# What a case may fail with: a server or a peer that ends, does not answer, or takes too long.
FAILURES = (SystemExit, AssertionError, OSError, subprocess.SubprocessError, psycopg.Error)

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is measured: its name in the table, and what measures it once."""

    name: str
    measure: Callable[[], Figures]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: quick tries the script out, brief takes minutes, full is for figures."""

    name: str
    runs: int
    # Programs of others are left out: there is no network, or nobody asked for them.
    with_peers: bool = True

    def pick(self, full: T, brief: T, quick: T) -> T:
        """The one of the three that belongs to this scale."""
        return {FULL: full, BRIEF: brief, QUICK: quick}[self.name]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one case: every figure of every run."""

    name: str
    runs: list[Figures]

    @property
    def medians(self) -> Figures:
        """The median of each figure over the runs."""
        return {name: statistics.median(run[name] for run in self.runs) for name in self.runs[0]}


Cases = Callable[[Scale], AbstractContextManager[Sequence[Case]]]


def main(question: str, doc: str | None, cases: Cases) -> None:
    """Measure the cases of `question` as the command line says, print a table, write JSON."""
    options = parse(doc or "")
    scale = scale_of(options)
    with cases(scale) as chosen:
        rows, failed = measure(matching(chosen, options.only), scale.runs)
    title = (doc or question).splitlines()[0]
    print(f"\n{title}\nmedian of {scale.runs} run(s), {scale.name}\n")
    for line in table(rows):
        print(line)
    write(options.json or BUILD / f"{question}.json", question, scale, rows)
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")


def parse(doc: str) -> argparse.Namespace:
    """The options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0] if doc else None)
    scales = parser.add_mutually_exclusive_group()
    scales.add_argument("--quick", action="store_true", help="try it out, in seconds")
    scales.add_argument("--full", action="store_true", help="for figures: 5 runs, all sizes")
    parser.add_argument("--runs", type=int, help="how many runs")
    parser.add_argument("--only", default="", help="cases with this in their names")
    parser.add_argument("--no-peers", action="store_true", help="without programs of others")
    parser.add_argument("--json", type=Path, help="where the figures go, not build/bench")
    return parser.parse_args()


def scale_of(options: argparse.Namespace) -> Scale:
    """The scale that the command line asks for."""
    name = QUICK if options.quick else FULL if options.full else BRIEF
    return Scale(name, options.runs or RUNS[name], not options.no_peers)


def matching(cases: Sequence[Case], part: str) -> list[Case]:
    """The cases whose names have `part`."""
    found = [case for case in cases if part.lower() in case.name.lower()]
    if not found:
        raise SystemExit(f"No case has {part!r} in its name: {[case.name for case in cases]}")
    return found


def measure(cases: Sequence[Case], runs: int) -> tuple[list[Row], list[str]]:
    """Each case once per run, one after the other; every second run goes backwards.

    Returns the rows and the names of the cases that failed. One that fails is not tried again, and
    has no row: what the others took an hour for is not lost.
    """
    rows = {case.name: Row(case.name, []) for case in cases}
    failed: list[str] = []
    for run in range(runs):
        for case in cases if run % 2 == 0 else reversed(cases):
            if case.name in failed:
                continue
            try:
                figures = case.measure()
            except FAILURES as error:
                failed.append(case.name)
                print(f"run {run + 1}, {case.name} failed: {error}", file=sys.stderr, flush=True)
                continue
            rows[case.name].runs.append(figures)
            print(f"run {run + 1}, {case.name}: {shown(figures)}", flush=True)
    return [row for name, row in rows.items() if name not in failed], failed


def shown(figures: Figures) -> str:
    """The figures on one line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The medians as a table of Markdown; a case may lack figures that another has."""
    columns = list(dict.fromkeys(name for row in rows for name in row.medians))
    yield f"| case | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for row in rows:
        medians = row.medians
        cells = [f"{medians[name]:.4g}" if name in medians else "" for name in columns]
        yield f"| {row.name} | {' | '.join(cells)} |"


def write(path: Path, question: str, scale: Scale, rows: Sequence[Row]) -> None:
    """All figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {
        "question": question,
        "scale": scale.name,
        "runs": scale.runs,
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "cases": [{"name": row.name, "medians": row.medians, "runs": row.runs} for row in rows],
    }
    path.write_text(f"{json.dumps(content, indent=1)}\n")


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """The wall clock at which `condition` was first seen true; ends the program after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return time.time()
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"{what} did not happen within {seconds} s.")
