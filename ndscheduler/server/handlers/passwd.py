"""[compat] The page to change a password, which this release has not."""

from __future__ import annotations

from ndscheduler.server.handlers.base import NotAvailableHandler


class Handler(NotAvailableHandler):
    """[compat] The page to change a password."""
