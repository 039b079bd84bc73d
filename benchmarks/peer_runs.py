"""Peers: other schedulers, in a virtual environment of their own, run as programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import BUILD, ROOT, Case, Figures, Scale
from benchmarks.places import POSTGRES, SQLITE, kinds, new_place

VENV = BUILD / "peers-venv"
REQUIREMENTS = (
    "apscheduler>=3.11,<4",
    "sqlalchemy>=2,<3",
    "huey>=2.5",
    "procrastinate>=3",
    "psycopg[binary]>=3.1",
)
MOST_SECONDS = 1800


def python_of_peers() -> Path:
    """The interpreter of the environment, which is made if it is not there."""
    python = VENV / "bin" / "python"
    complete = VENV / "complete"
    if not complete.exists():
        print(f"Installing the peers into {VENV}.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *REQUIREMENTS], check=True)
        complete.touch()
    return python


def run_peer(module: str, kind: str, options: Mapping[str, Any]) -> Figures:
    """The figures that benchmarks/peers/`module`.py prints, of a new database of this kind."""
    with new_place(kind) as place:
        given = json.dumps({"url": place.url, "kind": kind, **options})
        command = [str(python_of_peers()), "-m", f"benchmarks.peers.{module}", given]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=MOST_SECONDS, check=True
        )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def peer_cases(scale: Scale, count: int, only_apscheduler: bool = False) -> list[Case]:
    """A burst of `count` jobs by each peer that can run here."""
    if not scale.with_peers:
        return []
    python_of_peers()
    burst = {"count": count}
    found = [
        ("APScheduler, SQLite as shipped", "apscheduler_burst", SQLITE, burst),
        ("APScheduler, SQLite in WAL", "apscheduler_burst", SQLITE, {**burst, "wal": True}),
        ("APScheduler, PostgreSQL", "apscheduler_burst", POSTGRES, burst),
        ("Huey, SQLite", "huey_burst", SQLITE, burst),
        ("Procrastinate, PostgreSQL", "procrastinate_burst", POSTGRES, burst),
    ]
    return [
        Case(name, partial(run_peer, module, kind, options))
        for name, module, kind, options in found
        if kind in kinds() and not (only_apscheduler and not name.startswith("APScheduler"))
    ]
