"""A running server to attack."""

from __future__ import annotations

from tests.api.server_fixtures import _extra_jobs_are_importable, api

__all__ = ["_extra_jobs_are_importable", "api"]
