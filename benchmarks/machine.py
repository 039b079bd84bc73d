"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path
from typing import Any

import psycopg

from tests.databases import POSTGRES_URL, missing_reason

POSTGRES_SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers")


def describe_machine() -> dict[str, Any]:
    """Processor, memory and versions; of PostgreSQL what decides how safe a COMMIT is."""
    return {
        "processor": _line_of("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _line_of("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgres": _postgres(),
        "load": os.getloadavg()[0],
    }


def _line_of(path: str, name: str) -> str | None:
    """What stands behind `name:` in a file; None where there is no such file or line."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, None)


def _postgres() -> dict[str, str] | None:
    if missing_reason("postgres") is not None:
        return None
    with psycopg.connect(POSTGRES_URL) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in POSTGRES_SETTINGS}
    return {name: str(row[0]) for name, row in shown.items() if row is not None}
