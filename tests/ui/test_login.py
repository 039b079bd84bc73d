"""Logging in and out by the page, and what becomes of open pages when a login ends."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.api.api_server import Api
from tests.ui.accounts import PASSWORD, REFUSED, add_account, guarded, log_in, type_login
from tests.ui.axe import violations
from tests.ui.job_form import new_job
from tests.ui.window import Window


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One server with accounts for all tests of this module, in place of the open one."""
    with guarded(tmp_path_factory.mktemp("server")) as api:
        yield api


def login_is_shown(window: Window) -> None:
    expect(window.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()


def problem(window: Window, sentence: str) -> None:
    expect(window.page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()


def test_before_the_login_nothing_is_asked_but_who_is_logged_in(window: Window) -> None:
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(urlsplit(request.url).path))

    window.open("jobs").settled()

    login_is_shown(window)
    assert [path for path in asked if "/api/" in path] == ["/api/v1/session"]
    assert not [path for path in asked if "worker" in path]
    expect(window.page.get_by_role("navigation")).to_have_count(0)


def test_a_login_leads_where_one_wanted_to_be(window: Window, api: Api) -> None:
    api.add_job(name="Needle in a haystack")
    api.add_job(name="Straw")
    window.open(f"login?next={quote('jobs?q=needle')}")
    expect(window.page.get_by_label("User name")).to_be_focused()

    with window.allowing(REFUSED):
        type_login(window, "ed", "not the password")
        problem(window, "The user name or the password is wrong.")
    expect(window.page.get_by_label("Password", exact=True)).to_be_focused()
    window.page.keyboard.type(PASSWORD)
    window.page.keyboard.press("Enter")

    expect(window.row("Needle in a haystack")).to_be_visible()
    expect(window.row("Straw")).to_have_count(0)
    expect(window.page).to_have_url(f"{window.url}/#jobs?q=needle")
    window.live()


@pytest.mark.parametrize("next_place", ["https://example.org/", "//example.org/", "login"])
def test_a_login_leads_nowhere_else(window: Window, next_place: str) -> None:
    asked: set[str] = set()
    window.page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))

    log_in(window, "ed", f"login?next={quote(next_place)}")

    expect(window.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    assert window.place == ""
    assert asked == {urlsplit(window.url).netloc}


def test_the_login_works_by_keyboard_and_with_password_managers(window: Window) -> None:
    window.open("login")
    user = window.page.get_by_label("User name")
    password = window.page.get_by_label("Password", exact=True)
    assert user.get_attribute("autocomplete") == "username"
    assert password.get_attribute("autocomplete") == "current-password"

    window.page.keyboard.press("Enter")
    expect(window.page.get_by_text("Type your user name.")).to_be_visible()
    expect(user).to_be_focused()
    window.page.keyboard.type("ed")
    window.page.keyboard.press("Tab")
    window.page.keyboard.type(PASSWORD)
    expect(password).to_have_attribute("type", "password")
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Space")
    expect(password).to_have_attribute("type", "text")
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")

    expect(window.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


def test_who_tries_too_often_is_told_how_long_to_wait(window: Window, api: Api) -> None:
    body = {"username": "guess", "password": "wrong"}
    wait = 0.0
    while wait < 3:
        # Attempts that come too early are not counted.
        time.sleep(wait)
        answer = api.post("/api/v1/session", json=body, auth=("ann", PASSWORD))
        wait = float(answer.headers.get("Retry-After", 0))
    window.open("login")

    with window.allowing("status of 429"):
        type_login(window, "guess", "wrong")
        problem(window, "Too many attempts to log in.")
    expect(
        window.page.get_by_role("button", name=re.compile(r"^Try again in \d+ s$"))
    ).to_be_disabled()
    expect(window.button("Log in")).to_be_enabled()

    type_login(window, "ed")
    expect(window.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


def test_a_browser_that_keeps_no_cookie_is_told_so(window: Window, page: Page) -> None:
    def forget_cookies(route: Route) -> None:
        if route.request.method == "GET":
            page.context.clear_cookies()
        route.continue_()

    window.open("login").settled()
    page.route("**/api/v1/session", forget_cookies)

    type_login(window, "ed")

    problem(window, "this browser keeps no cookie of this page")
    expect(window.button("Log in")).to_be_enabled()


def test_a_server_that_is_away_is_told_of_and_found_again(
    window: Window, context: BrowserContext
) -> None:
    window.open("login").settled()

    context.set_offline(True)
    with window.allowing("ERR_INTERNET_DISCONNECTED"):
        type_login(window, "ed")
        problem(window, "The server can not be reached.")
    context.set_offline(False)
    window.page.keyboard.press("Enter")

    expect(window.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


def test_a_database_that_takes_nothing_is_told_of(page: Page, tmp_path: Path) -> None:
    with guarded(tmp_path) as api:
        window = Window(page, api.url).open("login").settled()
        with closing(sqlite3.connect(tmp_path / "datastore.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with window.allowing("status of 503"):
                type_login(window, "ed")
                problem(window, "The database does not answer now")

        window.page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
        window.check()


def test_a_login_that_ends_while_one_types_costs_nothing(window: Window, api: Api) -> None:
    add_account(api, "tess", "editor")
    log_in(window, "tess", "jobs/new").live()
    window.page.get_by_label("Name", exact=True).fill("Half a job")

    api.put("/api/v1/users/tess", json={"password": PASSWORD})

    login_is_shown(window)
    type_login(window, "tess")
    expect(window.page.get_by_role("heading", level=1, name="New job")).to_be_visible()
    expect(window.page.get_by_label("Name", exact=True)).to_have_value("Half a job")


def test_a_save_without_a_login_costs_nothing(window: Window, context: BrowserContext) -> None:
    log_in(window, "ed", "jobs/new").live()
    new_job(window, "Half a job")
    context.clear_cookies()

    with window.allowing(REFUSED):
        window.page.keyboard.press("Control+s")
        login_is_shown(window)
    type_login(window, "ed")

    expect(window.page.get_by_label("Name", exact=True)).to_have_value("Half a job")


def test_what_one_user_typed_is_not_shown_to_the_next(
    window: Window, context: BrowserContext
) -> None:
    log_in(window, "ed", "jobs/new").live()
    new_job(window, "A job of ed's")
    context.clear_cookies()
    with window.allowing(REFUSED):
        window.page.keyboard.press("Control+s")
        login_is_shown(window)

    type_login(window, "ann")

    expect(window.page.get_by_role("heading", level=1, name="New job")).to_be_visible()
    expect(window.page.get_by_label("Name", exact=True)).to_have_value("")


def test_who_logs_out_in_one_tab_is_logged_out_in_all(
    window: Window, context: BrowserContext
) -> None:
    log_in(window, "ed", "jobs").open("logs").live()
    other = Window(context.new_page(), window.url).open("executions?state=failed").live()

    window.choose("More ed", "Log out")

    login_is_shown(window)
    login_is_shown(other)
    window.page.go_back()
    expect(window.page).to_have_url(f"{window.url}/#jobs")
    login_is_shown(window)
    type_login(window, "ed")
    expect(window.page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()
    # As the browser tells it when the tab is looked at again.
    other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.page.get_by_role("heading", level=1, name="Executions")).to_be_visible()
    expect(other.page).to_have_url(f"{other.url}/#executions?state=failed")
    other.check()


def test_a_tab_becomes_that_of_who_logs_in_in_another(
    window: Window, context: BrowserContext
) -> None:
    log_in(window, "ed", "jobs").live()
    body = {"username": "vic", "password": PASSWORD}

    assert context.request.post(f"{window.url}/api/v1/session", data=body).ok

    expect(window.button("More vic")).to_be_visible()
    expect(window.page).to_have_url(f"{window.url}/#jobs")


def test_a_form_that_was_changed_is_asked_for_before_one_logs_out(window: Window) -> None:
    log_in(window, "ed", "jobs/new").live()
    window.page.get_by_label("Name", exact=True).fill("Half a job")

    window.choose("More ed", "Log out")
    expect(window.dialog).to_contain_text("Leave without saving?")
    window.dialog.get_by_role("button", name="Leave").click()

    login_is_shown(window)


def test_the_login_leads_on_who_is_logged_in_already(window: Window) -> None:
    log_in(window, "ed", "jobs")

    window.page.goto(f"{window.url}/login?next={quote('/#logs')}")

    expect(window.page.get_by_role("heading", level=1, name="Audit log")).to_be_visible()
    expect(window.page).to_have_url(f"{window.url}/#logs")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_login_is_readable_and_fits_a_phone(window: Window, theme: str) -> None:
    window.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    window.page.set_viewport_size({"width": 360, "height": 640})
    window.open("login").settled()
    with window.allowing(REFUSED):
        type_login(window, "ed", "wrong")
        problem(window, "The user name or the password is wrong.")

    assert violations(window.page) == []
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 360
