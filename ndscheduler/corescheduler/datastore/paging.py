"""Pages of lists, by keyset: a cursor names the row beside which the page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
)

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.constants import ExecutionState, JobStatus
from ndscheduler.corescheduler.errors import InvalidInput

T = TypeVar("T")

MAX_COUNTED = 10_000

_NOT_OURS = "is not a cursor that this server gave out"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list: at most `limit` rows, from where `cursor` says."""

    limit: int = 100
    cursor: str | None = None
    with_total: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a list, and the cursors of the pages beside it (None at an end).

    `total` is exact up to 10,000 rows; above that it is 10,000 and `total_is_exact` is False.
    """

    items: list[T]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    total: int | None = None
    total_is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """Which jobs can not run: those of these classes, and these by what is in their rows."""

    job_classes: frozenset[str] = frozenset()
    job_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs: all that match every field that is given, and one of the `statuses`.

    The database can not tell by itself which jobs are broken: `broken` says it.
    """

    q: str | None = None
    tags: Sequence[str] = ()
    is_paused: bool | None = None
    job_class_string: str | None = None
    job_ids: Sequence[str] | None = None
    statuses: Sequence[JobStatus] = ()
    broken: Broken = Broken()


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions. The time range is on `scheduled_time`, both ends included."""

    q: str | None = None
    states: Sequence[ExecutionState] = ()
    job_id: str | None = None
    tag: str | None = None
    trigger_kind: str | None = None
    host: str | None = None
    requested_by: str | None = None
    time_start: datetime | None = None
    time_end: datetime | None = None
    ids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which audit entries. The time range is on `created_time`, both ends included.

    With `hides_arguments`, `q` finds nothing by what an entry says of the arguments of jobs.
    """

    q: str | None = None
    hides_arguments: bool = False
    job_id: str | None = None
    user: str | None = None
    event: int | None = None
    time_start: datetime | None = None
    time_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: by `key` (no NULL), then by `id`; downwards or not.

    `name` is in the cursors of a list that can be sorted in several ways: one of another order
    is refused. The order that a list had before it could be sorted has none.
    """

    key: ColumnElement[Any]
    id: ColumnElement[str]
    descending: bool
    # Reads the two sort values back from a row of the list.
    values: Callable[[Any], tuple[int | str, str]] = field(repr=False)
    name: str = ""
    key_type: type[int] | type[str] = int


@dataclass(frozen=True, slots=True)
class _Cursor:
    backwards: bool
    key: int | str
    id: str

    def text(self, name: str) -> str:
        parts = [int(self.backwards), self.key, self.id, *([name] if name else [])]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def fetch_page(
    connection: Connection, query: Select[Any], keyset: Keyset, request: PageRequest
) -> Page[Any]:
    """The page of `query` that `request` asks for, as rows. Two statements at most."""
    cursor = _read_cursor(request.cursor, keyset)
    backwards = cursor is not None and cursor.backwards
    descending = keyset.descending != backwards
    paged = query if cursor is None else query.where(_beyond(keyset, cursor, descending))
    order = (
        (keyset.key.desc(), keyset.id.desc()) if descending else (keyset.key.asc(), keyset.id.asc())
    )
    rows = list(connection.execute(paged.order_by(*order).limit(request.limit + 1)))
    has_more = len(rows) > request.limit
    rows = rows[: request.limit]
    if backwards:
        rows.reverse()
    total = _count(connection, query) if request.with_total else None
    return Page(
        items=rows,
        next_cursor=_cursor_at(rows, -1, keyset, False) if (has_more or backwards) else None,
        previous_cursor=_previous(rows, keyset, cursor, has_more),
        total=None if total is None else min(total, MAX_COUNTED),
        total_is_exact=total is None or total <= MAX_COUNTED,
    )


def matching(columns: Sequence[ColumnElement[Any]], words: str) -> ColumnElement[bool]:
    """True where any of `columns` contains `words`, whatever the case."""
    return or_(*(func.lower(column).contains(words.lower(), autoescape=True) for column in columns))


def _previous(rows: list[Any], keyset: Keyset, cursor: _Cursor | None, more: bool) -> str | None:
    if cursor is None or (cursor.backwards and not more):
        return None
    return _cursor_at(rows, 0, keyset, True)


def _cursor_at(rows: list[Any], index: int, keyset: Keyset, backwards: bool) -> str | None:
    if not rows:
        return None
    key, row_id = keyset.values(rows[index])
    return _Cursor(backwards, key, row_id).text(keyset.name)


def _beyond(keyset: Keyset, cursor: _Cursor, descending: bool) -> ColumnElement[bool]:
    key, row_id = keyset.key, keyset.id
    # `<=` and `>=` are where an index can begin; an OR alone has it read from its end.
    if descending:
        return and_(key <= cursor.key, or_(key < cursor.key, row_id < cursor.id))
    return and_(key >= cursor.key, or_(key > cursor.key, row_id > cursor.id))


def _count(connection: Connection, query: Select[Any]) -> int:
    # MySQL would write whole rows to a table of its own, results and all, only to count them.
    one: ColumnElement[int] = literal_column("1", Integer).label("one")
    bare: Select[Any] = query.with_only_columns(one, maintain_column_froms=True)
    some = bare.order_by(None).limit(MAX_COUNTED + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _read_cursor(text: str | None, keyset: Keyset) -> _Cursor | None:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        backwards, key, row_id, *sort = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidInput("cursor", _NOT_OURS) from error
    if sort != ([keyset.name] if keyset.name else []):
        raise InvalidInput("cursor", "is one of a list that is sorted in another way")
    if not (backwards in (0, 1) and type(key) is keyset.key_type and isinstance(row_id, str)):
        raise InvalidInput("cursor", _NOT_OURS)
    for value in (key, row_id):
        codec.encode(value, "cursor")
    if isinstance(key, int) and not -(2**63) <= key < 2**63:
        raise InvalidInput("cursor", _NOT_OURS)
    return _Cursor(bool(backwards), key, row_id)
