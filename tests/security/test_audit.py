"""What `make audit` makes of the answers of the registries."""

from __future__ import annotations

import pytest

from tests.security.audit import of_javascript, of_python

GOOD = {"name": "tornado", "version": "6.6.1", "vulns": []}
BAD = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "bcrypt", "skip_reason": "Dependency not found on PyPI"}
DEPENDENCIES = {"dependencies": {"total": 7}}


def test_a_hole_in_a_library_of_python_is_told() -> None:
    holes, sentence = of_python({"dependencies": [GOOD, BAD, SKIPPED]})

    assert holes == ["old 1.0: PYSEC-2026-1"]
    assert sentence == "Python: 2 packages were looked up, 1 it does not answer for; 1 holes."


@pytest.mark.parametrize("report", [None, {"dependencies": [SKIPPED]}])
def test_libraries_of_python_that_nobody_looked_up_are_not_called_good(report: object) -> None:
    assert of_python(report) == (
        [],
        "Python: the registry does not answer; nothing was looked up.",
    )


def test_a_hole_in_a_library_of_javascript_is_told() -> None:
    found = {"vulnerabilities": {"jquery": {"severity": "high"}}, "metadata": DEPENDENCIES}

    assert of_javascript(found) == (
        ["jquery: high"],
        "JavaScript: 7 packages were looked up; 1 holes.",
    )


@pytest.mark.parametrize("report", [None, {"message": "405 Method Not Allowed", "statusCode": 405}])
def test_libraries_of_javascript_that_nobody_looked_up_are_not_called_good(report: object) -> None:
    assert of_javascript(report) == (
        [],
        "JavaScript: the registry does not answer; nothing was looked up.",
    )
