"""One datastore per kind of database, each with tables of its own that are dropped afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.databases import drop_tables, make_datastore, missing_reason

KINDS = ("sqlite", "postgres", "mysql")


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind, ())) for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database that a test runs on; skipped, with the reason, where none answers."""
    reason = missing_reason(request.param)
    if reason is not None:
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture
def prefix() -> str:
    """A prefix for table names that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
def datastore(kind: str, prefix: str, tmp_path: Path) -> Iterator[DatastoreBase]:
    """An open datastore with empty tables."""
    opened = make_datastore(kind, prefix, tmp_path)
    opened.open()
    yield opened
    drop_tables(opened)
    opened.close()


@pytest.fixture
def other_datastore(
    datastore: DatastoreBase, kind: str, prefix: str, tmp_path: Path
) -> Iterator[DatastoreBase]:
    """A second datastore on the same tables, as another process would have."""
    opened = make_datastore(kind, prefix, tmp_path)
    yield opened
    opened.close()
