"""What is made of the figures: a picture of the burst, and tables."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.plot import drawn
from benchmarks.tables import section

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_in_order_and_ten_times_as_long_is_one_step_more() -> None:
    bars = [("APScheduler <WAL>", 10.0), ("ndscheduler, SQLite", 1.0), ("floor", 0.1)]

    picture = ElementTree.fromstring(drawn(bars))

    background, *rects = picture.findall(f"{SVG}rect")
    widths = [float(rect.attrib["width"]) for rect in rects]
    assert widths[0] == 0
    assert widths[1] > 0
    assert abs(widths[2] - 2 * widths[1]) < 0.2
    assert max(widths) < float(background.attrib["width"])
    words = [element.text for element in picture.findall(f"{SVG}text")]
    assert {"APScheduler <WAL>", "ndscheduler, SQLite", "floor", "10 s", "0.1 s"} <= set(words)


def test_a_section_has_the_medians_of_all_runs() -> None:
    machine = {"processor": "A", "cores": 2, "python": "3.11", "sqlite": "3.40", "postgres": None}
    runs = [{"seconds": 1.0}, {"seconds": 4.0}, {"seconds": 2.0}]
    content = {
        "question": "burst",
        "scale": "full",
        "runs": 3,
        "measured_at": "2026-11-25T18:00:00+00:00",
        "machine": machine,
        "cases": [{"name": "ours", "runs": runs, "medians": {"seconds": 2.0}}],
    }

    lines = list(section(content))

    assert lines[0] == "### burst"
    assert "| ours | 2 |" in lines
