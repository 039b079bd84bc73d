"""All that was seen of a run of the harness: schedules, rows, and what the jobs wrote down."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, func, select, true

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.rows import execution_from, job_from
from ndscheduler.corescheduler.models import Execution
from tests.chaos.notes import Note, Notes
from tests.chaos.schedules import Schedule, freeze


@dataclass(frozen=True)
class History:
    """All that was seen of a run of the harness."""

    schedules: Sequence[Schedule]
    rows: Sequence[Execution]
    notes: Sequence[Note]
    # Unfinished rows are no problem: the run is not over.
    is_over: bool = True
    # Ends that the fault brings about, beside those that every fault may.
    also_allowed: frozenset[ExecutionState] = field(default_factory=frozenset)

    @cached_property
    def rows_by_id(self) -> dict[str, Execution]:
        """The rows by execution id."""
        return {row.id: row for row in self.rows}

    @cached_property
    def notes_by_id(self) -> dict[str, list[Note]]:
        """The notes of each execution, in the order of writing."""
        found: dict[str, list[Note]] = defaultdict(list)
        for note in self.notes:
            found[note.execution_id].append(note)
        return found

    def evidence(self, *execution_ids: str) -> tuple[str, ...]:
        """Rows and notes of these executions as text."""
        lines: list[str] = []
        for execution_id in execution_ids:
            row = self.rows_by_id.get(execution_id)
            lines.append(f"no row {execution_id}" if row is None else row_text(row))
            lines += [str(note) for note in self.notes_by_id.get(execution_id, [])]
        return tuple(lines)

    def written(self, letter: str) -> list[Note]:
        """The notes that begin with `letter`."""
        return [note for note in self.notes if note.letter == letter]


def read_history(datastore: DatastoreBase, notes: Notes, schedules: Sequence[Schedule]) -> History:
    """The history so far, while jobs go on to fire: judged up to their next fire times."""
    written = notes.all()

    def read(connection: Connection) -> tuple[dict[str, datetime | None], list[Execution]]:
        # Jobs before rows: a claim in between adds rows whose fire times do not matter yet.
        jobs = [job_from(row) for row in connection.execute(select(datastore.tables.jobs))]
        rows = connection.execute(select(datastore.tables.executions))
        return {job.id: job.next_fire for job in jobs}, [execution_from(row) for row in rows]

    next_fires, rows = datastore.read(read)
    return History(_until(schedules, next_fires), rows, written, is_over=False)


def settle(
    datastore: DatastoreBase, notes: Notes, schedules: Sequence[Schedule], seconds: float
) -> History:
    """Stop the schedules, wait until nothing is queued or runs; the history.

    Gives up when for `seconds` no execution has ended: a queue that is long is not stuck.
    """
    next_fires = freeze(datastore)
    fewest = left = count_live(datastore)
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = count_live(datastore)
        if left < fewest:
            fewest, deadline = left, time.monotonic() + seconds
    rows = _rows_where(datastore, true())
    return History(_until(schedules, next_fires), rows, notes.all())


def _until(
    schedules: Sequence[Schedule], next_fires: Mapping[str, datetime | None]
) -> list[Schedule]:
    return [replace(schedule, until=next_fires[schedule.job_id]) for schedule in schedules]


def count_live(datastore: DatastoreBase) -> int:
    """How many executions are queued or run."""
    executions = datastore.tables.executions
    query = select(func.count()).select_from(executions).where(executions.c.live == 1)
    return datastore.read(lambda connection: connection.execute(query).scalar_one())


def live_rows(datastore: DatastoreBase) -> list[Execution]:
    """The executions that are queued or run."""
    return _rows_where(datastore, datastore.tables.executions.c.live == 1)


def interrupted_rows(datastore: DatastoreBase) -> list[Execution]:
    """The executions that were given up so far."""
    state = datastore.tables.executions.c.state
    return _rows_where(datastore, state == int(ExecutionState.INTERRUPTED))


def _rows_where(datastore: DatastoreBase, condition: ColumnElement[bool]) -> list[Execution]:
    query = select(datastore.tables.executions).where(condition)
    return datastore.read(lambda c: [execution_from(row) for row in c.execute(query)])


def row_text(row: Execution) -> str:
    """What matters of a row, in one line."""
    times = (row.first_fire_time, row.fire_time, row.started_time, row.finished_time)
    first, fire, started, finished = (None if t is None else t.isoformat() for t in times)
    return (
        f"row {row.id} {row.state.label} first={first} fire={fire} count={row.count} "
        f"attempt={row.attempt} rev={row.job_rev} pid={row.pid} owner={row.owner} "
        f"claimed_by={row.claimed_by} started={started} finished={finished} reason={row.reason!r}"
    )
