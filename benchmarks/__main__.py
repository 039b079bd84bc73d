"""All benchmarks, one after the other: `python -m benchmarks [--full | --quick]`.

The options are those of each. A benchmark that fails does not keep the others from running.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.harness import ROOT

QUESTIONS = (
    "burst",
    "burst_in_history",
    "lateness",
    "requests_in_burst",
    "lists",
    "posting",
    "starting",
    "claim_cost",
    "shell_jobs",
    "instances",
    "page",
    "large_burst",
    "steady",
)


def main() -> None:
    """Run each as a program of its own; exit status 1 if one failed."""
    failed = []
    for question in QUESTIONS:
        print(f"\n--- {question}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{question}", *sys.argv[1:]]
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            failed.append(question)
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
