"""On which databases a test runs where it does not run on all."""

from __future__ import annotations

import pytest

MARKS = {"postgres": pytest.mark.postgres, "mysql": pytest.mark.mysql}


def on(*kinds: str) -> pytest.MarkDecorator:
    """Run a test on these databases."""
    params = [pytest.param(kind, marks=MARKS.get(kind, ())) for kind in kinds]
    return pytest.mark.parametrize("kind", params, indirect=True)
