"""axe-core, which knows what people need who see or point in another way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SOURCE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
# WCAG 2.2 up to AA, and what is good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What another theme can change.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
RUN = """(only) => axe.run(document, { runOnly: only, resultTypes: ["violations"] })"""


def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """What breaks `rules` (or sets of them) on `page` seriously: a line for each element."""
    if not SOURCE.exists():
        pytest.skip("the libraries of the page are not installed: make static")
    if not page.evaluate("() => 'axe' in window"):
        # Not a <script>, which the page's own policy would refuse.
        page.evaluate(SOURCE.read_text() + "; 0")
    found = page.evaluate(RUN, list(rules))["violations"]
    return [line for each in found if each["impact"] in SERIOUS for line in _lines(each)]


def _lines(violation: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:200]} {_why(node)}" for node in violation["nodes"][:5]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
