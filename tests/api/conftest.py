"""A running server for the tests of the REST API."""

from __future__ import annotations

import pytest

from tests.api.api_server import Api
from tests.api.server_fixtures import _extra_jobs_are_importable, api, fresh_api

__all__ = ["_extra_jobs_are_importable", "api", "fresh_api", "job_id"]


@pytest.fixture(scope="module")
def job_id(api: Api) -> str:
    """A job that no refused request may change."""
    return api.add_job(name="must not change")
