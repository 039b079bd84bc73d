"""A server that asks for a login, with an account of each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.api.api_server import Api, serving
from tests.ui.window import Window

PASSWORD = "correct horse battery"
ROLES = {"ann": "admin", "ed": "editor", "olga": "operator", "vic": "viewer"}
# What the browser says of each refused request.
REFUSED = "status of 401"


@contextmanager
def guarded(directory: Path, **changes: Any) -> Iterator[Api]:
    """A server with the accounts of ROLES; `Api` talks to it as ann.

    `changes` of the settings; with accounts in them, the one named ADMIN_USER adds the others.
    """
    with serving(directory, **changes) as api:
        if "ADMIN_USER" in changes:
            api.session.auth = (changes["ADMIN_USER"], PASSWORD)
        # The admin first: from then on everybody has to log in.
        for name, role in ROLES.items():
            add_account(api, name, role)
            api.session.auth = ("ann", PASSWORD)
        yield api


def add_account(api: Api, name: str, role: str) -> None:
    """Add an account with the usual password."""
    body = {"name": name, "password": PASSWORD, "role": role}
    answer = api.post("/api/v1/users", json=body)
    assert answer.status_code == 201, answer.text


def type_login(window: Window, name: str, password: str = PASSWORD) -> None:
    """Fill in the form of the login, and send it."""
    window.page.get_by_label("User name").fill(name)
    window.page.get_by_label("Password", exact=True).fill(password)
    window.page.keyboard.press("Enter")


def log_in(window: Window, name: str, place: str = "") -> Window:
    """Open `place` as the account `name`."""
    window.open(place)
    type_login(window, name)
    expect(window.page.locator("#header-tools")).to_be_visible()
    expect(window.page.locator("main h1, main h2").first).to_be_visible()
    return window
