"""Draw the burst of build/bench/burst.json as bars: `python -m benchmarks.plot [TARGET.svg]`.

The scale is logarithmic, since the slowest takes many times as long as the fastest.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from benchmarks.harness import BUILD

FIGURE = "all_finished_s"
TITLE = "Seconds until the last of 10,000 jobs, due at one instant, is done"
WIDTH, LABELS, ROW, TOP, BOTTOM = 860, 260, 28, 44, 30
PLOT = WIDTH - LABELS - 80
OURS, OTHERS = "#1f6feb", "#8b949e"

Bar = tuple[str, float]


def main() -> None:
    """Read the figures, write the picture."""
    source = BUILD / "burst.json"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD / "burst.svg"
    cases = json.loads(source.read_text())["cases"]
    target.write_text(drawn([(case["name"], case["medians"][FIGURE]) for case in cases]))
    print(target)


def drawn(bars: Sequence[Bar]) -> str:
    """The picture, as SVG; the shortest bar is first."""
    ordered = sorted(bars, key=lambda bar: bar[1])
    least = 10 ** math.floor(math.log10(ordered[0][1]))
    decades = max(1, math.ceil(math.log10(ordered[-1][1] / least)))
    height = TOP + ROW * len(ordered) + BOTTOM
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        text(10, 24, TITLE, "start"),
        *grid(least, decades, height - BOTTOM),
        *(part for row, bar in enumerate(ordered) for part in drawn_bar(row, bar, least, decades)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def grid(least: float, decades: int, bottom: int) -> Iterator[str]:
    """A line and a number at each power of ten."""
    for decade in range(decades + 1):
        x = LABELS + PLOT * decade / decades
        yield f'<path d="M{x:.1f} {TOP - 6}V{bottom}" stroke="#d0d7de"/>'
        yield text(x, bottom + 18, f"{least * 10**decade:g} s", "middle")


def drawn_bar(row: int, bar: Bar, least: float, decades: int) -> Iterator[str]:
    """One bar, its name before it and its figure behind it."""
    name, seconds = bar
    y = TOP + ROW * row
    width = PLOT * math.log10(seconds / least) / decades
    colour = OURS if name.startswith("ndscheduler") else OTHERS
    yield text(LABELS - 10, y + 15, name, "end")
    yield f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{ROW - 8}" fill="{colour}"/>'
    yield text(LABELS + width + 6, y + 15, f"{seconds:.3g} s", "start")


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Words at a point."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


if __name__ == "__main__":
    main()
