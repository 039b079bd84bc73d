"""The lists of the API over 1,000,000 executions, 1,000,000 audit entries and 10,000 jobs.

    python -m benchmarks.lists [--full | --quick]

A page is asked for at places all over the history, with each filter that the web page has.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from benchmarks.bursts import peak_memory_mb, served
from benchmarks.client import Client, timed_get
from benchmarks.filling import job_id
from benchmarks.harness import Case, Figures, Scale, main
from benchmarks.history import HISTORY_DAYS, add_tags, filled
from benchmarks.places import NAMES, kinds
from tests.chaos.processes import Server

PAGE = 50
Query = dict[str, Any]
# What the filters of the page send; the last two keep nothing, so all rows are looked at.
FILTERS: dict[str, Query] = {
    "no filter": {},
    "one job": {"job_id": job_id(7)},
    "state failed": {"state": "failed"},
    "states failed and missed": {"state": "failed,missed"},
    "by hand": {"trigger_kind": "manual"},
    "one host": {"host": "sched-1"},
    "asked for by anna": {"requested_by": "anna"},
    "one tag": {"tag": "team-3"},
    "a word of a name": {"q": "Job 7"},
    "state running": {"state": "running"},
    "asked for by nobody": {"requested_by": "nobody"},
}


class Places:
    """Times spread over the history: the same ones for every case."""

    def __init__(self, rows: int) -> None:
        self._end = datetime.now(timezone.utc)
        self._span = timedelta(days=HISTORY_DAYS)
        self._rows = rows

    def pages(self, count: int, given: Query) -> list[Query]:
        """Queries for a page that begins somewhere in the history."""
        chance = random.Random(1)
        times = [self._end - self._span * 0.98 * chance.random() for _ in range(count)]
        page = {"limit": PAGE, "include": "brief"}
        return [{**page, "time_range_end": at.isoformat(), **given} for at in times]

    def last(self, rows: int) -> Query:
        """A query without a limit for the newest rows, of which there are about so many."""
        begin = self._end - self._span * (rows / self._rows)
        return {"time_range_start": begin.isoformat()}


def cursors(client: Client, path: str, queries: Sequence[Query]) -> list[Query]:
    """Queries for the pages that follow those of `queries`."""
    bodies = [json.loads(client.get(path, **query)) for query in queries]
    found = zip(queries, (body["next_cursor"] for body in bodies), strict=True)
    return [{**query, "cursor": cursor} for query, cursor in found if cursor]


def following_pages(client: Client, path: str, queries: Sequence[Query]) -> Figures:
    """The pages that a cursor leads to."""
    return timed_get(client, path, cursors(client, path, queries))


def streamed(server: Server, client: Client, query: Query) -> Figures:
    """A list of many rows in one answer, and the memory that it took the server."""
    before = peak_memory_mb(server.pid)
    figures = timed_get(client, "/executions", [query])
    return {**figures, "memory_grew_mb": peak_memory_mb(server.pid) - before}


def list_cases(name: str, server: Server, rows: int, asked: int) -> list[Case]:
    """The requests to one server."""
    client, places = Client(server.port), Places(rows)

    def case(title: str, path: str, queries: Sequence[Query]) -> Case:
        return Case(f"{name}: {title}", partial(timed_get, client, path, queries))

    thousand = {"limit": 1000}
    anywhere = places.pages(asked, {})
    many = places.last(rows // 10)
    return [
        case("executions, limit=1000", "/executions", [thousand] * asked),
        case("executions, 1,000 by time", "/executions", [places.last(1000)] * asked),
        *[
            case(f"executions, page of 50, {title}", "/executions", places.pages(asked, given))
            for title, given in FILTERS.items()
        ],
        Case(
            f"{name}: executions, page of 50 by cursor",
            partial(following_pages, client, "/executions", anywhere),
        ),
        Case(f"{name}: executions, {rows // 10:,} rows", partial(streamed, server, client, many)),
        case("jobs, all", "/jobs", [{}] * max(3, asked // 10)),
        case("jobs, page of 50", "/jobs", [{"limit": PAGE}] * asked),
        case("logs, limit=1000", "/logs", [thousand] * asked),
        case("logs, 1,000 by time", "/logs", [places.last(1000)] * asked),
    ]


@contextmanager
def cases(scale: Scale) -> Iterator[Sequence[Case]]:
    """Each database, filled once."""
    rows = scale.pick(full=1_000_000, brief=200_000, quick=2_000)
    jobs = scale.pick(full=10_000, brief=10_000, quick=100)
    asked = scale.pick(full=100, brief=50, quick=3)
    with ExitStack() as stack:
        found = []
        for kind in kinds():
            place = stack.enter_context(filled(kind, jobs, rows, rows))
            add_tags(place, jobs)
            server = stack.enter_context(served(place))
            found += list_cases(NAMES[kind], server, rows, asked)
        yield found


if __name__ == "__main__":
    main("lists", __doc__, cases)
