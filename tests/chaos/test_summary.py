"""The table that `make chaos` ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.scale import FIGURES_VARIABLE, report
from tests.chaos.summary import machine, table


def test_what_is_reported_becomes_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIGURES_VARIABLE, str(tmp_path / "figures"))

    report("kill -9", "sqlite", kills=200, longest_lateness=1.5)
    report("kill -9", "mysql", kills=200, longest_lateness=0.5)

    assert table((tmp_path / "figures").read_text().splitlines()).splitlines() == [
        "| fault | database | figures |",
        "|---|---|---|",
        "| kill -9 | sqlite | kills 200, longest lateness 1.5 |",
        "| kill -9 | mysql | kills 200, longest lateness 0.5 |",
    ]


def test_the_machine_is_named() -> None:
    assert "CPUs" in machine()
