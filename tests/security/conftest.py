"""A running server to attack, and an LDAP server that knows people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.server_fixtures import _extra_jobs_are_importable, api
from tests.security.slapd import Slapd, slapd

__all__ = ["_extra_jobs_are_importable", "api", "directory"]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """The LDAP server, for all tests of a module."""
    with slapd(tmp_path_factory.mktemp("slapd")) as server:
        yield server
