"""Settings as text: one line each, with the source, secrets masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ndscheduler.config import SETTING_NAMES, is_secret
from ndscheduler.config_sources import Resolved

MASK = "********"
# Names, and keys of dictionaries, whose values are secrets by the look of them.
_SECRET_WORDS = re.compile(r"pass|passwd|pwd|secret|token|credential|auth|private|api_?key", re.I)
# The user and password of a URL; a password may hold slashes and further @. A mail server may be
# named so without a scheme.
_URL_USER = re.compile(r"(?<=://)\S+(?=@)")
_SERVER_USER = re.compile(r"^(\S*://)?.+(?=@)")


def report(resolved: Resolved) -> Iterator[str]:
    """A line `NAME: value  # source` for each setting, users' own at the end."""
    config = resolved.config
    for name in SETTING_NAMES:
        value = getattr(config, name)
        if name == "MAIL_SERVER":
            value = [_SERVER_USER.sub(rf"\g<1>{MASK}", server) for server in value]
        yield _line(name, value, is_secret(name), resolved.sources)
    for name, value in config.extra.items():
        yield _line(name, value, bool(_SECRET_WORDS.search(name)), resolved.sources)


def _line(name: str, value: Any, secret: bool, sources: Mapping[str, str]) -> str:
    shown = MASK if secret and value else masked(value)
    text = json.dumps(shown, default=str, ensure_ascii=False)
    return f"{name}: {text}  # {sources.get(name, 'default')}"


def masked(value: Any) -> Any:
    """`value` with secrets replaced: those under a telling key, and the user of a URL."""
    if isinstance(value, Mapping):
        return {str(key): _masked_entry(str(key), entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(entry) for entry in value]
    return _URL_USER.sub(MASK, value) if isinstance(value, str) else value


def _masked_entry(key: str, entry: Any) -> Any:
    return MASK if entry and _SECRET_WORDS.search(key) else masked(entry)
