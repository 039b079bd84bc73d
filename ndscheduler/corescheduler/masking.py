"""Takes the secrets of a run out of what is kept of it: results, descriptions, log lines."""

from __future__ import annotations

import html
import json
import logging
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, quote_plus

MASK = "***"
# A line of a secret of several lines, such as a key, is masked alone from this length on.
MIN_LINE = 8


class Mask:
    """Replaces secrets in texts, as they are and as JSON, Python, URLs, HTML and shells quote."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len)
        choices = "|".join(re.escape(form) for form in reversed(forms))
        # It looks ahead, so that secrets that overlap are both found.
        self._places = re.compile(f"(?=({choices}))") if forms else None

    def text(self, text: str) -> str:
        """`text` with each secret in it replaced by `***`."""
        parts, shown_to = [], 0
        for start, end in self._spans(text):
            parts += [text[shown_to:start], MASK]
            shown_to = end
        return "".join((*parts, text[shown_to:])) if parts else text

    def json_text(self, text: str) -> str:
        """As `text`; JSON stays JSON, also where a number was replaced."""
        masked = self.text(text)
        if masked == text or not _is_json(text) or _is_json(masked):
            return masked
        return json.dumps(masked, ensure_ascii=False)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand, in order; those that touch or overlap are one span."""
        if self._places is None:
            return
        start = end = -1
        for place in self._places.finditer(text):
            if place.start(1) > end:
                if end > 0:
                    yield start, end
                start = place.start(1)
            end = max(end, place.end(1))
        if end > 0:
            yield start, end


NO_MASK = Mask()

_mask_of_run: ContextVar[Mask] = ContextVar("ndscheduler_mask_of_run", default=NO_MASK)


def mask_of_run() -> Mask:
    """The mask of the run that the calling code is part of; outside of one it masks nothing."""
    return _mask_of_run.get()


@contextmanager
def masking(mask: Mask) -> Iterator[None]:
    """Within it, `mask_of_run` is `mask`."""
    token = _mask_of_run.set(mask)
    try:
        yield
    finally:
        _mask_of_run.reset(token)


class MaskingFilter(logging.Filter):
    """Masks the log lines of a run; put on handlers, or on loggers of our own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True; where a run has secrets, the record is whole text without them."""
        mask = mask_of_run()
        if mask is NO_MASK:
            return True
        record.msg, record.args = mask.text(record.getMessage()), None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        for name in ("exc_text", "stack_info"):
            text = getattr(record, name)
            setattr(record, name, mask.text(text) if text else text)
        return True


def _forms(secret: str) -> Iterator[str]:
    """How `secret` may stand in a text."""
    lines = [line.strip() for line in secret.splitlines()]
    for part in (secret, secret.strip(), *(line for line in lines if len(line) >= MIN_LINE)):
        quoted = {part, *_quoted(part)}
        yield from quoted
        # What a program printed as JSON is quoted again when it becomes a result.
        for form in quoted:
            yield from _quoted(form)


def _quoted(text: str) -> Iterator[str]:
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield quote(text, safe="", errors="replace")
    yield quote(text, errors="replace")
    yield quote_plus(text, errors="replace")
    yield html.escape(text)
    yield shlex.quote(text).removeprefix("'").removesuffix("'")
    for shown in (repr(text)[1:-1], repr(text.encode("utf-8", "replace"))[2:-1]):
        yield shown
        # Beside a quotation mark of the other kind, an apostrophe is escaped.
        yield shown.replace("\\'", "'").replace("'", "\\'")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
