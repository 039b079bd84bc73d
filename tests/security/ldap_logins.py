"""Logging in by LDAP, from the client's side."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import hash_password
from ndscheduler.corescheduler.roles import Role
from tests.api.api_server import Api, serving
from tests.security.slapd import PASSWORD

needs_python_ldap = pytest.mark.skipif(
    find_spec("ldap") is None, reason="python-ldap is not installed"
)

BEHIND_PROXY: dict[str, Any] = {"TRUSTED_PROXIES": ["127.0.0.1"]}
CLIENTS = (f"10.0.{number // 256}.{number % 256}" for number in count())
WRONG = {"error": "The user name or the password is wrong."}


def log_in(api: Api, name: str, password: str = PASSWORD) -> requests.Response:
    """The answer to a login without a cookie, from a client of its own: many are slowed down."""
    api.session.cookies.clear()
    body = {"username": name, "password": password}
    return api.post("/api/v1/session", json=body, headers={"X-Forwarded-For": next(CLIENTS)})


def who(api: Api, name: str, password: str = PASSWORD) -> tuple[str, str] | None:
    """Name and role after a login; None where it is refused."""
    answer = log_in(api, name, password)
    if answer.status_code == 401:
        assert answer.json() == WRONG
        return None
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["source"] == "ldap"
    return shown["username"], shown["role"]


def status(path: Path, url: str, **changes: Any) -> int:
    """The status of a right login where the settings are these."""
    path.mkdir()
    with serving(path, LDAP_SERVER=url, **changes) as api:
        return log_in(api, "ann").status_code


def add_account(api: Api, name: str) -> None:
    """Add an admin to the database, as `ndscheduler users add` would."""
    accounts = api.server.context.gate.stores.accounts
    accounts.add(name, hash_password("a word of its own"), Role.ADMIN, Actor("system"))


def at_once(api: Api, names: list[str]) -> list[Any]:
    """Logins that wait at the same time; each is a function that gives its answer."""
    answers: dict[str, requests.Response] = {}

    def ask(name: str) -> None:
        body = {"username": name, "password": PASSWORD}
        answers[name] = requests.post(f"{api.url}/api/v1/session", json=body, timeout=30)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()

    def answer(thread: threading.Thread, name: str) -> requests.Response:
        thread.join()
        return answers[name]

    return [lambda t=t, n=n: answer(t, n) for t, n in zip(threads, names, strict=True)]
