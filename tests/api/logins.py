"""Accounts for tests: hashes that cost little, servers that ask for a login, their clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import requests
from sqlalchemy import update

from ndscheduler.corescheduler import password_hashes
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.server.auth import login
from tests.api.api_server import Api, serving

COST = 4
PASSWORD = "Very$ecret"
BOSS = ("boss", PASSWORD)
# As curl and the like say who they are; browsers of all kinds begin with Mozilla.
CURL = {"User-Agent": "curl/8.0"}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "Sec-Fetch-Mode": "cors"}


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """New hashes cost little, and refusals do no more work than those."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_hashes, "ROUNDS", COST)
        patch.setattr(login, "ROUNDS", COST)
        yield


def cheap_hash(password: str = PASSWORD, cost: int = COST) -> str:
    """A hash that any server verifies fast."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


HASH = cheap_hash()


@contextmanager
def closed(directory: Path, **changes: Any) -> Iterator[Api]:
    """A server that asks for a login: `boss` of its settings is an admin, `ed` an editor.

    What a test asks through the client given is asked by nobody.
    """
    settings = {
        "AUTH_CREDENTIALS": {"boss": HASH, "ed": HASH},
        "ADMIN_USER": ["boss"],
        # So that a test can come from anywhere.
        "TRUSTED_PROXIES": ["127.0.0.1"],
    }
    with cheap_hashes(), serving(directory, **{**settings, **changes}) as api:
        yield api


def client(api: Api, address: str | None = None) -> Api:
    """Another client of the same server, with cookies of its own, at an address of its own."""
    made = Api(api.server, api.url)
    if address is not None:
        made.session.headers["X-Forwarded-For"] = address
    return made


def logged_in(api: Api, name: str = "boss", password: str = PASSWORD) -> Api:
    """A client with a session."""
    made = client(api)
    answer = log_in(made, name, password)
    assert answer.status_code == 200, answer.text
    return made


def log_in(made: Api, name: str = "boss", password: str = PASSWORD) -> requests.Response:
    """The answer to a login."""
    return made.post("/api/v1/session", json={"username": name, "password": password})


def add_account(
    api: Api, name: str, role: str = "viewer", password: str = PASSWORD
) -> dict[str, Any]:
    """Add an account as boss."""
    fields = {"name": name, "role": role, "password": password}
    answer = api.post("/api/v1/users", json=fields, auth=BOSS)
    assert answer.status_code == 201, answer.text
    account: dict[str, Any] = answer.json()
    return account


def add_token(api: Api, role: str = "viewer", **fields: Any) -> dict[str, Any]:
    """Make an API token as boss, or as `auth` says."""
    auth = fields.pop("auth", BOSS)
    body = {"name": f"a {role}", "role": role, **fields}
    answer = api.post("/api/v1/tokens", json=body, auth=auth)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def audit(api: Api, event: str) -> list[dict[str, Any]]:
    """The audit entries of one event, the newest first."""
    answer = api.get("/api/v1/logs", params={"limit": 1000, "event": event}, auth=BOSS)
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json()["logs"]
    return entries


def datastore_of(api: Api) -> DatastoreBase:
    return api.server.scheduler_manager.get_datastore()


def move_sessions(api: Api, **values: object) -> None:
    """Set columns of all logins, as if time had passed."""
    table = datastore_of(api).tables.sessions
    datastore_of(api).write(lambda connection: connection.execute(update(table).values(**values)))


def status(made: Api) -> int:
    """How a client's request for the jobs is answered."""
    return made.get("/api/v1/jobs").status_code


def cookie(made: Api) -> str:
    value = made.session.cookies.get("user")
    assert value is not None
    return str(value)


def shown(made: Api) -> dict[str, str]:
    """The header that a client with a session sends."""
    return {"Cookie": f"user={cookie(made)}"}
