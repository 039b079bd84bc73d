"""How much of each fault is done, with which seed, and where the figures go."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ndscheduler.corescheduler.constants import HEARTBEATS_PER_LEASE
from tests.database_fixtures import KINDS

T = TypeVar("T")

SCALE_VARIABLE = "NDSCHEDULER_CHAOS"
SEED_VARIABLE = "NDSCHEDULER_CHAOS_SEED"
FIGURES_VARIABLE = "NDSCHEDULER_CHAOS_FIGURES"


def is_full() -> bool:
    """True where the figures of doc/explanation/reliability.md are to be reached."""
    scale = os.environ.get(SCALE_VARIABLE, "brief")
    if scale not in ("brief", "full"):
        raise ValueError(f"{SCALE_VARIABLE} is {scale!r}: it must be brief or full")
    return scale == "full"


def scaled(full: T, brief: T) -> T:
    """`full` or `brief`, as the run is."""
    return full if is_full() else brief


def within(seconds: float) -> float:
    """A bound of so many seconds; the brief scale runs beside other tests and allows more."""
    return scaled(seconds, 4 * seconds)


def databases(*brief: str, full: Sequence[str] = KINDS) -> pytest.MarkDecorator:
    """Run a test on the databases `full`; in the brief version only on `brief`."""
    marked = [
        pytest.param(kind, marks=() if kind == "sqlite" else getattr(pytest.mark, kind))
        for kind in scaled(tuple(full), brief)
    ]
    return pytest.mark.parametrize("kind", marked, indirect=True)


def seeded(what: str) -> random.Random:
    """A source of chance that is told, so that a run can be made again.

    NDSCHEDULER_CHAOS_SEED sets it.
    """
    seed = os.environ.get(SEED_VARIABLE) or str(time.time_ns())
    print(f"{SEED_VARIABLE}={seed} ({what})")
    return random.Random(f"{seed} {what}")


def report(fault: str, kind: str, **figures: Any) -> None:
    """Keep `figures` of `fault` on this kind of database: a line of JSON for `make chaos`."""
    line = json.dumps({"fault": fault, "database": kind, **figures}, default=str)
    print(line)
    path = os.environ.get(FIGURES_VARIABLE)
    if path:
        with Path(path).open("a") as file:
            file.write(f"{line}\n")


# Short, so that the death of an instance is noticed while one waits for it.
LEASE_SECONDS = 3.0
REAP_SECONDS = LEASE_SECONDS / HEARTBEATS_PER_LEASE
SHORT_LEASE = {"LEASE_SEC": LEASE_SECONDS}
