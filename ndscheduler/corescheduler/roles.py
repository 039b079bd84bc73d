"""Roles: what an account may do. Each includes all that the one before it may."""

from __future__ import annotations

from enum import Enum


class Role(str, Enum):
    """What an account may do. The words are in databases: never rename."""

    # Look at everything but secret arguments.
    VIEWER = "viewer"
    # Run, stop, pause and resume jobs.
    OPERATOR = "operator"
    # Add, change and delete jobs.
    EDITOR = "editor"
    # Accounts and API tokens.
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """True if who has this role may do all that `other` may."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(Role)


def lower_of(one: Role | None, other: Role | None) -> Role | None:
    """The role that may less; None where one of them is."""
    if one is None or other is None:
        return None
    return other if one.includes(other) else one


def find_role(word: str) -> Role | None:
    """The role of this name; None for one that only another release knows."""
    return Role(word) if word in Role._value2member_map_ else None
