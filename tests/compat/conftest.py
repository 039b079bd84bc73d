"""What hooks were called with, and constants that tests may extend as users do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler import constants
from tests.compat import hooks
from tests.compat.old_databases import (
    OldDatabase,
    old_database,
)


@pytest.fixture
def calls() -> Iterator[list[hooks.Call]]:
    """The calls of hooks in this test, in order."""
    hooks.CALLS.clear()
    yield hooks.CALLS
    hooks.CALLS.clear()


@pytest.fixture(autouse=True)
def _constants_as_they_were() -> Iterator[None]:
    states, events = dict(constants.EXECUTION_STATUS_DICT), dict(constants.AUDIT_LOG_DICT)
    yield
    for current, before in (
        (constants.EXECUTION_STATUS_DICT, states),
        (constants.AUDIT_LOG_DICT, events),
    ):
        current.clear()
        current.update(before)


@pytest.fixture
def old(kind: str, prefix: str, tmp_path: Path) -> Iterator[OldDatabase]:
    """A 0.x database without tables yet."""
    with old_database(kind, prefix, tmp_path) as made:
        yield made
