"""A running server for the tests of the REST API and for those of the page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.api_server import DATA, Api, serving


@pytest.fixture(scope="session", autouse=True)
def _extra_jobs_are_importable() -> Iterator[None]:
    """The job classes of tests/data can be imported."""
    sys.path.insert(0, str(DATA))
    yield
    sys.path.remove(str(DATA))


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One server for all tests of a module; each test adds jobs of its own."""
    with serving(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture
def fresh_api(tmp_path: Path) -> Iterator[Api]:
    """A server with an empty database."""
    with serving(tmp_path) as api:
        yield api
