"""[compat] The page to add a user, which this release has not."""

from __future__ import annotations

from ndscheduler.server.handlers.base import NotAvailableHandler


class Handler(NotAvailableHandler):
    """[compat] The page to add a user."""
