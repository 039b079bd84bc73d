"""The orders in which lists of jobs come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, func, type_coerce

from ndscheduler.corescheduler.clock import to_micros
from ndscheduler.corescheduler.datastore.paging import Keyset

# The default, in which the next to fire comes first.
NEXT_RUN = "next_run"
_TEXTS = {"name": "name", "class": "job_class_string"}
_TIMES = {"created": "created_at", "updated": "updated_at"}
JOB_SORTS = (NEXT_RUN, *_TEXTS, *_TIMES)

# Sorts jobs that have no next fire time behind all others.
NEVER = 2**63 - 1
# MySQL sorts by the first 1,024 bytes of a text, but compares all; and cursors stay short.
_SORTED_CHARACTERS = 200


def job_order(jobs: Table, sort: str) -> Keyset:
    """The order `sort`: one of JOB_SORTS, reversed where it begins with "-".

    Texts compare as the database compares them, by their first 200 characters; ties by id.
    """
    reverse = sort.startswith("-")
    key = sort.removeprefix("-")
    # Cursors of old name no order.
    name = "" if sort == NEXT_RUN else sort
    if key == NEXT_RUN:
        return Keyset(_next_fire(jobs), jobs.c.id, reverse, _next_fire_of, name)
    if key in _TEXTS:
        return _by_text(jobs, _TEXTS[key], reverse, name)
    return _by_time(jobs, _TIMES[key], reverse, name)


def _next_fire(jobs: Table) -> ColumnElement[int]:
    return func.coalesce(type_coerce(jobs.c.next_fire, BigInteger), NEVER)


def _next_fire_of(row: Any) -> tuple[int, str]:
    instant: datetime | None = row.next_fire
    return NEVER if instant is None else to_micros(instant), row.id


def _by_text(jobs: Table, column: str, descending: bool, name: str) -> Keyset:
    key = func.substr(jobs.c[column], 1, _SORTED_CHARACTERS)

    def values(row: Any) -> tuple[str, str]:
        return getattr(row, column)[:_SORTED_CHARACTERS], row.id

    return Keyset(key, jobs.c.id, descending, values, name, str)


def _by_time(jobs: Table, column: str, descending: bool, name: str) -> Keyset:
    key = type_coerce(jobs.c[column], BigInteger)

    def values(row: Any) -> tuple[int, str]:
        return to_micros(getattr(row, column)), row.id

    return Keyset(key, jobs.c.id, descending, values, name)
