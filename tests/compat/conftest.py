"""What hooks were called with, and constants that tests may extend as users do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ndscheduler.corescheduler import constants
from tests.compat import hooks


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
