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
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import requests

from benchmarks.burst import ROOT, environment, free_port, serve_command, wait_for_server
from ndscheduler.corescheduler.accounts.accounts import AccountChange, Accounts
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import ROUNDS
from ndscheduler.corescheduler.roles import Role

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


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "datastore.db"
        add_accounts(database, options.runs)
        logins = measure(database, options.runs)
    report(logins, options.runs, options.json)


def hash_of(cost: int) -> str:
    """One for all accounts of a kind: hashing for each would take minutes."""
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(cost)).decode()


def add_accounts(database: Path, runs: int) -> None:
    """An account of each kind that is in the database, for each run."""
    dear, cheap = hash_of(ROUNDS), hash_of(CHEAPER)
    store = DatastoreSqlite({"file_path": str(database)}, None)
    store.open()
    accounts, actor = Accounts(store, has_admins_elsewhere=True), Actor("benchmark")
    for run in range(runs):
        accounts.add(f"wrong-{run}", dear, Role.VIEWER, actor)
        accounts.add(f"cheap-{run}", cheap, Role.VIEWER, actor)
        accounts.add(f"disabled-{run}", dear, Role.VIEWER, actor)
        accounts.change(f"disabled-{run}", AccountChange(is_disabled=True), actor)
    store.close()


def settings(database: Path, runs: int) -> dict[str, str]:
    """The environment of the server."""
    hashed = hash_of(ROUNDS)
    credentials = {f"settings-{run}": hashed for run in range(runs)}
    return {
        **environment(database),
        "NDSCHEDULER_AUTH_CREDENTIALS": json.dumps(credentials),
        # So that each login can come from an address of its own.
        "NDSCHEDULER_TRUSTED_PROXIES": "127.0.0.1",
    }


def measure(database: Path, runs: int) -> list[Login]:
    """All logins, one after another, on a server of its own."""
    port = free_port()
    with open(database.parent / "server.log", "w") as log:
        server = subprocess.Popen(
            serve_command(port), cwd=ROOT, env=settings(database, runs), stdout=log, stderr=log
        )
        try:
            wait_for_server(f"http://127.0.0.1:{port}/readyz")
            return [
                attempt(port, kind, run)
                for run in range(runs)
                for kind in random.sample(KINDS, len(KINDS))
            ]
        finally:
            server.terminate()
            server.wait(60)


def attempt(port: int, kind: str, run: int) -> Login:
    """One login that is refused."""
    password = PASSWORD if kind == "disabled" else "a wrong password"
    client = f"10.{KINDS.index(kind)}.{run // 250}.{run % 250 + 1}"
    began = time.perf_counter()
    answer = requests.post(
        f"http://127.0.0.1:{port}/api/v1/session",
        json={"username": f"{kind}-{run}", "password": password},
        headers={"X-Forwarded-For": client},
        timeout=60,
    )
    seconds = time.perf_counter() - began
    if answer.status_code != REFUSED:
        raise SystemExit(f"{kind}: {answer.status_code} {answer.text}")
    return Login(kind, seconds)


def report(logins: list[Login], runs: int, target: Path | None) -> None:
    """Print the medians and their ratios and, if asked, write them as JSON."""
    medians = {
        kind: statistics.median(login.seconds for login in logins if login.kind == kind)
        for kind in KINDS
    }
    ratios = {kind: medians[kind] / medians[KINDS[0]] for kind in KINDS}
    print(f"refused logins, medians of {runs} runs, bcrypt of cost {ROUNDS}")
    print(f"{platform.python_version()}, {os.cpu_count()} cores")
    for kind in KINDS:
        print(f"  {kind:10} {medians[kind] * 1000:8.1f} ms   ratio {ratios[kind]:.3f}")
    if target is not None:
        target.write_text(json.dumps({"runs": runs, "seconds": medians, "ratios": ratios}))


if __name__ == "__main__":
    main()
