"""Does the time of a refused login tell whether there is such an account?

    python -m benchmarks.login --runs 40

A server is started as users start it. Each run tries one login of each kind, in an order drawn
anew, for a name and from an address that are used once, so that nothing is slowed down: a wrong
password of an account, an unknown name, a disabled account with its right password, an account with
a cheaper hash, one of the settings. It prints medians and their ratios to that of the wrong
password; --json FILE writes them too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import requests

from benchmarks.bursts import SETTINGS, end_all
from benchmarks.harness import wait_for
from benchmarks.places import SQLITE, Place, new_place
from ndscheduler.corescheduler.accounts.accounts import AccountChange, Accounts
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import ROUNDS
from ndscheduler.corescheduler.roles import Role
from tests.chaos.processes import START_SECONDS, Server

PASSWORD = "the right password"
CHEAPER = 10
# The first is the one that the others are compared with.
KINDS = ("wrong", "unknown", "disabled", "cheap", "settings")
REFUSED = 401


@dataclass(frozen=True)
class Login:
    """One attempt, and how long its answer took."""

    kind: str
    seconds: float
    # What the server's threads worked meanwhile, which other work on the machine does not change.
    cpu_seconds: float


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with new_place(SQLITE) as place:
        add_accounts(place, options.runs)
        logins = measure(place, options.runs)
    report(logins, options.runs, options.json)


def hash_of(cost: int) -> str:
    """One for all accounts of a kind: hashing for each would take minutes."""
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(cost)).decode()


def add_accounts(place: Place, runs: int) -> None:
    """An account of each kind that is in the database, for each run."""
    dear, cheap = hash_of(ROUNDS), hash_of(CHEAPER)
    with place.datastore() as store:
        accounts, actor = Accounts(store, has_admins_elsewhere=True), Actor("benchmark")
        for run in range(runs):
            accounts.add(f"wrong-{run}", dear, Role.VIEWER, actor)
            accounts.add(f"cheap-{run}", cheap, Role.VIEWER, actor)
            accounts.add(f"disabled-{run}", dear, Role.VIEWER, actor)
            accounts.change(f"disabled-{run}", AccountChange(is_disabled=True), actor)


def settings(runs: int) -> dict[str, Any]:
    """The settings of the server."""
    hashed = hash_of(ROUNDS)
    return {
        **SETTINGS,
        "AUTH_CREDENTIALS": {f"settings-{run}": hashed for run in range(runs)},
        # So that each login can come from an address of its own.
        "TRUSTED_PROXIES": ["127.0.0.1"],
    }


def measure(place: Place, runs: int) -> list[Login]:
    """All logins, one after another, on a server of its own."""
    log = place.folder / "server.log"
    server = Server(place.kind, place.db_config, {}, log, settings(runs))
    server.launch()
    try:
        wait_for(server.is_serving, START_SECONDS, "the start of the server")
        return [
            attempt(server.pid, server.port, kind, run)
            for run in range(runs)
            for kind in random.sample(KINDS, len(KINDS))
        ]
    finally:
        end_all([server])


def attempt(pid: int, port: int, kind: str, run: int) -> Login:
    """One login that is refused."""
    password = PASSWORD if kind == "disabled" else "a wrong password"
    client = f"10.{KINDS.index(kind)}.{run // 250}.{run % 250 + 1}"
    worked, began = cpu_seconds(pid), time.perf_counter()
    answer = requests.post(
        f"http://127.0.0.1:{port}/api/v1/session",
        json={"username": f"{kind}-{run}", "password": password},
        headers={"X-Forwarded-For": client},
        timeout=60,
    )
    seconds = time.perf_counter() - began
    if answer.status_code != REFUSED:
        raise SystemExit(f"{kind}: {answer.status_code} {answer.text}")
    return Login(kind, seconds, cpu_seconds(pid) - worked)


def cpu_seconds(pid: int) -> float:
    """How long the threads that the process has now have run (Linux)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def report(logins: list[Login], runs: int, target: Path | None) -> None:
    """Print the medians and their ratios and, if asked, write them as JSON."""
    print(f"refused logins, medians of {runs} runs, bcrypt of cost {ROUNDS}")
    print(f"{platform.python_version()}, {os.cpu_count()} cores")
    figures = {name: medians_of(logins, name) for name in ("seconds", "cpu_seconds")}
    for kind in KINDS:
        shown = (
            f"{name} {medians[kind] * 1000:8.1f} ms, ratio {medians[kind] / medians[KINDS[0]]:.3f}"
            for name, medians in figures.items()
        )
        print(f"  {kind:10} {'   '.join(shown)}")
    if target is not None:
        ratios = {
            name: {kind: medians[kind] / medians[KINDS[0]] for kind in KINDS}
            for name, medians in figures.items()
        }
        target.write_text(json.dumps({"runs": runs, **figures, "ratios": ratios}))


def medians_of(logins: list[Login], name: str) -> dict[str, float]:
    """The median of a figure, by kind."""
    return {
        kind: statistics.median(getattr(login, name) for login in logins if login.kind == kind)
        for kind in KINDS
    }


if __name__ == "__main__":
    main()
