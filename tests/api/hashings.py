"""Counts what bcrypt does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest


class Hashings:
    """Counts the hashes, which run in threads. While `may_go_on` is not set they wait."""

    def __init__(self) -> None:
        self.count = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._lock = threading.Lock()

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("hashpw", "checkpw"):
            patch.setattr(bcrypt, name, self._counting(getattr(bcrypt, name)))

    def _counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(password: bytes, salt: bytes) -> Any:
            with self._lock:
                self.count += 1
            assert self.may_go_on.wait(60)
            return function(password, salt)

        return call
