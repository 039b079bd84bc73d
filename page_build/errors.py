"""What can go wrong in a build."""

from __future__ import annotations


class BuildError(Exception):
    """The page can not be built; the message is one sentence for who wanted it."""
