"""All that was measured, as tables of Markdown: `python -m benchmarks.tables`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.harness import BUILD, Row, table


def main() -> None:
    """Print the table of each file in build/bench, in the order of their names."""
    for file in sorted(BUILD.glob("*.json")):
        for line in section(json.loads(file.read_text())):
            print(line)


def section(content: dict[str, Any]) -> Iterator[str]:
    """One question: what was measured when and on what, then its table."""
    machine = content["machine"]
    postgres = (machine["postgres"] or {}).get("server_version", "none")
    yield f"### {content['question']}"
    yield ""
    yield (
        f"{content['scale']}, median of {content['runs']} run(s), {content['measured_at']}, "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, "
        f"SQLite {machine['sqlite']}, PostgreSQL {postgres}"
    )
    yield ""
    yield from table([Row(case["name"], case["runs"]) for case in content["cases"]])
    yield ""


if __name__ == "__main__":
    main()
