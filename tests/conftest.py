"""What every test has: settings of its own, and skips that are failures where services must run."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from ndscheduler import settings

pytest_plugins = ["tests.database_fixtures"]

REQUIRE_SERVICES = "NDSCHEDULER_TEST_REQUIRE_SERVICES"


@pytest.fixture(autouse=True)
def _settings_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No setting of the machine, or of another test, reaches this test."""
    for variable in [name for name in os.environ if name.startswith("NDSCHEDULER_")]:
        if not variable.startswith("NDSCHEDULER_TEST_"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings.reset()
    yield
    settings.reset()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed one where every service must be there."""
    report = yield
    if report.skipped and os.environ.get(REQUIRE_SERVICES) and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, but {REQUIRE_SERVICES} is set: {call.excinfo}"
        )
    return report
