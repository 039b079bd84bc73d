"""Rows of the old audit log, whose descriptions of changes were HTML."""

from __future__ import annotations

import ast
import json
import re
import warnings
from datetime import datetime
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.clock import EPOCH, to_micros
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.legacy.old_values import (
    id_of,
    instant_of,
    text_of,
    whole_of,
)
from ndscheduler.corescheduler.errors import InvalidArgument

COLUMNS = ("job_id", "job_name", "event", "user", "created_time", "description")

# An event that is no number; none of ours and none of a user's is negative.
NO_EVENT = -1

_FIELD = re.compile(r'(?:\A|(?<=<br>))<b>(\w{1,100})</b>: <font color="red">')
_BETWEEN = '</font> => <font color="green">'
_END = "</font><br>"
_LONGEST_LITERAL = 20_000


def audit_row_of(old: dict[str, Any], number: int) -> dict[str, Any]:
    """The row of our audit log for the row `old`, the `number`-th of its table (from 1)."""
    event = whole_of(old["event"])
    created = instant_of(old["created_time"]) or EPOCH
    description = text_of(old["description"])
    return {
        "id": audit_id(created, number),
        "event": NO_EVENT if event is None else event,
        "job_id": id_of(old["job_id"]),
        "job_name": text_of(old["job_name"]) or "",
        "user": text_of(old["user"]) or "",
        "created_time": created,
        "description": description,
        "changes": _changes_text(description) if event == AuditEvent.MODIFIED else None,
    }


def audit_id(created: datetime, number: int) -> str:
    """An id that sorts by time, then by place in the old table; the same whenever it is made.

    It has the form of a UUIDv7, as new ids have.
    """
    millis = max(0, to_micros(created) // 1000) & 0xFFFF_FFFF_FFFF
    return f"{millis:012x}7000{0x8000_0000_0000_0000 | number:016x}"


def changes_of(description: str) -> dict[str, list[Any]] | None:
    """The changes that a description of 0.x tells as HTML; None where it is not such a text.

    `<b>name</b>: <font color="red">old</font> => <font color="green">new</font><br>`, again and
    again. The values stand there as they were, so a text that can be read in two ways is not read.
    """
    if not _FIELD.match(description):
        return None
    parts = _FIELD.split(description)
    changes: dict[str, list[Any]] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if not body.endswith(_END) or body.count(_BETWEEN) != 1 or name in changes:
            return None
        old, new = body[: -len(_END)].split(_BETWEEN)
        if name == "pub_args":
            changes[name] = [_literal(old), _literal(new)]
        else:
            changes[name] = [old, new]
    # 0.x told a change of the arguments whenever a tuple had become the same list.
    return {name: pair for name, pair in changes.items() if pair[0] != pair[1]}


def _changes_text(description: str | None) -> str | None:
    changes = None if not description else changes_of(description)
    return None if changes is None else json.dumps(changes, ensure_ascii=False)


def _literal(text: str) -> Any:
    """Arguments that 0.x wrote as Python's repr, as JSON; else the text itself."""
    if len(text) > _LONGEST_LITERAL:
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
        return codec.plain(codec.encode(value, "pub_args"))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError, InvalidArgument):
        return text
