"""Asks the registries which of our libraries have known holes, and tells what was not answered.

The programs that ask take an answer that does not come for a good one: pip-audit says that there
are no holes in what nobody has looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 300
LOCK = "requirements.lock"


def of_python(report: Any) -> tuple[list[str], str]:
    """The holes, and a sentence, from what pip-audit reports; None where that is nothing."""
    packages = (report or {}).get("dependencies", [])
    looked_up = [package for package in packages if "vulns" in package]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}"
        for package in looked_up
        for hole in package["vulns"]
    ]
    if not looked_up:
        return [], "Python: the registry does not answer; nothing was looked up."
    rest = len(packages) - len(looked_up)
    unknown = f", {rest} it does not answer for" if rest else ""
    return holes, f"Python: {len(looked_up)} packages were looked up{unknown}; {len(holes)} holes."


def of_javascript(report: Any) -> tuple[list[str], str]:
    """The same from what `npm audit` reports."""
    if "vulnerabilities" not in (report or {}):
        return [], "JavaScript: the registry does not answer; nothing was looked up."
    found = report["vulnerabilities"]
    holes = [f"{name}: {hole.get('severity', 'unknown')}" for name, hole in found.items()]
    total = report["metadata"]["dependencies"]["total"]
    return holes, f"JavaScript: {total} packages were looked up; {len(holes)} holes."


def main(pip_audit: str) -> int:
    """1 if a library has a known hole, else 0."""
    asked = ["-r", LOCK, "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
    npm = [sys.executable, "-m", "page_build", "npm", "audit", "--json"]
    python = _report([pip_audit, *asked]) if Path(pip_audit).exists() else None
    all_holes = []
    for holes, sentence in (of_python(python), of_javascript(_report(npm))):
        print(sentence, *holes, sep="\n  ")
        all_holes += holes
    return 1 if all_holes else 0


def _report(command: list[str]) -> Any:
    """The JSON that a program writes; None if it writes none."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
