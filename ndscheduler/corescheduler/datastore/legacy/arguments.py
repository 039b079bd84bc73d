"""Where a job's own arguments begin in what 0.x stored, and those arguments as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldName,
    OldObject,
    OldSet,
    OldText,
    as_text,
    describe,
)
from ndscheduler.corescheduler.errors import InvalidArgument

# How many leading arguments the two schedulers of old gave: (class, id), and three more about
# the database, its password among them.
_LEADING = {
    "ndscheduler.core.scheduler.base:SingletonScheduler.run_job": 2,
    "ndscheduler.corescheduler.core.base:BaseScheduler.run_job": 5,
}
_DATABASE_KEYS = frozenset(
    ("file_path", "user", "password", "hostname", "port", "database", "sslmode", "charset")
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")

# A pickle of a megabyte may name one text a million times: so much of a job's arguments is kept.
MAX_VALUES = 200_000
MAX_CHARACTERS = 4_000_000
# So many of what can not be kept are shown as they were.
MAX_SHOWN = 100
# How many problems of one job are told; one is enough to pause it.
MAX_PROBLEMS = 5

_KINDS = {
    OldSet: "a set can not be kept as JSON",
    OldName: "a class or function can not be kept as JSON",
    OldObject: "an object of a class can not be kept as JSON",
}


@dataclass(frozen=True, slots=True)
class Call:
    """What a job of 0.x calls: a job class with positional arguments."""

    job_class_string: str
    pub_args: list[Any]


class _TooLarge(Exception):
    """The arguments of the job are more than are kept."""


@dataclass
class _Seen:
    """The arguments of one job on their way to JSON; `problems` says what could not be kept."""

    problems: list[str] = field(default_factory=list)
    values: int = 0
    characters: int = 0
    refused: int = 0

    def count(self, value: Any) -> None:
        """Count `value`. Raises _TooLarge where too much was counted."""
        self.values += 1
        if isinstance(value, (str, bytes, bytearray)):
            self.characters += len(value)
        if self.values > MAX_VALUES or self.characters > MAX_CHARACTERS:
            raise _TooLarge


def find_call(func: Any, args: Any, job_ids: Sequence[str]) -> Call | None:
    """The job class and the job's own arguments in `args`; None where it can not be told.

    With a scheduler class of the user's, `func` names that class: then the place of the job's id
    tells where the class stands, and what looks like the database's settings is left out.
    """
    if not isinstance(args, (list, tuple)):
        return None
    leading = _LEADING.get(func) if isinstance(func, str) else None
    if leading is not None and len(args) >= leading:
        return Call(_class_string(args[0]), list(args[leading:]))
    at = next((i for i, arg in enumerate(args[:8]) if i and as_text(arg) in job_ids), None)
    if at is None or not isinstance(as_text(args[at - 1]), str):
        return None
    own = list(args[at + 1 :])
    return Call(_class_string(args[at - 1]), own[3:] if _is_database(own[:3]) else own)


def arguments_as_json(values: Sequence[Any]) -> tuple[str, list[str]]:
    """Positional arguments as a job stores them, and what of them could not be kept."""
    seen = _Seen()
    kept = [_argument(value, f"pub_args[{i}]", seen) for i, value in enumerate(values)]
    return codec.encode(kept, "pub_args"), seen.problems


def keywords_as_json(values: Mapping[Any, Any]) -> tuple[str, list[str]]:
    """Keyword arguments as a job stores them, and what of them could not be kept."""
    seen, kept = _Seen(), {}
    for key, value in values.items():
        name = key if isinstance(key, str) else describe(key)
        if not isinstance(key, str) or _is_refused(name):
            seen.problems.append(f"kwargs: the name {describe(key)} is no text")
            name = name.encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")
        kept[name] = _argument(value, f"kwargs.{name}", seen)
    return codec.encode_keywords(kept, "kwargs"), seen.problems


def plain_text(value: Any) -> str | None:
    """`value` if it is text that databases take, else None."""
    value = as_text(value)
    return value if isinstance(value, str) and not _is_refused(value) else None


def _class_string(value: Any) -> str:
    text = plain_text(value)
    return describe(value) if text is None else text


def _is_database(values: list[Any]) -> bool:
    """True for (class of the datastore, its settings, its table names)."""
    if len(values) < 3:
        return False
    path, config, names = as_text(values[0]), values[1], values[2]
    if not isinstance(path, str) or not _DOTTED.fullmatch(path):
        return False
    if not all(value is None or isinstance(value, dict) for value in (config, names)):
        return False
    named = any(isinstance(key, str) and key.endswith("_tablename") for key in names or ())
    looks_so = bool(config) and set(config) <= _DATABASE_KEYS
    return named or looks_so or "datastore" in path.lower()


def _argument(value: Any, where: str, seen: _Seen) -> Any:
    """One argument for `codec.encode`; Unreadable as a whole where it is too large."""
    try:
        return _kept(value, where, seen, 1)
    except _TooLarge:
        return _refused(value, where, seen, "is too large")


def _kept(value: Any, where: str, seen: _Seen, depth: int) -> Any:
    """`value` for `codec.encode`; what it can not carry becomes Unreadable, with a problem."""
    seen.count(value)
    if depth >= codec.MAX_DEPTH - 1:
        return _refused(value, where, seen, "is nested too deep")
    if isinstance(value, OldText):
        # Text with a NUL was no text in Python 2 either.
        value = bytes(value) if 0 in list(value) else value.text
    if isinstance(value, (list, tuple)):
        kept = [_kept(item, f"{where}[{i}]", seen, depth + 1) for i, item in enumerate(value)]
        return kept if isinstance(value, list) else tuple(kept)
    if isinstance(value, dict):
        return _kept_dict(value, where, seen, depth)
    if isinstance(value, int) and value.bit_length() > 4000:
        return _refused(value, where, seen, "is a number too large for JSON")
    try:
        codec.encode(value, where)
    except InvalidArgument as error:
        return _refused(value, where, seen, error.reason)
    return value


def _kept_dict(value: dict[Any, Any], where: str, seen: _Seen, depth: int) -> Any:
    for key in value:
        if not isinstance(key, str):
            return _refused(value, where, seen, f"the key {describe(key)} is not a string")
        if _is_refused(key):
            return _refused(value, where, seen, f"the key {describe(key)} is not text")
    return {
        key: _kept(item, f"{where}.{describe(key)[1:-1]}", seen, depth + 1)
        for key, item in value.items()
    }


def _refused(value: Any, where: str, seen: _Seen, reason: str) -> codec.Unreadable:
    seen.refused += 1
    shown = describe(value) if seen.refused <= MAX_SHOWN else "..."
    if len(seen.problems) < MAX_PROBLEMS:
        # The argument may be a secret; where a job is shown, so is its argument, if it may be.
        seen.problems.append(f"{where}: {_KINDS.get(type(value), reason)}")
    return codec.Unreadable(shown)


def _is_refused(text: str) -> bool:
    """True where text holds what databases refuse: a NUL or a lone surrogate."""
    try:
        codec.encode(text, "")
    except InvalidArgument:
        return True
    return False
