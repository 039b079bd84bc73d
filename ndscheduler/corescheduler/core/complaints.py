"""Failures that come again and again, in the log once in a while."""

from __future__ import annotations

import logging

from ndscheduler.corescheduler.clock import uptime

AGAIN_SECONDS = 30.0


class Complaints:
    """Logs the first of a row of failures, then one every 30 seconds, then their end."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._logged_at: float | None = None
        self._silent = 0

    def add(self, message: str, error: Exception) -> None:
        """There was a failure; `message` has a place for `error`."""
        now = uptime()
        if self._logged_at is not None and now - self._logged_at < AGAIN_SECONDS:
            self._silent += 1
            self._logger.debug(message, error)
            return
        again = f" ({self._silent} more like this.)" if self._silent else ""
        self._logger.warning(message + "%s", error, again)
        self._logged_at, self._silent = now, 0

    def end(self, message: str) -> None:
        """It works; `message` says so if there was a failure before."""
        if self._logged_at is not None:
            self._logger.warning(message)
            self._logged_at, self._silent = None, 0
