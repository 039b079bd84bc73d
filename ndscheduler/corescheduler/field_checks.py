"""Checks of single fields of a job; each names the field that it refuses."""

from __future__ import annotations

from collections.abc import Sequence

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.errors import InvalidInput

MAX_TAG_LENGTH = 100


def checked_words(value: object, field: str) -> str:
    """`value`, which must be text that databases take, empty or not. Raises InvalidInput."""
    if not isinstance(value, str):
        raise InvalidInput(field, "must be text")
    codec.encode(value, field)
    return value


def checked_text(value: object, field: str) -> str:
    """`value`, which must be text that is not blank. Raises InvalidInput."""
    text = checked_words(value, field)
    if not text.strip():
        raise InvalidInput(field, "must not be empty")
    return text


def checked_whole(value: object, field: str, least: int, most: int) -> int:
    """`value`, which must be a whole number in the range, and no bool. Raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(field, f"must be a whole number from {least} to {most}")
    return value


def checked_truth(value: object, field: str) -> bool:
    """`value`, which must be a bool. Raises InvalidInput."""
    if not isinstance(value, bool):
        raise InvalidInput(field, "must be true or false")
    return value


def checked_overlap(value: object) -> str:
    """`value`, which must be an overlap policy of this release. Raises InvalidInput."""
    if value in ("queue", "replace"):
        raise InvalidInput("overlap", f"{value!r} is not available yet; use 'skip'")
    if value != "skip":
        raise InvalidInput("overlap", "must be 'skip'")
    return "skip"


def checked_tags(values: Sequence[str]) -> tuple[str, ...]:
    """`values` as a job keeps them: stripped, each once, sorted. Raises InvalidInput."""
    if isinstance(values, str):
        raise InvalidInput("tags", "must be a list of texts")
    tags = dict.fromkeys(
        checked_text(value, f"tags[{index}]").strip() for index, value in enumerate(values)
    )
    for tag in tags:
        if len(tag) > MAX_TAG_LENGTH:
            raise InvalidInput("tags", f"a tag has at most {MAX_TAG_LENGTH} characters")
    return tuple(sorted(tags))
