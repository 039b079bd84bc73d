"""Prints the figures of a run of the chaos tests: `python -m tests.chaos.summary FILE`."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path


def table(lines: Iterable[str]) -> str:
    """A Markdown table of the lines that `scale.report` wrote, one row each."""
    rows = ["| fault | database | figures |", "|---|---|---|"]
    for line in lines:
        figures = json.loads(line)
        fault, database = figures.pop("fault"), figures.pop("database")
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        rows.append(f"| {fault} | {database} | {told} |")
    return "\n".join(rows)


def machine() -> str:
    """Where the figures come from."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpus = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.release()}, {cpus} CPUs, {memory:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def main(path: Path) -> None:
    """Print the table of the figures in the file `path`."""
    lines = path.read_text().splitlines() if path.exists() else []
    print(f"Measured on {machine()}:\n")
    print(table(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
