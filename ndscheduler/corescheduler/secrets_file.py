"""SECRETS_FILE: texts that jobs name in their arguments, and get when they start.

The file is YAML or JSON, `NAME: text`. Whoever changes it should write a new one and rename it
into place, so that nobody reads half of it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from typing import Any

import yaml

from ndscheduler.corescheduler.errors import SecretNotAvailable

MAX_BYTES = 1024 * 1024
# A shorter text is found by chance everywhere: to mask it would spoil results and still tell it.
MIN_LENGTH = 4
# The loader in C, where PyYAML has it, is ten times as fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Unusable(Exception):
    """Why no secret can be read, to follow "SECRETS_FILE "."""


class SecretsFile:
    """The secrets of one file, or none. It is read each time: nothing is kept of it."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def text_of(self, name: str) -> str:
        """The secret of this name. Raises SecretNotAvailable, which never tells what is there."""
        try:
            texts = self._current()
        except _Unusable as problem:
            raise SecretNotAvailable(name, f"SECRETS_FILE {problem}") from None
        if name not in texts:
            raise SecretNotAvailable(name, "SECRETS_FILE has no such name")
        text = texts[name]
        if not isinstance(text, str):
            raise SecretNotAvailable(name, "in SECRETS_FILE it is no text; put it in quotes")
        if len(text.strip()) < MIN_LENGTH:
            reason = f"it is shorter than {MIN_LENGTH} characters, too short to be masked"
            raise SecretNotAvailable(name, reason)
        return text

    def find_problem(self) -> str | None:
        """Why no secret can be read now, in a sentence; None where all is well, or none is set."""
        if self._path is None:
            return None
        try:
            self._current()
        except _Unusable as problem:
            return f"SECRETS_FILE {problem}."
        return None

    def _current(self) -> Mapping[str, Any]:
        if self._path is None:
            raise _Unusable("is not set")
        try:
            # Not to wait where somebody put a pipe.
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                _refuse_open_to_others(os.fstat(descriptor))
                return _parsed(_content(descriptor))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _Unusable(f"can not be read: {error.strerror}") from None


def _refuse_open_to_others(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _Unusable("is no file")
    if status.st_uid not in (os.geteuid(), 0):
        raise _Unusable("belongs to another user")
    if stat.S_IMODE(status.st_mode) & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise _Unusable(f"is open to other users (mode {mode:04o}); set its mode to 0600")


def _content(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _Unusable(f"is longer than {MAX_BYTES} bytes")
    return content


def _parsed(content: bytes) -> Mapping[str, Any]:
    # What a parser complains of may quote the line, and the secret in it: nothing of it is told.
    try:
        text = content.decode("utf-8-sig")
        values = _json_or_yaml(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        raise _Unusable("is neither YAML nor JSON") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise _Unusable("must hold lines `NAME: text`")
    return values


def _json_or_yaml(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # It is a SafeLoader.
        return yaml.load(text, _Loader)  # nosec B506
