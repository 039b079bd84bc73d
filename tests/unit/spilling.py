"""Results to write down, and files of them that processes have left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.core.spill import (
    Installation,
    Spill,
)
from ndscheduler.corescheduler.models import Finish
from tests.factories import NOON, a_job, an_execution

OURS = Installation("postgresql://db:5432/jobs", "scheduler_execution")


def a_finish(**fields: object) -> Finish:
    """The end of an execution."""
    execution = an_execution(a_job(), owner="i", state=ExecutionState.RUNNING, started_time=NOON)
    finish = Finish(execution, ExecutionState.SUCCEEDED, NOON + timedelta(seconds=1), result="1")
    return replace(finish, **fields)  # type: ignore[arg-type]


def a_spill(folder: Path, installation: Installation = OURS) -> Spill:
    """The spill of one more process."""
    return Spill(folder, installation, new_id())


def left_behind(folder: Path, *finishes: Finish) -> Path:
    """A file of a process that has ended; its path."""
    spill = a_spill(folder)
    spill.keep(finishes)
    spill.close()
    return spill.path


def adopted(spill: Spill) -> list[Finish]:
    """The finishes that `spill` takes over."""
    return [spill.load(place) for _, place in spill.adopt()]
